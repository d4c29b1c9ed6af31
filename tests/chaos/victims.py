"""The processes of an instance over Kafka, to be killed one by one."""

import os
import random
import signal
from collections.abc import Iterator

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


def victims(chance: random.Random) -> Iterator[str]:
    """Whom to kill, for ever: the kinds in turn, in an order of chance; of a kind each before one comes again."""
    decks: dict[int, list[str]] = {}
    while True:
        for kind in chance.sample(range(len(KINDS)), len(KINDS)):
            deck = decks.get(kind)
            if not deck:
                deck = decks[kind] = chance.sample(KINDS[kind], len(KINDS[kind]))
            yield deck.pop()


def pid_of(running: Instance, name: str) -> int:
    """The process id; 0 between two lives.

    PostgreSQL and the broker are under guardians of their own, the others under the supervisor, who tells of them.
    """
    if name == BROKER:
        return next((each.pid for each in running.family() if each.name() == "java"), 0)
    if name == POSTGRES:
        servers = [each for each in running.family() if each.name() == "postgres"]
        return next((each.pid for each in servers if each.parent() not in servers), 0)
    answer = httpx.get(f"{running.url}/operations/processes", timeout=20)
    return next((item["pid"] or 0 for item in answer.raise_for_status().json()["items"] if item["name"] == name), 0)


def kill(running: Instance, name: str, how: signal.Signals = signal.SIGKILL) -> bool:
    """Sends a signal; False where the process is between two lives."""
    try:
        pid = pid_of(running, name)
        if pid:
            os.kill(pid, how)
    except (httpx.HTTPError, psutil.NoSuchProcess, ProcessLookupError):
        return False
    return bool(pid)
