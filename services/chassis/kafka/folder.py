"""A folder for what a worker keeps of a topic: another one when the topic is another one of the same name."""

import asyncio
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

BITS = 60


def keeper(topic: str) -> str:
    """The group under which Kafka keeps the number."""
    return f"{topic}.folder"


async def folder_of(topic: str, client: Mapping[str, Any], parent: Path) -> Path:
    """The folder for this very topic; what was kept of a former one is removed.

    Kafka keeps a number for us beside the topic, as an offset of a group that reads nothing, and forgets it with the
    topic. Where it has none, the topic is new, or was not used for long: the worker begins with an empty folder.

    Args:
        topic: its name. client: arguments of the aiokafka client. parent: of the folder.
    """
    word = await _word(topic, client)
    await asyncio.to_thread(_clear, parent, word)
    return parent / word


def _clear(parent: Path, word: str) -> None:
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for former in parent.iterdir():
        if former.name != word and former.is_dir():
            shutil.rmtree(former)


async def _word(topic: str, client: Mapping[str, Any]) -> str:
    place = TopicPartition(topic, 0)
    consumer = AIOKafkaConsumer(**client, group_id=keeper(topic), enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([place])
        number = await consumer.committed(place) or secrets.randbits(BITS)
        await consumer.commit({place: number})  # also renews it: Kafka forgets what is not used
    finally:
        await consumer.stop()
    return f"{number:015x}"
