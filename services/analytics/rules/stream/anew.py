"""Beginning anew: the workers rest, what they keep is thrown away, and they read the logs from the beginning."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from services.analytics.rules.stream.sources import NAME
from services.analytics.rules.stream.topics import divided, group, rules_topics, source_topics
from services.chassis.kafka.connection import client_arguments
from services.chassis.kafka.topics import apply, find
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.settings import Settings

REST = "*"
"""Stands for all sources where it is on record that the workers rest."""
PATIENCE = 60.0
POLL = 0.2


class WorkersBusy(Exception):
    """Somebody still works."""

    def __init__(self, members: int) -> None:
        super().__init__(
            f"{members} stream workers of the rules did not come to rest: end them, then run "
            f"`maplebridge projections rebuild {NAME}` again."
        )


async def resting(checkpoints: Checkpoints) -> bool:
    """Whether the workers are to rest."""
    return any((each.projection, each.source) == (NAME, REST) for each in await checkpoints.stopped())


@contextlib.asynccontextmanager
async def emptied(settings: Settings, checkpoints: Checkpoints, patience: float = PATIENCE) -> AsyncIterator[None]:
    """Throws away what the stream workers keep; they rest until the end of the block.

    Their own topics are made anew, so the folders that go with these are no longer theirs.

    Args:
        patience: seconds until all must rest.

    Raises:
        WorkersBusy: some do not. PartitionsDiffer: the sources' topics do not all have as many.
        KafkaRefused, SettingMissing, SettingMalformed: there is no way in.
        TopicNotApplied, KafkaError: Kafka does not do it; run it again.
    """
    settings = await divided(settings, own=False)
    await checkpoints.stop(NAME, REST, "The rules begin anew; the workers rest meanwhile.")
    try:
        await _empty(settings, patience)
        yield
    finally:
        await checkpoints.go_on(NAME, REST)


async def _empty(settings: Settings, patience: float) -> None:
    plan = rules_topics(settings)
    admin = AIOKafkaAdminClient(**client_arguments(settings))
    await admin.start()
    try:
        await _left(admin, group(settings), time.monotonic() + patience)
        theirs = set(await find(admin, [topic.name for topic in plan]))
        await admin.delete_topics(sorted(theirs))
        while theirs & set(await admin.list_topics()):  # noqa: ASYNC110 - it is Kafka that is asked
            await asyncio.sleep(POLL)
        await apply(admin, plan)
    finally:
        await admin.close()
    await _to_the_beginning(settings)


async def _left(admin: AIOKafkaAdminClient, name: str, deadline: float) -> None:
    """Waits until the group has no members. Raises WorkersBusy."""
    while members := await _members(admin, name):
        if time.monotonic() > deadline:
            raise WorkersBusy(members)
        await asyncio.sleep(POLL)


async def _members(admin: AIOKafkaAdminClient, name: str) -> int:
    answers = await admin.describe_consumer_groups([name])
    return sum(len(one[5]) for answer in answers for one in answer.groups)


async def _to_the_beginning(settings: Settings) -> None:
    """The group reads the sources from their beginning; Kafka takes that of nobody while it has members."""
    places = [
        TopicPartition(topic, number)
        for topic in source_topics(settings)
        for number in range(settings.topic_partitions)
    ]
    consumer = AIOKafkaConsumer(**client_arguments(settings), group_id=group(settings), enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(places)
        await consumer.commit(dict.fromkeys(places, 0))
    finally:
        await consumer.stop()
