"""All that a topic holds, for tests that look at it from outside."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from services.chassis.relay.topic import partitions_of

PATIENCE = 60.0


async def topic_records(client: Mapping[str, Any], topic: str) -> list[ConsumerRecord]:
    """Everything that is there now, partition by partition.

    Args:
        client: arguments of aiokafka's clients.
    """
    consumer = AIOKafkaConsumer(**client, enable_auto_commit=False, fetch_max_wait_ms=50)
    await consumer.start()
    found: list[ConsumerRecord] = []
    try:
        places = [TopicPartition(topic, number) for number in range(await partitions_of(topic, client))]
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        async with asyncio.timeout(PATIENCE):
            for place in places:
                consumer.assign([place])
                consumer.seek(place, begins[place])
                while await consumer.position(place) < ends[place]:
                    found += (await consumer.getmany(place, timeout_ms=200)).get(place, [])
    finally:
        await consumer.stop()
    return found
