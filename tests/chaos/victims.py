"""The processes of an instance over Kafka, to be killed one by one."""

import os
import random
import signal
from collections.abc import Iterator, Sequence

import httpx
import psutil

from services.runtime.databases import LOGS, SERVICES
from tests.chaos.instance import Instance

BROKER, POSTGRES = "broker", "postgres"
KINDS = (
    SERVICES,
    tuple(f"relay-{log}" for log in LOGS),
    ("project",),
    ("stream",),
    ("gateway", "pages"),
    (POSTGRES,),
    (BROKER,),
)
"""Of each kind one is killed before a kind comes again."""
GUARDIANS = {f"{BROKER}'s guardian": BROKER, f"{POSTGRES}'s guardian": POSTGRES}
"""A server falls with its guardian."""
NURSERY = "nursery"
"""What the others are forked from; they go on without it, and the supervisor starts another for those to come."""


def victims(chance: random.Random, kinds: Sequence[Sequence[str]] = KINDS) -> Iterator[str]:
    """Whom to kill, for ever: the kinds in turn, in an order of chance; of a kind each before one comes again."""
    decks: dict[int, list[str]] = {}
    while True:
        for kind in chance.sample(range(len(kinds)), len(kinds)):
            deck = decks.get(kind)
            if not deck:
                deck = decks[kind] = chance.sample(kinds[kind], len(kinds[kind]))
            yield deck.pop()


def pid_of(running: Instance, name: str) -> int:
    """The process id; 0 between two lives.

    PostgreSQL and the broker are under guardians of their own, the others under the supervisor, who tells of them.
    """
    if name in GUARDIANS:
        server = _server(running, GUARDIANS[name])
        guardian = server.parent() if server else None
        return guardian.pid if guardian else 0
    if name in (BROKER, POSTGRES):
        server = _server(running, name)
        return server.pid if server else 0
    if name == NURSERY:
        below = psutil.Process(running.process.pid).children()
        return next((each.pid for each in below if "multiprocessing.forkserver" in " ".join(each.cmdline())), 0)
    answer = httpx.get(f"{running.url}/operations/processes", timeout=20)
    return next((item["pid"] or 0 for item in answer.raise_for_status().json()["items"] if item["name"] == name), 0)


def _server(running: Instance, name: str) -> psutil.Process | None:
    """The first process of a server; the others of PostgreSQL are below its first."""
    program = "java" if name == BROKER else "postgres"
    servers = [each for each in running.family() if each.name() == program]
    return next((each for each in servers if each.parent() not in servers), None)


def kill(running: Instance, name: str, how: signal.Signals = signal.SIGKILL) -> bool:
    """Sends a signal; False where the process is between two lives."""
    return bool(signalled(running, name, how))


def signalled(running: Instance, name: str, how: signal.Signals) -> int:
    """Sends a signal; answers to which process, 0 where it is between two lives."""
    try:
        pid = pid_of(running, name)
        if pid:
            os.kill(pid, how)
    except (httpx.HTTPError, psutil.NoSuchProcess, ProcessLookupError):
        return 0
    return pid
