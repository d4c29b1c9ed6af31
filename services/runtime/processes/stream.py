"""The rules over Kafka as a process: a stream worker, one of any number."""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path

import structlog

from services.analytics.rules.facts import SOURCES
from services.analytics.rules.rule import by_name
from services.analytics.rules.settling import settle
from services.analytics.rules.stream.topics import rules_topics
from services.analytics.rules.stream.worker import StreamWorker, Surroundings, WorkerFell
from services.chassis.eventstore.types import Recorded
from services.chassis.host import Half
from services.chassis.http.health import Check, NotReady, database_answers, records_are_true
from services.chassis.http.lag import Course, head_of
from services.chassis.kafka.connection import client_arguments
from services.chassis.kafka.rights import REFUSED, named
from services.chassis.projections import deadletters
from services.chassis.service import ServiceContext
from services.chassis.settings import Settings
from services.runtime import principals
from services.runtime.composition import READS_ALL
from services.runtime.processes.elsewhere import OverHttp
from services.runtime.processes.probes import probes
from services.runtime.processes.service import alone
from services.runtime.topics import check_topics, events_of
from services.runtime.web import serve_http

logger = structlog.get_logger(__name__)
NAME = "rules"


async def watch_streams(settings: Settings) -> None:
    """Runs the rules over the services' topics; until a signal.

    Raises:
        SettingMissing: something that it needs was not set. KafkaRefused, TopicMissing, TopicDiffers: it cannot
            begin.
    """
    topics = [*events_of(settings, SOURCES), *rules_topics(settings)]
    await check_topics(settings, topics, principals.stream(settings))
    async with alone(settings, READS_ALL, lambda _: Half(), OverHttp) as part, _folder(settings) as folder:
        context = part.context
        worker = StreamWorker(settings, surroundings(context), folder)
        watch = Watch(context, worker)

        async def ping() -> object:
            return await context.database.pool.fetchval("select 1")

        checks = [database_answers(ping), Check(NAME, watch.check), records_are_true(context.telemetry)]
        await serve_http(probes(checks, context.telemetry, watch.measure), settings, partial(work, settings, worker))


async def work(settings: Settings, worker: StreamWorker, stop: asyncio.Event) -> None:
    """Runs it until the event is set; where Faust has given up, this process ends at once.

    Faust's supervisors start again what the end of a loop cancels, so it would never end in order; nothing is lost by
    this that a kill would not lose.
    """
    try:
        await worker.run(stop)
    except (WorkerFell, *REFUSED) as fell:
        if refused := _refusal(fell):
            why = await named(client_arguments(settings), principals.stream(settings), refused)
            await logger.aerror("rules_worker_refused", reason=str(why))
        else:
            await logger.aexception("rules_worker_crashed")
        os._exit(1)


def _refusal(error: BaseException | None) -> Exception | None:
    """What Kafka refused, where that is what it fell of."""
    while error is not None and not isinstance(error, REFUSED):
        error = error.__cause__
    return error


def surroundings(context: ServiceContext) -> Surroundings:
    """What the rules need of analytics."""

    async def set_aside(recorded: Recorded, error: Exception) -> None:
        async with context.database.pool.acquire() as connection:
            await deadletters.put(connection, NAME, recorded, deadletters.reason(error))

    return Surroundings(
        tuple(by_name().values()),
        partial(settle, context.handler),
        set_aside,
        context.clock,
        {source: context.readers[source] for source in SOURCES},
        context.checkpoints,
        context.telemetry.topic_records,
    )


class Watch:
    """How far the rules are behind, and whether they stand still."""

    def __init__(self, context: ServiceContext, worker: StreamWorker) -> None:
        self._context = context
        self._worker = worker
        self._courses = {source: Course() for source in SOURCES}

    async def measure(self) -> None:
        """Sets the metrics of lag."""
        await self._stalled()

    async def check(self) -> None:
        """They move, or have nothing to do. Raises NotReady."""
        for each in await self._context.checkpoints.stopped():
            if each.projection == NAME:
                raise NotReady(f"The rules have stopped: {each.reason}")
        if self._worker.trouble:
            raise NotReady(self._worker.trouble)
        if stalled := await self._stalled():
            behind = ", ".join(f"{number} events of {source}" for source, number in stalled.items())
            raise NotReady(f"The rules stand still, {behind} behind")

    async def _stalled(self) -> Mapping[str, int]:
        read = await self._worker.read()
        stalled = {}
        for source, position in read.items():
            head = await head_of(self._context, source)
            course = self._courses[source]
            behind, seconds, still = course.sample(time.monotonic(), max(head or 0, position), position)
            self._context.telemetry.lag(NAME, source, behind, seconds)
            if still:
                stalled[source] = behind
        return stalled


@contextlib.asynccontextmanager
async def _folder(settings: Settings) -> AsyncIterator[Path]:
    """Where the tables lie; for this life only where no place is set: they come back from their changelogs."""
    if settings.stream_folder is not None:
        yield settings.stream_folder
        return
    with tempfile.TemporaryDirectory(prefix="maplebridge-stream-") as folder:
        yield Path(folder)
