"""The rules over Kafka beside two loops of Faust over the same topics: one that keeps nothing, and a table's."""

import asyncio
import contextlib
import os
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, cast

import faust
from aiokafka.admin import AIOKafkaAdminClient

from contracts.topics import events_topic
from services.analytics.rules.rule import shipped
from services.analytics.rules.stream.shift import Shift, Surroundings
from services.analytics.rules.stream.topics import group
from services.chassis.kafka.stream import stream_app
from services.chassis.kafka.topics import apply, compacted
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.settings import Settings
from services.runtime.processes.nursery import fork
from tests.benchmarks.a_log import broker
from tests.benchmarks.measure import RateMeasure, sized
from tests.benchmarks.timing import while_running
from tests.integration.rules.district import KINDS, NOW, District, district
from tests.integration.rules.stage import MemoryLog, Stage, StoodClock

EVENTS, MANY = sized(8_000, 200), sized(40_000, 400)
PARTITIONS = 6
SAYS = "worker:"


class StreamMeasure(RateMeasure):
    """Three topics, filled anew before each round of ours; what counts is the time from the first record to the last.

    The worker reads a history, so it gathers facts first and looks at all units in the end, which is counted too. The
    alerts go nowhere: how quick a log is, others measure.
    """

    unit = "events/s"
    events = EVENTS

    async def prepare(self) -> None:
        """Starts Kafka and invents a district."""
        self.stack = contextlib.AsyncExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.kafka = await broker(self.stack)
        self.district = district(self.events)
        self.settings = self._settings("none")
        self.first = 0.0

    async def clean(self) -> None:
        """Stops it all."""
        await self.stack.aclose()

    def _settings(self, prefix: str) -> Settings:
        return Settings(kafka=self.kafka, topic_prefix=prefix, topic_partitions=PARTITIONS)

    async def ours(self) -> int:
        """A worker, until the rules have looked at everything."""
        began, self.first = time.monotonic(), 0.0
        self.settings = self._settings(f"bench-{secrets.token_hex(4)}")
        stage = Stage(self.settings, self.district, self.folder)
        await stage.make_topics()
        await stage.publish(self.district.heads)
        around = Surroundings(shipped(), _settle, _set_aside, StoodClock(NOW), stage.logs(), _nobody(), self._count)
        app = stream_app(self.settings, group(self.settings), self.folder / self.settings.topic_prefix)
        shift = Shift(app, self.settings, around, 0.1)
        async with running(app):
            ticking = asyncio.create_task(shift.run())
            await while_running(_settled(shift, self.district), ticking)
            done = time.monotonic()
            ticking.cancel()
        self.idle = time.monotonic() - began - (done - self.first)
        return EVENTS

    def _count(self, *_: Any) -> None:
        self.first = self.first or time.monotonic()

    async def loop(self, app: faust.App, work: Any) -> int:
        """Faust's plain loop over all events."""
        began, first, seen, finished = time.monotonic(), 0.0, 0, asyncio.Event()
        names = [events_topic(source, self.settings.topic_prefix) for source in KINDS]

        async def each(stream: Any) -> None:
            nonlocal first, seen
            async for event in stream.events():
                first = first or time.monotonic()
                if event.key is not None:
                    work(event)
                    seen += 1
                    if seen == EVENTS:
                        finished.set()

        app.agent(app.topic(*names, key_type=bytes, value_type=bytes), name="each")(each)
        async with running(app):
            await finished.wait()
            done = time.monotonic()
        self.idle = time.monotonic() - began - (done - first)
        return EVENTS


class RulesBesideNothing(StreamMeasure):
    """Beside a loop that does nothing with what it reads."""

    name = "stream-rules"
    against = "a Faust loop that keeps nothing"
    target = 0.6

    async def reference(self) -> int:
        """Reads."""
        app = stream_app(self.settings, f"reading-{secrets.token_hex(4)}", self.folder / "nothing")
        return await self.loop(app, lambda _: None)


class RulesBesideTable(StreamMeasure):
    """Beside a loop that writes each event to a table of Faust."""

    name = "stream-rules-table"
    against = "a Faust loop with a table write an event"
    target = 2.0

    async def reference(self) -> int:
        """Reads and writes."""
        name = f"writing-{secrets.token_hex(4)}"
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        await apply(admin, [compacted(f"{name}-events-changelog", PARTITIONS, 1)])
        await admin.close()
        app = stream_app(self.settings, name, self.folder / name)
        table = app.Table("events", partitions=PARTITIONS, key_type=bytes, value_type=bytes)

        def write(event: Any) -> None:
            table[event.key] = event.value

        return await self.loop(app, write)


class TwoWorkers(StreamMeasure):
    """Two workers that share the partitions, beside one that has them all; events come once both are at work.

    Workers are processes, which stand beside the broker and PostgreSQL on the same cores.
    """

    name = "stream-workers"
    events = MANY
    against = "one worker"
    target = 1.2

    async def ours(self) -> int:
        """Two."""
        return await self._by(2)

    async def reference(self) -> int:
        """One."""
        return await self._by(1)

    async def _by(self, workers: int) -> int:
        began = time.monotonic()
        self.settings = self._settings(f"bench-{secrets.token_hex(4)}")
        stage = Stage(self.settings, self.district, self.folder)
        await stage.make_topics()
        folder = self.folder / self.settings.topic_prefix
        folder.mkdir()
        logs = [folder / f"{number}.log" for number in range(workers)]
        processes = [
            fork("worker", partial(work, self.settings, log.with_suffix(""), workers), os.environ, log) for log in logs
        ]
        try:
            await _said(logs, 1, processes)
            first = time.monotonic()
            await stage.publish(self.district.heads)
            last = max(float(done) for _, done in await _said(logs, 2, processes))
        finally:
            for process in processes:
                process.kill()
                process.join()
        self.idle = time.monotonic() - began - (last - first)
        return MANY


def work(settings: Settings, folder: Path, workers: int) -> None:
    """A worker in a process of its own: says that it has its share, and when it has looked at all of it."""
    asyncio.run(_work(settings, folder, workers))


async def _work(settings: Settings, folder: Path, workers: int) -> None:
    invented = district(MANY)
    logs = {source: MemoryLog(source, log, len(log)) for source, log in invented.logs.items()}
    around = Surroundings(shipped(), _settle, _set_aside, StoodClock(NOW), logs, _nobody())
    app = stream_app(settings, group(settings), folder)
    shift = Shift(app, settings, around, 0.1)
    async with running(app):
        ticking = asyncio.create_task(shift.run())
        await while_running(_has_its_share(shift, workers), ticking)
        print(SAYS, "at work", flush=True)
        await while_running(_settled(shift, invented), ticking)
        print(SAYS, time.monotonic(), flush=True)
        await ticking


async def _has_its_share(shift: Shift, workers: int) -> None:
    while len(await shift.ours()) * workers != PARTITIONS:  # noqa: ASYNC110 - what is ours sets no event
        await asyncio.sleep(0.02)


async def _settled(shift: Shift, invented: District) -> None:
    while not (  # noqa: ASYNC110 - what was read sets no event
        (ours := await shift.ours()) and shift.units.settled(ours, invented.heads)
    ):
        await asyncio.sleep(0.02)


async def _said(logs: Sequence[Path], times: int, processes: Sequence[BaseProcess]) -> list[list[str]]:
    """What workers have said, once each has said so much.

    Raises:
        RuntimeError: a worker ended before.
    """
    while True:
        if dead := [process.exitcode for process in processes if not process.is_alive()]:
            raise RuntimeError(f"Workers ended with {dead}: {[log.read_text()[-2000:] for log in logs]}")
        lines = [log.read_text().splitlines() if log.exists() else [] for log in logs]
        said = [[line.removeprefix(SAYS) for line in each if line.startswith(SAYS)] for each in lines]
        if all(len(each) >= times for each in said):
            return said
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def running(app: faust.App) -> AsyncIterator[None]:
    """An application for the length of a block."""
    await app.start()
    try:
        yield
    finally:
        await app.stop()


class _Nobody:
    """Stands where a stop would be put on record."""

    async def stop(self, *_: Any) -> None:
        raise AssertionError


def _nobody() -> Checkpoints:
    return cast("Checkpoints", _Nobody())


async def _settle(*_: Any) -> None:
    """Nobody is told."""


async def _set_aside(_: Any, error: Exception) -> None:
    raise error
