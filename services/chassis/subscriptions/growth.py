"""Where a topic was given as many partitions as it has, by the topic itself."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.topics import BARRIER
from services.chassis.subscriptions.folding import place

PATIENCE = 10.0


class Grown(NamedTuple):
    """A division began. position: behind which; events up to it lie by the one before. lineage: of which history."""

    position: int
    lineage: UUID


async def growth_of(topic: str, partitions: int, client: Mapping[str, Any]) -> Grown | None:
    """With which barrier it came to have so many; None where it was made with them, or nobody has told of it yet.

    A partition that was added begins with that barrier, and the last one was added last.

    Args:
        topic: its name. client: arguments of the aiokafka client.

    Raises:
        KafkaError, TimeoutError: Kafka does not answer.
    """
    last = TopicPartition(topic, partitions - 1)
    consumer = AIOKafkaConsumer(**client, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([last])
        begin, end = (await consumer.beginning_offsets([last]))[last], (await consumer.end_offsets([last]))[last]
        if begin == end:
            return None
        consumer.seek(last, begin)
        async with asyncio.timeout(PATIENCE):
            headers = dict((await consumer.getone(last)).headers)
    finally:
        await consumer.stop()
    if headers.get("ce_type") != BARRIER.encode():
        return None
    message = place(headers, {})
    return Grown(message.sequence, message.lineage)
