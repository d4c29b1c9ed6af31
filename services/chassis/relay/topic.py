"""What a topic holds at its end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import NoError, UnknownTopicOrPartitionError, for_code

from services.chassis.kafka.messages import Message, MessageMalformed, Watermark, decode
from services.chassis.kafka.rights import REFUSED, Grant, RightsMissing
from services.chassis.relay.stops import TopicMissing
from services.chassis.relay.witness import Seen

PATIENCE = 10.0


class TopicEnd:
    """Looks at the last records of a topic, and further back where asked.

    Attributes:
        ends: for each partition, the offset behind its last record. begins: of its first record.
    """

    def __init__(
        self, consumer: AIOKafkaConsumer, topic: str, begins: Mapping[int, int], ends: Mapping[int, int]
    ) -> None:
        self._consumer = consumer
        self._topic = topic
        self.begins = begins
        self.ends = ends

    async def records(self, partition: int, first: int, behind: int) -> list[Seen]:
        """What the records from one offset up to another say; those that are no messages of ours are passed over."""
        place = TopicPartition(self._topic, partition)
        self._consumer.assign([place])
        self._consumer.seek(place, first)
        seen: list[Seen] = []
        async with asyncio.timeout(PATIENCE):
            while await self._consumer.position(place) < behind:
                for record in (await self._consumer.getmany(place, timeout_ms=500)).get(place, []):
                    with contextlib.suppress(MessageMalformed):
                        if record.offset < behind:
                            seen.append(_seen(decode(record)))
        return seen


def _seen(message: Message | Watermark) -> Seen:
    event = message.recorded.id if isinstance(message, Message) else None
    return Seen(message.lineage, message.position, event, message.epoch)


@contextlib.asynccontextmanager
async def looking_at(topic: str, client: Mapping[str, Any]) -> AsyncIterator[TopicEnd]:
    """A topic as it stands now.

    Raises:
        TopicMissing: it is not there. KafkaConnectionError: Kafka does not answer.
    """
    consumer = AIOKafkaConsumer(**client, request_timeout_ms=5000, enable_auto_commit=False, fetch_max_wait_ms=100)
    try:
        await consumer.start()
        places = [TopicPartition(topic, number) for number in range(await partitions_of(topic, client))]
        try:
            async with asyncio.timeout(PATIENCE):
                begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        except UnknownTopicOrPartitionError:
            raise TopicMissing(topic) from None
        yield TopicEnd(
            consumer,
            topic,
            {place.partition: offset for place, offset in begins.items()},
            {place.partition: offset for place, offset in ends.items()},
        )
    finally:
        await consumer.stop()


async def partitions_of(topic: str, client: Mapping[str, Any]) -> int:
    """How many partitions a topic has now.

    Raises:
        TopicMissing: it is not there. RightsMissing: this client may not know.
        KafkaConnectionError: Kafka does not answer.
    """
    admin = AIOKafkaAdminClient(**client, request_timeout_ms=5000)
    try:
        await admin.start()
        (described,) = await admin.describe_topics([topic])
    finally:
        await admin.close()
    error = for_code(described["error_code"])
    if error in REFUSED:
        raise RightsMissing(client.get("sasl_plain_username"), [Grant("topic", topic, ("Describe",))])
    if error is not NoError:
        raise TopicMissing(topic)
    return len(described["partitions"])
