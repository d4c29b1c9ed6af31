"""Runs the rules: merges the logs by time, appends what is found, then remembers, in one transaction a step."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import asyncpg

from services.analytics.rules.alarm import Alarm
from services.analytics.rules.engine import Engine
from services.analytics.rules.facts import SOURCES
from services.analytics.rules.rule import AnyRule, by_name
from services.analytics.rules.settling import settle
from services.analytics.rules.telling import SetAside
from services.chassis.clock import Clock
from services.chassis.eventstore.types import Recorded
from services.chassis.handler import CommandHandler
from services.chassis.postgres import Session
from services.chassis.projections import checkpoints, deadletters
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.projections.standstill import stand_still
from services.chassis.service import ServiceContext, Worker
from services.chassis.subscriptions.subscription import (
    WHOLE,
    Batch,
    Mark,
    Move,
    MustRebuild,
    Reading,
    Subscription,
)
from services.chassis.windows import PostgresWindows

NAME = "rules"
HOLD = "select position from projections.checkpoints where projection = $1 order by source, partition for update"
FORGET = (
    'update projections.checkpoints set position = 0, lineage = null, "offset" = null where projection = $1',
    "delete from projections.dead_letters where projection = $1",
    "delete from projections.stopped where projection = $1",
    "delete from windows.state where name = $1",
)


@dataclass
class Pending:
    """What came from one source and was not taken in yet. events: the rest of a batch. held, to: its mark's way."""

    held: Mark
    to: Mark
    events: list[Recorded]


@dataclass(frozen=True)
class Step:
    """What is taken in at once. moves: of the marks, by source. watermark: all logs are read up to then."""

    events: list[Recorded]
    moves: Mapping[str, Move]
    watermark: datetime


def merge(pending: dict[str, Pending], now: datetime) -> Step:
    """Takes from what is pending all that is older than the youngest that any of the batches reaches.

    Events of several logs come in the order in which they were recorded, so that a history that is read again looks
    to the rules as it did when it happened. The rules do not rely on it: another order only means revisions.
    """
    bound = min((batch.events[-1].recorded_at for batch in pending.values() if batch.events), default=now)
    events: list[Recorded] = []
    moves = {}
    for source in sorted(pending):
        batch = pending[source]
        ready = [event for event in batch.events if event.recorded_at <= bound]
        if batch.events and not ready:
            continue
        batch.events = batch.events[len(ready) :]
        to = replace(batch.to, position=ready[-1].position) if batch.events and ready else batch.to
        moves[source] = Move(WHOLE, batch.held, to)
        batch.held = to
        events += ready
        if not batch.events:
            del pending[source]
    events.sort(key=lambda event: (event.recorded_at, event.source, event.position))
    watermark = min((batch.events[0].recorded_at for batch in pending.values()), default=now)
    return Step(events, moves, min(watermark, bound if pending else now))


class RuleRunner:
    """Keeps the rules up to date with the logs.

    Args:
        pool: of analytics' database. handler: of its own log. pause: how long to wait for the other logs when one
            has something.
    """

    def __init__(
        self,
        rules: Mapping[str, AnyRule],
        pool: "asyncpg.Pool[asyncpg.Record]",
        handler: CommandHandler,
        clock: Clock,
        subscriptions: Mapping[str, Subscription],
        *,
        every: float = 1.0,
        pause: float = 0.02,
    ) -> None:
        self._rules = rules
        self._pool = pool
        self._checkpoints = Checkpoints(pool)
        self._handler = handler
        self._clock = clock
        self._subscriptions = subscriptions
        self._every = every
        self._pause = pause
        self._alarm = Alarm()

    async def run(self, stop: asyncio.Event) -> None:
        """Until it is told to stop; whatever goes wrong ends it, and it begins again at its checkpoints."""
        async with contextlib.AsyncExitStack() as stack:
            marks = self._checkpoints.marks(NAME)
            sources = {
                source: await stack.enter_async_context(self._subscriptions[source].reading(marks))
                for source in SOURCES
            }
            await self._follow(sources, stop)

    async def reset(self) -> None:
        """Forgets windows and checkpoints: all logs are read again; alerts that come out again stay as they are."""
        async with self._pool.acquire() as connection, connection.transaction():
            for statement in FORGET:
                await connection.execute(statement, NAME)

    async def _follow(self, sources: Mapping[str, Reading], stop: asyncio.Event) -> None:
        pending: dict[str, Pending] = {}
        coming: dict[str, asyncio.Task[Batch]] = {}
        try:
            while not stop.is_set():
                for source, reading in sources.items():
                    if source not in pending and source not in coming:
                        coming[source] = asyncio.create_task(reading.batch())
                await self._gather(pending, coming)
                if pending:
                    await self.take(merge(pending, self._clock.now()))
                else:
                    await self.tick()
        finally:
            for task in coming.values():
                task.cancel()
            await asyncio.gather(*coming.values(), return_exceptions=True)

    async def _gather(self, pending: dict[str, Pending], coming: dict[str, "asyncio.Task[Batch]"]) -> None:
        if not pending and coming:
            await asyncio.wait(coming.values(), timeout=self._every, return_when=asyncio.FIRST_COMPLETED)
        if coming and (pending or any(task.done() for task in coming.values())):
            # a log that has something gets a moment to say so, before the others go ahead of it
            await asyncio.wait(coming.values(), timeout=self._pause)
        for source, task in list(coming.items()):
            if task.done():
                del coming[source]
                await self._pend(pending, source, task)

    async def _pend(self, pending: dict[str, Pending], source: str, task: "asyncio.Task[Batch]") -> None:
        try:
            batch = task.result()
        except MustRebuild as error:
            await stand_still(self._checkpoints, NAME, source, error)
            raise
        if batch.moved:
            (move,) = batch.moves
            pending[source] = Pending(move.held, move.to, list(batch.events))

    async def take(self, step: Step) -> None:
        """Takes a step in: alerts are appended first, then memory and checkpoints change together.

        Raises:
            CheckpointMoved: somebody else runs these rules too.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            for source, move in step.moves.items():
                await checkpoints.move(connection, NAME, Batch(source, (move,), ()))
            windows = PostgresWindows(connection, self._pool, NAME)
            engine = Engine(self._rules.values(), partial(settle, self._handler), _setting_aside(connection))
            await engine.take(windows, step.events, self._clock.now(), step.watermark)
            await windows.keep()
        self._alarm.disturb()

    async def tick(self) -> None:
        """Looks at what falls due by the clock, when it is time."""
        now = self._clock.now()
        if not self._alarm.rings(now):
            return
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.fetch(HOLD, NAME)  # two runners take turns
            windows = PostgresWindows(connection, self._pool, NAME)
            engine = Engine(self._rules.values(), partial(settle, self._handler), _setting_aside(connection))
            wake = await engine.tick(windows, now)
            await windows.keep()
        self._alarm.set(wake)


def _setting_aside(connection: Session) -> SetAside:
    async def set_aside(recorded: Recorded, error: Exception) -> None:
        await deadletters.put(connection, NAME, recorded, deadletters.reason(error))

    return set_aside


def rules(context: ServiceContext) -> Worker:
    """The rules that ship, over the logs of the other services."""
    database = context.database
    runner = RuleRunner(by_name(), database.pool, context.handler, context.clock, context.subscriptions)
    return Worker(NAME, runner.run, runner.reset)
