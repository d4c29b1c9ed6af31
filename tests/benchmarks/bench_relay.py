"""Publishing a whole log beside a raw loop that sends the same bytes."""

import asyncio
import gc
from typing import Any

from services.chassis.clock import SystemClock
from services.chassis.eventstore.bulk import BulkEvent, BulkWriter
from services.chassis.kafka.messages import Encoder
from services.chassis.kafka.partitions import partition_of
from services.chassis.relay.outbox import give_up, producer
from services.chassis.relay.relay import Relay
from services.chassis.relay.republish import republish
from services.chassis.relay.session import Line, Memory
from services.chassis.subscriptions.wake import Signal
from services.chassis.telemetry import Telemetry
from tests.benchmarks.a_log import NOON, RUN, LogMeasure, an_event, topics
from tests.benchmarks.measure import sized
from tests.benchmarks.timing import while_running

ROWS = sized(200_000, 2_000)
STREAMS = sized(5_000, 100)
PARTITIONS = 6
OURS, RAW = f"{RUN}.ours.events", f"{RUN}.raw.events"


class RelayLog(LogMeasure):
    """From rows of the log to acknowledged messages; the raw loop has its messages made before it begins."""

    name = "relay"
    unit = "events/s"
    against = "aiokafka send_batch of the same bytes"
    target = 0.5
    least = 40_000

    async def prepare(self) -> None:
        """Fills a log, makes two topics, and encodes every message once."""
        await super().prepare()
        self.client = await topics(self.stack, PARTITIONS, OURS, RAW)
        rows = [BulkEvent(f"b-{n % STREAMS}", n // STREAMS + 1, an_event(), NOON) for n in range(ROWS)]
        await BulkWriter(self.database.pool).write(rows)
        events = await self.store.read(0, ROWS)
        encoder = Encoder("bench", (await self.store.head()).lineage, 0, 1)
        self.messages = [(partition_of(event.stream, PARTITIONS), encoder.event(event, 0)) for event in events]
        self.signal = Signal()
        gc.collect()
        gc.freeze()  # a relay has no million objects beside it that the collector would look at

    async def ours(self) -> int:
        """A relay from the beginning of the log to its end."""
        await republish(self.store, OURS, self.client, 1)
        telemetry, stop, done = Telemetry("bench"), asyncio.Event(), asyncio.Event()
        sent = 0

        def count(_: str, records: int) -> None:
            nonlocal sent
            sent += records
            if sent >= ROWS:
                done.set()

        line = Line(self.store, OURS, self.client, self.signal, Memory(), count)
        running = asyncio.create_task(Relay(line, "bench", SystemClock(), telemetry).run(stop))
        await while_running(done.wait(), running)
        stop.set()
        await running
        return ROWS

    async def reference(self) -> int:
        """Nothing but the client."""
        made = producer(dict(self.client))
        await made.start()
        waiting, batches = [], dict[int, Any]()
        for partition, (key, value, headers, timestamp) in self.messages:
            batch = batches.get(partition) or batches.setdefault(partition, made.create_batch())
            if batch.append(timestamp=timestamp, key=key, value=value, headers=headers) is None:
                waiting.append(await made.send_batch(batch, RAW, partition=partition))
                batch = batches[partition] = made.create_batch()
                batch.append(timestamp=timestamp, key=key, value=value, headers=headers)
        for partition, batch in batches.items():
            waiting.append(await made.send_batch(batch, RAW, partition=partition))
        await asyncio.gather(*waiting)
        await give_up(made)
        return ROWS
