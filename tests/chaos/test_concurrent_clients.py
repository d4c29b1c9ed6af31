"""Clients of several processes write one log while PostgreSQL, connections and the processes themselves are harmed.

Afterwards a checker looks at the recorded history: nothing acknowledged is lost, nothing is there that was refused,
repeats are equal, and versions of each stream are linearizable. MAPLEBRIDGE_CHAOS_SECONDS sets how long it goes on.
"""

import asyncio
import contextlib
import itertools
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import psutil

from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.verify import verify
from services.chassis.postgres import Database
from tests.chaos.history import Outcome, Sending, Stored, check
from tests.proxy import Cut, CuttingProxy

SECONDS = float(os.environ.get("MAPLEBRIDGE_CHAOS_SECONDS", "8"))
PROCESSES = 3
LASTS = 0.4
"""Seconds that a process stays stopped, or cuts follow each other."""
GO_ON, PATIENCE = 40, 30
"""After each harm so many more appends are answered, within so many seconds: a log that never works is right too."""
ANSWERED = b'"outcome":"appended"'


class Harm:
    """Client processes, and everything that is done to them and to PostgreSQL."""

    def __init__(self, postgres, proxy: CuttingProxy, folder: Path) -> None:
        self._postgres, self._proxy, self._folder = postgres, proxy, folder
        self._chance = random.Random(7)  # noqa: S311 - a repeatable mixture
        self._names = (f"p{number}" for number in itertools.count())
        self._clients: list[asyncio.subprocess.Process] = []
        self.done: Counter[str] = Counter()

    async def start(self) -> None:
        """One more client process."""
        command = [sys.executable, "-m", "tests.chaos.client", self._proxy.dsn, next(self._names), str(self._folder)]
        self._clients.append(await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE))

    async def go_on_harming(self, seconds: float) -> None:
        """Harms in turn for as long; each of them at least once."""
        deadline = asyncio.get_running_loop().time() + seconds
        kinds = (self.cut, self.stop_a_client, self.cut, self.stop_a_backend, self.kill_postgres, self.kill_a_client)
        for turn, kind in enumerate(itertools.cycle(kinds)):
            if turn >= len(kinds) and asyncio.get_running_loop().time() > deadline:
                return
            await kind()
            self.done[kind.__name__] += 1
            await self._goes_on()

    async def _goes_on(self) -> None:
        """Waits until work flows again by itself."""
        wanted = self._answered() + GO_ON
        async with asyncio.timeout(PATIENCE):
            while True:
                if self._answered() >= wanted:
                    return
                await asyncio.sleep(0.05)

    def _answered(self) -> int:
        return sum(file.read_bytes().count(ANSWERED) for file in self._folder.glob("*.jsonl"))

    async def cut(self) -> None:
        """Cuts the connection at one of the next round trips: in mid-commit, before or after PostgreSQL has heard."""
        for _ in range(5):
            self._proxy.cut(Cut(self._chance.randint(1, 20), self._chance.random() < 0.7))
            await asyncio.sleep(LASTS / 5)

    async def stop_a_client(self) -> None:
        """SIGSTOP: its transaction stays open, and it comes back without knowing."""
        await self._stopped(self._chance.choice(self._clients).pid)

    async def stop_a_backend(self) -> None:
        """SIGSTOP of the server's side of a connection, perhaps while it holds the head."""
        with contextlib.suppress(psutil.NoSuchProcess, IndexError):
            backends = [
                child
                for child in psutil.Process(self._postgres.pid).children()
                if any("maplebridge_app" in word for word in child.cmdline())
            ]
            await self._stopped(self._chance.choice(backends).pid)

    async def kill_postgres(self) -> None:
        """kill -9 of its first process; its guardian starts it again."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._postgres.pid, signal.SIGKILL)
        await self._postgres.server.ready()

    async def kill_a_client(self) -> None:
        """kill -9, and another one in its place."""
        victim = self._clients.pop(0)
        victim.kill()
        await victim.wait()
        await self.start()

    async def end(self) -> None:
        """Lets every client finish what it has sent."""
        self._proxy.cut(None)
        for client in self._clients:
            assert client.stdin is not None
            client.stdin.close()
        codes = [await asyncio.wait_for(client.wait(), 90) for client in self._clients]
        assert codes == [0] * len(codes)

    async def _stopped(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(LASTS)
            os.kill(pid, signal.SIGCONT)


def recorded(folder: Path) -> list[Sending]:
    """The history that the clients have written down."""
    requests: dict[str, dict[str, Any]] = {}
    for file in folder.glob("*.jsonl"):
        for line in file.read_bytes().splitlines():
            with contextlib.suppress(orjson.JSONDecodeError):  # the last line of a process that was killed
                part = orjson.loads(line)
                requests.setdefault(part["number"], {}).update(part)
    return [
        Sending(
            command=request.get("command"),
            stream=request["stream"],
            invoked=request["invoked"],
            returned=request.get("returned"),
            outcome=Outcome(request.get("outcome", "unknown")),
            version=request.get("version"),
            position=request.get("position"),
            expected=request.get("expected"),
            seen=tuple(request.get("seen", ())),
        )
        for request in requests.values()
    ]


async def stored(store: EventStore) -> list[Stored]:
    """The whole log."""
    log: list[Stored] = []
    while events := await store.read(len(log)):
        log += [Stored(event.position, event.stream, event.version, event.about["command"]) for event in events]
    return log


async def test_the_log_did_what_its_clients_were_told(private_postgres, tmp_path, capsys):
    fresh = await private_postgres.databases.fresh()
    async with CuttingProxy(fresh.app) as proxy:
        harm = Harm(private_postgres, proxy, tmp_path)
        for _ in range(PROCESSES):
            await harm.start()
        await harm.go_on_harming(SECONDS)
        await harm.end()
    database = await Database.open("registry", fresh.app)
    store = EventStore("registry", database.pool)
    history, log = recorded(tmp_path), await stored(store)
    assert [known.position async for known in verify(store)][-1] == len(log)
    await database.close()

    outcomes = Counter(sending.outcome for sending in history)
    with capsys.disabled():
        told = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(outcomes.items()))
        print(f"\n{len(history):,} operations ({told}), {len(log):,} events; {dict(harm.done)}")  # noqa: T201
    assert all(outcomes[outcome] for outcome in Outcome), "the history is too easy to say anything"
    assert check(history, log) == []
