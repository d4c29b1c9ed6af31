"""A process with many clients of one log, as several service processes beside each other would be.

    python -m tests.chaos.client DSN NAME FOLDER

It appends and reads until standard input ends, and writes each invocation and each return to FOLDER/NAME.jsonl before
it goes on, so that a kill takes no more with it than the answers that were under way.
"""

import asyncio
import contextlib
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, CommandRecord, NewEvent, Overloaded, VersionConflict
from services.chassis.ids import uuid7
from services.chassis.postgres import AWAY, Database

CLIENTS = 16
STREAMS = 12
RESENDS = 8


class Client:
    """Sends one request after the other; whatever is not answered is sent again now and then."""

    def __init__(self, store: EventStore, name: str, history: BinaryIO) -> None:
        self._store, self._name, self._history = store, name, history
        self._chance = random.Random(name)  # noqa: S311 - a repeatable mixture
        self._known: dict[str, int] = {}
        self._sent = 0

    async def run(self, ended: asyncio.Event) -> None:
        """Until told to end."""
        while not ended.is_set():
            stream = f"s-{self._chance.randrange(STREAMS)}"
            if self._chance.random() < 0.25:
                await self._read(stream)
            else:
                await self._command(stream, ended)

    async def _read(self, stream: str) -> None:
        number = self._invoked(stream=stream)
        with contextlib.suppress(*AWAY):
            seen = [past.about["command"] for past in await self._store.load(stream)]
            self._known[stream] = len(seen)
            self._returned(number, outcome="read", version=len(seen), seen=seen)

    async def _command(self, stream: str, ended: asyncio.Event) -> None:
        command = f"{self._name}-{self._sent}"
        expected = self._known.get(stream, 0) if self._chance.random() < 0.3 else None
        for _ in range(RESENDS):
            answered = await self._send(stream, command, expected)
            if (answered and self._chance.random() > 0.1) or ended.is_set():
                return

    async def _send(self, stream: str, command: str, expected: int | None) -> bool:
        number = self._invoked(stream=stream, command=command, expected=expected)
        now = datetime.now(UTC)
        event = NewEvent(uuid7(), "test.done.v1", b"{}", orjson.dumps({"command": command}), now)
        record = CommandRecord(self._name, command, b"")
        try:
            appended = await self._store.append(Append(stream, expected, (event,), now, record))
        except VersionConflict as conflict:
            self._known[stream] = conflict.actual
            self._returned(number, outcome="refused", version=conflict.actual)
        except Overloaded:
            self._returned(number, outcome="refused")
        except AWAY:
            self._returned(number, outcome="unknown")
            await asyncio.sleep(self._chance.uniform(0, 0.3))
            return False
        else:
            self._known[stream] = appended.version
            self._returned(number, outcome="appended", version=appended.version, position=appended.last)
        return True

    def _invoked(self, **request: Any) -> str:
        self._sent += 1
        number = f"{self._name}-{self._sent}"
        self._write(number=number, invoked=time.monotonic_ns(), **request)
        return number

    def _returned(self, number: str, **answer: Any) -> None:
        self._write(number=number, returned=time.monotonic_ns(), **answer)

    def _write(self, **line: Any) -> None:
        self._history.write(orjson.dumps(line) + b"\n")
        self._history.flush()


async def opened(dsn: str) -> Database:
    """The database, as soon as it can be reached."""
    while True:
        with contextlib.suppress(*AWAY):
            return await Database.open("registry", dsn, connections=4)
        await asyncio.sleep(0.05)


async def main(dsn: str, name: str, folder: Path) -> None:
    """Runs all clients until standard input ends."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, ended.set)
    database = await opened(dsn)
    store = EventStore("registry", database.pool)
    with (folder / f"{name}.jsonl").open("ab") as history:
        await asyncio.gather(*(Client(store, f"{name}-{each}", history).run(ended) for each in range(CLIENTS)))
    await store.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
