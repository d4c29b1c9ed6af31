"""A stream worker as a process that kills itself where it is told to.

It writes what it has read to a file, so that a test can wait for it.
"""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from faust.tables.recovery import Recovery
from faust.transport.drivers.aiokafka import Consumer

from services.analytics.rules.stream import shift
from services.analytics.rules.stream.line import Line
from services.analytics.rules.stream.worker import StreamWorker
from services.chassis.eventstore.lineage import Lineage
from services.chassis.eventstore.types import Head, Recorded
from services.chassis.kafka import stream
from services.chassis.kafka.stream import batches
from services.chassis.kafka.watchdog import Watchdog
from services.chassis.settings import Settings
from services.chassis.windows.faust import FaustWindows, TableStore
from services.runtime.processes.stream import work
from tests.integration.rules.district import RULES, district
from tests.integration.rules.stage import LINEAGES, Analytics, StoodClock
from tests.versions import bumped


@dataclass
class FollowedLog:
    """A district's log, as far as the file says that it has come."""

    source: str
    heads: Path
    size: int
    seed: int

    async def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        return district(self.size, self.seed).logs[self.source][after : min(after + limit, self._upto())]

    async def head(self) -> Head:
        return Head(self._upto(), b"", datetime.now().astimezone(), LINEAGES[self.source])

    async def lineages(self) -> list[Lineage]:
        return [Lineage(LINEAGES[self.source], 0)]

    def _upto(self) -> int:
        return int(json.loads(self.heads.read_text())[self.source])


def dies(at: int, how: signal.Signals) -> Callable[[Any, bool], Any]:
    """Wraps a function: at its n-th call the process is killed before it, or right after it; or put to sleep."""
    calls = 0

    def counted() -> bool:
        nonlocal calls
        calls += 1
        return calls == at

    def wrap(function: Any, after: bool) -> Any:
        async def waited(*arguments: Any, **more: Any) -> Any:
            now = counted()
            if now and not after:
                os.kill(os.getpid(), how)
            answer = await function(*arguments, **more)
            if now:
                os.kill(os.getpid(), how)
            return answer

        def called(*arguments: Any, **more: Any) -> Any:
            now = counted()
            if now and not after:
                os.kill(os.getpid(), how)
            answer = function(*arguments, **more)
            if now:
                os.kill(os.getpid(), how)
            return answer

        return waited if asyncio.iscoroutinefunction(function) else called

    return wrap


async def fall(*_: Any) -> None:
    """What Faust gives up on."""
    raise AssertionError


async def stand_still(*_: Any) -> None:
    """What Faust waits for, and what never comes."""
    await asyncio.Event().wait()


async def breaking(*arguments: Any) -> Any:
    """Hands two batches over, and breaks at the third."""
    handed = 0
    async for events in batches(*arguments):
        if handed == 2:
            raise RuntimeError
        handed += 1
        yield events


def fault(point: str, at: int, how: str, settle: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Sets a fault; answers what settles alerts from now on."""
    wrap = dies(at, signal.Signals[how])
    match point:
        case "alert":  # it stands in the log, the state behind it nowhere
            return wrap(settle, True)
        case "changelog":  # before anything of a batch is in the changelog
            FaustWindows._write = wrap(FaustWindows._write, False)  # type: ignore[method-assign]
        case "store":  # in the changelog, not on the disk
            TableStore.put = wrap(TableStore.put, False)  # type: ignore[method-assign]
        case "state":  # in both, and the offset is not committed
            FaustWindows._write = wrap(FaustWindows._write, True)  # type: ignore[method-assign]
        case "sent":  # the facts are on their way, and nobody remembers it
            Line.send = wrap(Line.send, True)  # type: ignore[method-assign]
        case "stand still":  # it has come back, and says so to nobody
            Recovery.on_recovery_completed = stand_still  # type: ignore[method-assign]
            shift.Watchdog = partial(Watchdog, patience=3)  # type: ignore[assignment,misc]
        case "break":  # what takes records in, while it has some in hand
            shift.batches = breaking  # type: ignore[assignment]
        case "fall":  # a task of Faust's own ends with an error
            Consumer.verify_all_partitions_active = fall  # type: ignore[method-assign]
    return settle


async def main(told: dict[str, Any]) -> None:
    clock = StoodClock(datetime.fromisoformat(told["now"]))
    analytics = await Analytics.open(told["dsn"], clock)
    folder = Path(told["folder"])
    logs = {source: FollowedLog(source, folder / "heads.json", told["size"], told["seed"]) for source in LINEAGES}
    around = analytics.surroundings(RULES, clock, logs)
    stream.SESSION = told["session"]
    if told["fault"]:
        around = replace(around, settle=fault(*told["fault"], around.settle))
    settings = Settings(kafka=told["kafka"], topic_prefix=told["prefix"], topic_partitions=told["partitions"])
    worker = StreamWorker(settings, around, folder / told["name"], every=0.3)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    running = asyncio.create_task(work(settings, worker, stop))
    while not running.done():
        heads = json.loads((folder / "heads.json").read_text())
        shown = heads if await worker.settled(heads) else {}
        written = folder / f"{told['name']}.new"
        written.write_text(json.dumps([shown, await worker.read()]))
        written.replace(folder / f"{told['name']}.json")
        await asyncio.wait((running,), timeout=0.1)
    await running
    await analytics.close()


def run(told: dict[str, Any]) -> None:
    """The whole of what the process does."""
    with bumped() if told["second_versions"] else contextlib.nullcontext():
        asyncio.run(main(told))
