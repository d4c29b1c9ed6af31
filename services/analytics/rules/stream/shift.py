"""One life of Faust's application: its two tables, and an agent for each step."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import faust
import structlog
from faust.types import EventT, StreamT

from services.analytics.rules.engine import Engine, Settle
from services.analytics.rules.rule import AnyRule, Finding
from services.analytics.rules.stream.line import Line
from services.analytics.rules.stream.parcel import Place
from services.analytics.rules.stream.sources import NAME, Sources, StampedRecord
from services.analytics.rules.stream.ticker import Ticker
from services.analytics.rules.stream.topics import CALLS, UNITS, source_topics, units_topic
from services.analytics.rules.stream.units import Units
from services.analytics.rules.telling import SetAside
from services.chassis.clock import Clock
from services.chassis.kafka.connection import KafkaRefused, check_connection, client_arguments
from services.chassis.kafka.pulse import PerhapsReplaced, Pulse
from services.chassis.kafka.rights import REFUSED
from services.chassis.kafka.stream import batches, begin_again, give_up, producer_of, recovered, still_ours
from services.chassis.kafka.watchdog import Watchdog
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.settings import Settings
from services.chassis.subscriptions.growth import Grown, growth_of
from services.chassis.subscriptions.kafka import Count
from services.chassis.subscriptions.subscription import LogReader, MustRebuild
from services.chassis.windows.faust import FaustWindows, WindowTable

logger = structlog.get_logger(__name__)
MOST = 1000
"""Records of a batch."""
AGAIN_AFTER = 1.0
LONGEST_LOOK = 4.0
"""Seconds; what Faust is asked for may never be answered."""
Events = list[EventT[bytes]]
Take = Callable[[Events], Awaitable[None]]


class WorkerFell(Exception):
    """Faust has given up, or stands still; the process ends, and what keeps it running starts it anew."""


@dataclass(frozen=True)
class Surroundings:
    """What the rules need of the service.

    Attributes:
        rules: in force. settle: tells analytics' own log. set_aside: puts on record what no rule can read.
        clock: the rules' own. logs: the owners', by source. checkpoints: where a stop is put on record.
        count: for metrics.
    """

    rules: Sequence[AnyRule]
    settle: Settle
    set_aside: SetAside
    clock: Clock
    logs: Mapping[str, LogReader]
    checkpoints: Checkpoints
    count: Count = lambda *_: None


class Shift:
    """A worker from the start of its application to its end.

    Attributes:
        sources, units: the two steps. trouble: why nothing goes on; empty: it does.

    Args:
        app: not started yet. settings: how topics are called and divided. surroundings: the service's.
        every: seconds between two looks at the clock.
    """

    def __init__(self, app: faust.App, settings: Settings, surroundings: Surroundings, every: float) -> None:
        self._app, self._settings, self._around = app, settings, surroundings
        self._generation = 0
        self._taken = 0
        self._broken: Exception | None = None
        self._watchdog = Watchdog()
        self._at_work: list[asyncio.Lock] = []
        self._beginning = asyncio.Lock()
        self.trouble = ""
        around, count = surroundings, settings.topic_partitions
        calls = WindowTable(app, name=CALLS, partitions=count)
        known = WindowTable(app, name=UNITS, partitions=count)
        for table in (calls, known):
            app.tables.add(table)
        self._line = line = Line(app, units_topic(settings), count)
        self._pulse = pulse = Pulse(app)
        producer_of(app).check = pulse.check
        engine = Engine(around.rules, self._settle, around.set_aside)
        self._by_topic = source_topics(settings)
        self.sources = Sources(
            line,
            partial(FaustWindows, calls, self._check),
            around.logs,
            self._growth,
            around.set_aside,
            around.count,
        )
        self.units = Units(engine, partial(FaustWindows, known, self._check), known.keys_from, around.clock, count)
        self._ticker = Ticker(line, self.sources, self.units, around.logs, around.clock, self.ours, every)
        app.on_partitions_revoked.connect(self._revoked)
        self._agent("sources", tuple(self._by_topic), self._take_records)
        self._agent("units", (line.topic,), self._take_parcels)

    async def run(self) -> None:
        """What happens beside the two steps, once the application has started; until it is cancelled."""
        async with asyncio.TaskGroup() as beside:
            beside.create_task(self._pulse.run())
            beside.create_task(self._ticker.run())

    async def watch(self) -> None:
        """Looks whether all is as it should be, also while the application starts; until it is cancelled.

        Raises:
            WorkerFell: nothing goes on, although Kafka answers; or what takes records in broke.
        """
        while True:
            await asyncio.sleep(AGAIN_AFTER)
            try:
                async with asyncio.timeout(LONGEST_LOOK):
                    await self._look_around()
            except Exception as error:  # noqa: BLE001 - partitions may be shared out meanwhile; a second later it looks again
                await logger.awarning("rules_inspection_failed", error=repr(error))
            if self._broken is not None:
                raise WorkerFell("What takes records in broke.") from self._broken
            if self._watchdog.look(self._busy(), (self._taken, self._generation, recovered(self._app))):
                await self._fall()

    async def _look_around(self) -> None:
        if self._pulse.doubts:  # where no batch waits nobody else asks
            await self._pulse.ask()
        if self._app.flow_control.is_active() and not self._app.rebalancing:
            for partition in await begin_again(self._app, self._by_topic):
                await logger.awarning("topic_recreated", where=str(partition))

    def _busy(self) -> bool:
        """Whether something is to be done, and nothing is known that would be in the way."""
        if self.trouble:
            return False
        app, now = self._app, self._around.clock.now()
        if app.rebalancing or not app.flow_control.is_active() or self._pulse.doubts:
            return True
        return any(self.units.ringing(partition, now) for partition in self._assigned())

    async def _fall(self) -> None:
        try:
            await check_connection(self._settings)
        except KafkaRefused as away:
            self._watchdog = Watchdog()  # it has all its time once Kafka answers again
            await logger.awarning("rules_wait", error=str(away))
        else:
            raise WorkerFell("Nothing goes on in this worker although Kafka answers.")

    async def _growth(self, source: str) -> Grown | None:
        topic = next(name for name, each in self._by_topic.items() if each == source)
        return await growth_of(topic, self._settings.topic_partitions, client_arguments(self._settings))

    def _check(self) -> None:
        self._pulse.check()
        self._taken += 1

    async def _settle(self, rule: AnyRule, finding: Finding) -> None:
        self._check()
        await self._around.settle(rule, finding)

    def _agent(self, name: str, topics: Sequence[str], take: Take) -> None:
        topic = self._app.topic(*topics, key_type=bytes, value_type=bytes, allow_empty=True)

        at_work = asyncio.Lock()
        self._at_work.append(at_work)

        async def agent(stream: StreamT[bytes]) -> None:
            if self._broken is not None:
                return
            try:
                async for events in batches(self._app, stream, MOST):
                    if not await self._insist(events, take, at_work):
                        return  # it lets go of what came: Faust waits for that before partitions go, and to end
            except Exception as broken:
                self._broken = broken  # Faust would go on behind what was in hand
                raise

        self._app.agent(topic, name=f"{NAME}.{name}", concurrency=1)(agent)

    async def _insist(self, events: Events, take: Take, at_work: asyncio.Lock) -> bool:
        """Takes a batch in, again and again until it is in or another's: only then may it be acknowledged.

        Returns:
            False where nothing may be taken in any more.
        """
        while True:
            try:
                async with at_work:
                    if self._broken is not None:
                        return False
                    ours = still_ours(self._app, events)
                    if not ours:
                        return True
                    await self._begin()
                    await take(ours)
            except MustRebuild as error:
                await self._stand_still(error)
                return False
            except REFUSED as refused:
                self._broken = refused  # to try it again allows nothing: the worker falls
                return False
            except PerhapsReplaced as doubt:
                await logger.awarning("rules_worker_replaced_perhaps", reader=NAME, reason=str(doubt))
                await self._pulse.ask()
            except Exception as error:  # noqa: BLE001 - what it needs may not answer now; it says so each time
                self.trouble = f"A batch is not taken in ({type(error).__name__}); trying again."
                await logger.aexception("batch_failed", reader=NAME)
                await asyncio.sleep(AGAIN_AFTER)
            else:
                self.trouble = ""
                self._taken += 1
                return True

    async def _stand_still(self, error: MustRebuild) -> None:
        """Puts the stop on record; what came stays unacknowledged."""
        self.trouble = reason = error.reason(NAME)
        await logger.aerror("reader_stopped", reader=NAME, source=error.source, reason=reason)
        while True:
            try:
                return await self._around.checkpoints.stop(NAME, error.source, reason)
            except Exception as away:  # noqa: BLE001 - the database may not answer now
                await logger.awarning("stop_not_recorded", error=str(away))
                await asyncio.sleep(AGAIN_AFTER)

    async def _revoked(self, *_: object, **__: object) -> None:
        """Before partitions go to others, what is at work is finished, and nothing more is begun."""
        async with contextlib.AsyncExitStack() as finished:
            for at_work in self._at_work:
                await finished.enter_async_context(at_work)
            give_up(self._app)

    async def _begin(self) -> None:
        """After partitions were shared out: what is known of them in this process is from before."""
        async with self._beginning:
            generation = self._app.consumer_generation_id
            if self._generation == generation:
                return
            self.units.begin()
            assigned = [each for each in self._app.consumer.assignment() if each.topic in self._by_topic]
            await self.sources.begin([Place(self._by_topic[each.topic], each.partition) for each in assigned])
            self._generation = generation

    async def ours(self) -> Collection[int]:
        """The partitions of the units that are this worker's; none while they are shared out or come back."""
        app = self._app
        if app.rebalancing or not app.flow_control.is_active():
            return ()
        await self._begin()
        return self._assigned()

    def _assigned(self) -> list[int]:
        return [each.partition for each in self._app.consumer.assignment() if each.topic == self._line.topic]

    async def _take_records(self, events: Events) -> None:
        waiting: defaultdict[Place, list[StampedRecord]] = defaultdict(list)
        for event in events:
            message = event.message
            waiting[Place(self._by_topic[message.topic], message.partition)].append(cast("StampedRecord", message))
        await self.sources.take(waiting)

    async def _take_parcels(self, events: Events) -> None:
        values: defaultdict[int, list[bytes | None]] = defaultdict(list)
        for event in events:
            values[event.message.partition].append(event.message.value)
        try:
            async with asyncio.TaskGroup() as each:  # none goes on when one fails: all are taken again
                for partition, several in values.items():
                    each.create_task(self.units.take(partition, several))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None  # who takes it again looks at what it was
