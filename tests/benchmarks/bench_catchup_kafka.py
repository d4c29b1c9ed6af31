"""The same read model by its topic, beside a consumer that only counts the records."""

import asyncio
import gc
import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.chassis.clock import SystemClock
from services.chassis.eventstore.bulk import BulkWriter
from services.chassis.eventstore.store import EventStore
from services.chassis.postgres import engine
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.projections.rebuild import Rebuild
from services.chassis.projections.runner import ProjectionRunner
from services.chassis.relay.relay import Relay
from services.chassis.relay.session import Line, Memory
from services.chassis.subscriptions.kafka import TopicSubscription
from services.chassis.subscriptions.subscription import Batch
from services.chassis.subscriptions.wake import Signal
from services.chassis.telemetry import Telemetry
from services.runtime.kafka import running_kafka
from tests.benchmarks.a_log import LogMeasure
from tests.benchmarks.bench_catchup import EMPTY, INCIDENTS, MODEL, SOURCE
from tests.benchmarks.happenings import log_of

TOPIC, PARTITIONS, GROUP = "bench.incidents.events", 6, "bench"
AGAIN = sa.text('update projections.checkpoints set position = 0, lineage = null, "offset" = null')


class CatchUpKafka(LogMeasure):
    """Exactly once, from the first record to the last; what counts begins with the first record that came."""

    name = "catch-up-kafka"
    unit = "events/s"
    against = "an aiokafka consumer that counts records"
    least = 60_000

    async def prepare(self) -> None:
        """Fills a log, publishes it, and makes the tables."""
        await super().prepare()
        rows = list(log_of(INCIDENTS))
        await BulkWriter(self.database.pool).write(rows)
        self.events = len(rows)
        self.wanted = sum(row.event.type in MODEL.types for row in rows)
        self.owner = engine(self.server.dsn("bench"))
        self.stack.push_async_callback(self.owner.dispose)
        await Rebuild(MODEL, self.owner, self.database.dsn, {}).prepare()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        kafka = await self.stack.enter_async_context(running_kafka(Path(folder) / "kafka"))
        self.client = {"bootstrap_servers": kafka.bootstrap}
        admin = AIOKafkaAdminClient(**self.client)
        await admin.start()
        await admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])
        await admin.close()
        self.log = EventStore(SOURCE, self.database.pool)
        await self._publish()
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)  # as a process that serves has it

    async def _publish(self) -> None:
        stop, done, sent = asyncio.Event(), asyncio.Event(), 0

        def count(_: str, records: int) -> None:
            nonlocal sent
            sent += records
            if sent >= self.events:
                done.set()

        line = Line(self.log, TOPIC, self.client, Signal(), Memory(), count)
        running = asyncio.create_task(Relay(line, "bench", SystemClock(), Telemetry("bench")).run(stop))
        await done.wait()
        stop.set()
        await running

    async def ours(self) -> int:
        """The runner of the read model, in a group of one."""
        async with self.owner.begin() as connection:
            await connection.execute(EMPTY)
            await connection.execute(AGAIN)
        began, first, taken, done = time.monotonic(), 0.0, 0, asyncio.Event()

        def arrived(*_: Any) -> None:
            nonlocal first
            first = first or time.monotonic()

        def observe(_: str, batch: Batch) -> None:
            nonlocal taken
            taken += len(batch.events)
            if taken == self.wanted:
                done.set()

        topics = {SOURCE: TopicSubscription(TOPIC, self.client, self.log, GROUP, count=arrived)}
        runner = ProjectionRunner(MODEL, self.database.dsn, topics, Checkpoints(self.database.pool), observe=observe)
        running = asyncio.create_task(runner.run())
        await done.wait()
        ended = time.monotonic()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        self.idle = time.monotonic() - began - (ended - first)
        return self.events

    async def reference(self) -> int:
        """Counts."""
        began, first, seen = time.monotonic(), 0.0, 0
        consumer = AIOKafkaConsumer(
            TOPIC, **self.client, auto_offset_reset="earliest", max_partition_fetch_bytes=4 * 1024 * 1024
        )
        await consumer.start()
        while seen < self.events:
            found = await consumer.getmany(timeout_ms=500, max_records=5000)
            first = first or time.monotonic()
            seen += sum(map(len, found.values()))
        ended = time.monotonic()
        await consumer.stop()
        self.idle = time.monotonic() - began - (ended - first)
        return self.events
