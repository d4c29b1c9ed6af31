"""What the tests of the rules share: logs in memory, alerts as analytics' log has them, both ways to run the rules."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from contracts.topics import events_topic
from services.analytics.deciders import ALERT
from services.analytics.domain.alert import Alert
from services.analytics.rules.rule import AnyRule
from services.analytics.rules.settling import settle
from services.analytics.rules.stream.topics import rules_topics
from services.analytics.rules.stream.worker import StreamWorker, Surroundings
from services.analytics.rules.worker import RuleRunner
from services.chassis.clock import Clock
from services.chassis.eventstore.lineage import Lineage
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Head, Recorded
from services.chassis.handler import CommandHandler
from services.chassis.ids import uuid7
from services.chassis.kafka.messages import Encoder
from services.chassis.kafka.partitions import partition_of
from services.chassis.kafka.topics import apply, kept
from services.chassis.postgres import Database
from services.chassis.projections import deadletters
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.settings import Settings
from services.chassis.subscriptions.log import LogSubscription
from services.chassis.subscriptions.subscription import LogReader
from services.chassis.subscriptions.wake import Signal
from tests.integration.rules.district import KINDS, District

PARTITIONS = 3
LINEAGES = {source: UUID(int=number) for number, source in enumerate(KINDS, start=1)}
Standing = dict[str, tuple[object, ...]]
"""By alert: key, window, evidence, deadline."""


@dataclass
class MemoryLog:
    """A log that holds what it is given, as far as it has come."""

    source: str
    events: Sequence[Recorded]
    upto: int
    histories: Sequence[Lineage] = ()

    async def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        return list(self.events[after : min(after + limit, self.upto)])

    async def head(self) -> Head:
        recorded_at = self.events[max(self.upto, 1) - 1].recorded_at
        return Head(self.upto, b"", recorded_at, (await self.lineages())[-1].id)

    async def lineages(self) -> list[Lineage]:
        return [Lineage(LINEAGES[self.source], 0), *self.histories]


@dataclass
class Analytics:
    """Its database, and the alerts in its log."""

    database: Database
    store: EventStore
    handler: CommandHandler

    @classmethod
    async def open(cls, dsn: str, clock: Clock) -> "Analytics":
        database = await Database.open("analytics", dsn)
        store = EventStore("analytics", database.pool)
        return cls(database, store, CommandHandler(store, clock, uuid7))

    async def close(self) -> None:
        await self.store.close()
        await self.database.close()

    async def alerts(self) -> dict[str, Alert]:
        """Every alert that was ever raised."""
        found: dict[str, Alert] = {}
        after = 0
        while events := await self.store.read(after, 5000):
            for each in events:
                found[each.stream] = ALERT.evolve(found.get(each.stream, ALERT.initial), each.event)
            after = events[-1].position
        return found

    async def standing(self) -> Standing:
        """The alerts of which something is left, with their windows and final evidence."""
        return {
            alert.id: (alert.window, tuple((ref.source, ref.position, ref.id) for ref in alert.evidence))
            for alert in (await self.alerts()).values()
            if alert.evidence
        }

    def surroundings(self, rules: Sequence[AnyRule], clock: Clock, logs: Mapping[str, LogReader]) -> Surroundings:
        """For a stream worker."""

        async def set_aside(recorded: Recorded, error: Exception) -> None:
            async with self.database.pool.acquire() as connection:
                await deadletters.put(connection, "rules", recorded, deadletters.reason(error))

        return Surroundings(
            rules, partial(settle, self.handler), set_aside, clock, logs, Checkpoints(self.database.pool)
        )


async def embedded(analytics: Analytics, district: District, rules: Sequence[AnyRule], clock: Clock) -> Standing:
    """The alerts of embedded mode over the whole of a district's logs."""
    logs = {source: MemoryLog(source, log, len(log)) for source, log in district.logs.items()}
    subscriptions = {source: LogSubscription(log, Signal(), size=5000) for source, log in logs.items()}
    runner = RuleRunner(
        {rule.rule: rule for rule in rules}, analytics.database.pool, analytics.handler, clock, subscriptions
    )
    stop = asyncio.Event()
    running = asyncio.create_task(runner.run(stop))
    try:
        async with asyncio.timeout(900):
            while await Checkpoints(analytics.database.pool).position("rules") != district.heads:
                assert not running.done(), running.exception()
                await asyncio.sleep(0.1)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    runner._alarm.disturb()
    while runner._alarm.rings(clock.now()):
        await runner.tick()
    return await analytics.standing()


@dataclass
class Stage:
    """Topics of a district, published as far as it has come; and the file that says how far, for other processes."""

    settings: Settings
    district: District
    folder: Path
    upto: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    lasts: dict[tuple[str, int], int] = field(default_factory=dict)
    histories: dict[str, list[Lineage]] = field(default_factory=dict)

    @property
    def heads_file(self) -> Path:
        return self.folder / "heads.json"

    async def make_topics(self) -> None:
        settings = self.settings
        admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
        await admin.start()
        try:
            events = [events_topic(source, settings.topic_prefix) for source in KINDS]
            await apply(
                admin, [*(kept(name, settings.topic_partitions, 1) for name in events), *rules_topics(settings)]
            )
        finally:
            await admin.close()
        self._say()

    async def delete_topics(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.settings.kafka)
        await admin.start()
        prefix = self.settings.topic_prefix
        try:
            await admin.delete_topics([name for name in await admin.list_topics() if name.startswith(prefix)])
            while [name for name in await admin.list_topics() if name.startswith(prefix)]:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        finally:
            await admin.close()

    async def remake(self, source: str) -> None:
        """Somebody deleted the topic of one source, and made it again; nothing is published in it yet."""
        topic = events_topic(source, self.settings.topic_prefix)
        admin = AIOKafkaAdminClient(bootstrap_servers=self.settings.kafka)
        await admin.start()
        try:
            await admin.delete_topics([topic])
            while topic in await admin.list_topics():  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            await apply(admin, [kept(topic, self.settings.topic_partitions, 1)])
        finally:
            await admin.close()
        self.upto[source] = 0
        for partition in range(self.settings.topic_partitions):
            self.lasts.pop((source, partition), None)

    async def grow(self, partitions: int) -> None:
        """Somebody gave the topics more partitions, and what publishes tells all of them where that was."""
        before, self.settings = self.settings, self.settings.model_copy(update={"topic_partitions": partitions})
        admin = AIOKafkaAdminClient(bootstrap_servers=before.kafka)
        await admin.start()
        try:
            names = [events_topic(source, before.topic_prefix) for source in KINDS]
            await admin.create_partitions({name: NewPartitions(partitions) for name in names})
        finally:
            await admin.close()
        producer = AIOKafkaProducer(bootstrap_servers=before.kafka)
        await producer.start()
        try:
            for source in KINDS:
                await self._tell_of_growth(producer, source, before.topic_partitions)
        finally:
            await producer.stop()

    async def _tell_of_growth(self, producer: AIOKafkaProducer, source: str, before: int) -> None:
        topic, upto, log = events_topic(source, self.settings.topic_prefix), self.upto[source], self.district.logs
        partitions = self.settings.topic_partitions
        while len(await producer.partitions_for(topic)) < partitions:
            await asyncio.sleep(0.1)
            await producer.client.force_metadata_update()
        for partition in range(partitions):
            previous = self.lasts.get((source, partition), 0)
            each = self._encoder(source).barrier(
                partition, upto, log[source][upto - 1].recorded_at, previous, before=before, partitions=partitions
            )
            await producer.send_and_wait(
                topic, each.value, partition=partition, headers=each.headers, timestamp_ms=each.timestamp
            )
            self.lasts[source, partition] = upto

    def log(self, source: str) -> MemoryLog:
        """One log as far as it has come now."""
        return MemoryLog(source, self.district.logs[source], self.upto[source], self.histories.get(source, ()))

    def logs(self) -> dict[str, "StagedLog"]:
        """The logs as they come on."""
        return {source: StagedLog(self, source) for source in self.district.logs}

    def restore(self, source: str, kept: int, others: Sequence[Recorded]) -> None:
        """A log lost all after a position, and has come to hold others since."""
        log = [*self.district.logs[source][:kept], *others]
        self.district.logs[source] = log
        self.histories[source] = [Lineage(UUID(int=1 << 64), kept)]
        self.upto[source] = kept
        for partition in range(self.settings.topic_partitions):
            there = (each.position for each in log[:kept] if self._partition(each) == partition)
            self.lasts[source, partition] = max(there, default=0)

    def _partition(self, event: Recorded) -> int:
        return partition_of(event.stream, self.settings.topic_partitions)

    async def publish(self, upto: Mapping[str, int], *, losing: Sequence[tuple[str, int]] = ()) -> None:
        """Sends what the logs hold up to there, then says of every partition that it is complete.

        Args:
            losing: sources and positions that get lost on the way.
        """
        self.upto, sent = {**self.upto, **upto}, self.upto  # a relay publishes what the log has
        self._say()
        producer = AIOKafkaProducer(bootstrap_servers=self.settings.kafka, linger_ms=5)
        await producer.start()
        try:
            for source, end in upto.items():
                await self._publish(
                    producer, source, range(sent[source], end), {at for lost, at in losing if lost == source}
                )
            await producer.flush()
        finally:
            await producer.stop()

    async def forge(self, source: str, beyond: int) -> None:
        """Sends an event in each partition that names a position beyond the log's end."""
        log, upto = self.district.logs[source], self.upto[source]
        forged = Recorded(source, upto + beyond, *log[upto - 1].columns[1:])
        producer = AIOKafkaProducer(bootstrap_servers=self.settings.kafka)
        await producer.start()
        try:
            for partition in range(self.settings.topic_partitions):
                each = self._encoder(source).event(forged, self.lasts.get((source, partition), 0))
                await producer.send_and_wait(
                    events_topic(source, self.settings.topic_prefix),
                    each.value,
                    key=each.key,
                    partition=partition,
                    headers=each.headers,
                )
        finally:
            await producer.stop()

    async def _publish(self, producer: AIOKafkaProducer, source: str, new: range, losing: set[int]) -> None:
        encoder = self._encoder(source)
        log, count = self.district.logs[source], self.settings.topic_partitions
        topic = events_topic(source, self.settings.topic_prefix)
        encoded = []
        for event in log[new.start : new.stop]:
            partition = self._partition(event)
            message = encoder.event(event, self.lasts.get((source, partition), 0))
            self.lasts[source, partition] = event.position
            if event.position not in losing:
                encoded.append((partition, message))
        for partition in range(count):
            previous = self.lasts.get((source, partition), 0)
            encoded.append((partition, encoder.watermark(partition, new.stop, log[new.stop - 1].recorded_at, previous)))
        for partition, each in encoded:
            await producer.send(
                topic, each.value, key=each.key, partition=partition, headers=each.headers, timestamp_ms=each.timestamp
            )

    def _encoder(self, source: str) -> Encoder:
        history = self.histories.get(source, [Lineage(LINEAGES[source], 0)])[-1]
        return Encoder(source, history.id, history.began_after, 1)

    def _say(self) -> None:
        written = self.heads_file.with_suffix(".new")
        written.write_text(json.dumps(self.upto))
        written.replace(self.heads_file)


@dataclass
class StagedLog:
    """A log of a stage, always as far as that has come."""

    stage: Stage
    source: str

    async def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        return await self.stage.log(self.source).read(after, limit)

    async def head(self) -> Head:
        return await self.stage.log(self.source).head()

    async def lineages(self) -> list[Lineage]:
        return await self.stage.log(self.source).lineages()


async def settled(
    worker: StreamWorker, heads: Mapping[str, int], running: "asyncio.Task[None]", seconds: float
) -> None:
    """Waits until the rules have looked at all up to there."""
    async with asyncio.timeout(seconds):
        while not await worker.settled(heads):
            assert not running.done(), running.exception()
            await asyncio.sleep(0.1)


class StoodClock:
    """Stands where it is put; shared by all that a test runs."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment
