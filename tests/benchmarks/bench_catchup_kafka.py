"""The same read model by its topic, beside a consumer that only counts the records."""

import asyncio
import time
from typing import Any

from aiokafka import AIOKafkaConsumer

from services.chassis.clock import SystemClock
from services.chassis.eventstore.store import EventStore
from services.chassis.relay.relay import Relay
from services.chassis.relay.session import Line, Memory
from services.chassis.subscriptions.kafka import TopicSubscription
from services.chassis.subscriptions.wake import Signal
from services.chassis.telemetry import Telemetry
from tests.benchmarks.a_log import RUN, topics
from tests.benchmarks.bench_catchup import SOURCE, FromTheBeginning
from tests.benchmarks.timing import while_running

TOPIC, PARTITIONS, GROUP = f"{RUN}.incidents.events", 6, RUN


class CatchUpKafka(FromTheBeginning):
    """Exactly once, from the first record to the last; what counts begins with the first record that came."""

    name = "catch-up-kafka"
    against = "an aiokafka consumer that counts records"

    async def prepare(self) -> None:
        """Publishes the log too."""
        await super().prepare()
        self.client = await topics(self.stack, PARTITIONS, TOPIC)
        self.log = EventStore(SOURCE, self.database.pool)
        await self._publish()

    async def _publish(self) -> None:
        stop, done, sent = asyncio.Event(), asyncio.Event(), 0

        def count(_: str, records: int) -> None:
            nonlocal sent
            sent += records
            if sent >= self.events:
                done.set()

        line = Line(self.log, TOPIC, self.client, Signal(), Memory(), count)
        running = asyncio.create_task(Relay(line, "bench", SystemClock(), Telemetry("bench")).run(stop))
        await while_running(done.wait(), running)
        stop.set()
        await running

    async def ours(self) -> int:
        """The runner of the read model, in a group of one."""
        await self.again()
        began, first = time.monotonic(), 0.0

        def arrived(*_: Any) -> None:
            nonlocal first
            first = first or time.monotonic()

        await self.project(TopicSubscription(TOPIC, self.client, self.log, GROUP, count=arrived))
        self.idle = first - began
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
