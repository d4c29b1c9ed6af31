"""A topic of a test, written to as the owner's relay would, loss and repeats included."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete

from services.chassis.eventstore.types import Recorded
from services.chassis.kafka.messages import Encoded, Encoder
from services.chassis.kafka.partitions import partition_of


@dataclass
class Topic:
    """A topic and what was sent to each of its partitions.

    Attributes:
        lasts: position of the last event in each partition. epoch: of the lease that is pretended.
    """

    bootstrap: str
    name: str
    source: str
    partitions: int
    producer: AIOKafkaProducer
    lasts: dict[int, int] = field(default_factory=dict)
    epoch: int = 1
    position: int = 0
    last: Recorded | None = None
    lineage: UUID | None = None
    sent: list[tuple[int, int]] = field(default_factory=list)

    def back_to(self, position: int | None) -> None:
        """A restored log: what was sent after a position is not of its history."""
        if position is None:
            return
        self.sent = [(partition, at) for partition, at in self.sent if at <= position]
        self.lasts = dict(self.sent)
        self.position = position

    async def send(
        self, events: Iterable[Recorded], lineage: UUID, start: int = 0, *, losing: Sequence[int] = ()
    ) -> None:
        """Sends events; those at the positions ``losing`` get lost on the way."""
        encoder = Encoder(self.source, lineage, start, self.epoch)
        for event in events:
            partition = partition_of(event.stream, self.partitions)
            encoded = encoder.event(event, self.lasts.get(partition, 0))
            self.lasts[partition], self.position, self.last = event.position, event.position, event
            self.sent.append((partition, event.position))
            if event.position not in losing:
                await self.put(partition, encoded)
        await self.producer.flush()

    async def again(self, events: Iterable[Recorded], lineage: UUID, start: int = 0) -> None:
        """What a former owner sends late: as it was sent before."""
        lasts: dict[int, int] = {}
        encoder = Encoder(self.source, lineage, start, self.epoch - 1)
        for event in events:
            partition = partition_of(event.stream, self.partitions)
            await self.put(partition, encoder.event(event, lasts.get(partition, 0)))
            lasts[partition] = event.position
        await self.producer.flush()

    async def complete(self, lineage: UUID, start: int = 0) -> None:
        """A watermark in every partition: all is sent up to the last event."""
        assert self.last is not None
        encoder = Encoder(self.source, lineage, start, self.epoch)
        for partition in range(self.partitions):
            previous = self.lasts.get(partition, 0)
            await self.put(partition, encoder.watermark(partition, self.position, self.last.recorded_at, previous))
        await self.producer.flush()

    async def put(self, partition: int, encoded: Encoded) -> None:
        """One record."""
        await self.producer.send(
            self.name,
            key=encoded.key,
            value=encoded.value,
            headers=encoded.headers,
            partition=partition,
            timestamp_ms=encoded.timestamp,
        )

    async def emptied(self) -> None:
        """Deletes all records that it holds."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            partitions = [TopicPartition(self.name, number) for number in range(self.partitions)]
            await admin.delete_records({partition: RecordsToDelete(before_offset=-1) for partition in partitions})
        finally:
            await admin.close()

    async def grow(self, partitions: int) -> None:
        """Adds partitions."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            await admin.create_partitions({self.name: NewPartitions(partitions)})
        finally:
            await admin.close()
        while await self.producer.partitions_for(self.name) != set(range(partitions)):
            await self.producer.client.force_metadata_update()


async def new_topic(bootstrap: str, name: str, source: str, partitions: int, producer: AIOKafkaProducer) -> Topic:
    """Makes it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        # what is sent bears old dates, and the broker looks for what is too old every few minutes
        await admin.create_topics([NewTopic(name, partitions, 1, topic_configs={"retention.ms": "-1"})])
    finally:
        await admin.close()
    return Topic(bootstrap, name, source, partitions, producer)
