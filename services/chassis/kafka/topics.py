"""What a topic should be, and whether a broker has it so: planned as data, created, altered, never deleted."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import NoError, for_code

from contracts.topics import LARGEST_MESSAGE

TOPIC_EXISTS = 36  # Kafka's number of the error: another process has just created it
OF_THE_TOPIC = 1  # Kafka's number for a setting's origin: set on the topic itself
APPLIED_PATIENCE = 15.0  # seconds until a broker shows what was applied
POLL = 0.05  # seconds
PARTITIONS = "partitions"
"""The difference that `grow` mends."""

KEPT = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "max.message.bytes": f"{LARGEST_MESSAGE}",
    "message.timestamp.type": "CreateTime",
    # A relay whose clock is ahead of the broker's goes on: the time of a message is recorded_at, whatever it is.
    "message.timestamp.after.max.ms": f"{2**63 - 1}",
}
PASSING = {**KEPT, "retention.ms": f"{7 * 24 * 3600 * 1000}"}
COMPACTED = {**KEPT, "cleanup.policy": "compact"}


@dataclass(frozen=True)
class Topic:
    """What a topic should be.

    Attributes:
        name: the whole of it, prefix included.
        partitions: at least so many, or just as many where `exact`.
        replicas: at least so many.
        settings: Kafka's names and values; others may be as they are.
        exact: for topics whose partitions have to be as many as those of another topic.
    """

    name: str
    partitions: int
    replicas: int
    settings: Mapping[str, str]
    exact: bool = False


@dataclass(frozen=True)
class Found:
    """What a topic is on a broker. `own` are the settings that were set on the topic itself."""

    partitions: int
    replicas: int
    settings: Mapping[str, str]
    own: Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """One thing that is not as planned.

    Attributes:
        topic: its name. what: ``topic``, ``partitions``, ``replicas`` or the name of a setting.
        planned, found: in words. applies: whether `apply` mends it.
    """

    topic: str
    what: str
    planned: str
    found: str
    applies: bool


class TopicRefused(Exception):
    """Topics are not as planned; the message is one sentence that says what to do."""


class TopicMissing(TopicRefused):
    """A topic is not there."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The topic {name} is not there: run `maplebridge topics apply`.")


class TopicDiffers(TopicRefused):
    """A topic is another than planned."""

    def __init__(self, difference: Difference) -> None:
        one = difference
        advice = "run `maplebridge topics apply`" if one.applies else "see `maplebridge topics plan`"
        super().__init__(f"The topic {one.topic} has {one.what} {one.found}, planned is {one.planned}: {advice}.")
        self.difference = difference


class TopicNotApplied(TopicRefused):
    """The broker does not do it."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"Kafka does not make the topic {name} as planned: {reason.rstrip('.')}.")


def kept(name: str, partitions: int, replicas: int) -> Topic:
    """A topic whose messages stay: a city platform begins where it wants. No retention, so none that could take the
    time of a message for its age."""
    return Topic(name, partitions, replicas, {**KEPT, **_in_sync(replicas)})


def passing(name: str, partitions: int, replicas: int) -> Topic:
    """A stream worker's topic between two steps (a repartition): as many partitions as its source has."""
    return Topic(name, partitions, replicas, {**PASSING, **_in_sync(replicas)}, exact=True)


def compacted(name: str, partitions: int, replicas: int) -> Topic:
    """A stream worker's topic behind a table (a changelog): the newest of each key, partitions as its source has."""
    return Topic(name, partitions, replicas, {**COMPACTED, **_in_sync(replicas)}, exact=True)


def _in_sync(replicas: int) -> dict[str, str]:
    return {"min.insync.replicas": "2" if replicas > 2 else "1"}


def differences(plan: Iterable[Topic], found: Mapping[str, Found]) -> list[Difference]:
    """Everything that is not as planned, in the order of the plan."""
    return [one for topic in plan for one in _differences(topic, found.get(topic.name))]


def _differences(topic: Topic, found: Found | None) -> list[Difference]:
    if found is None:
        return [Difference(topic.name, "topic", f"{topic.partitions} partitions", "missing", applies=True)]
    different = []
    wrong = found.partitions != topic.partitions if topic.exact else found.partitions < topic.partitions
    if wrong:
        different.append((PARTITIONS, f"{topic.partitions}", f"{found.partitions}", False))
    if found.replicas < topic.replicas:
        different.append(("replicas", f"{topic.replicas}", f"{found.replicas}", False))
    for name, planned in topic.settings.items():
        actual = found.settings.get(name, "unknown to this Kafka")
        if actual != planned:
            different.append((name, planned, actual, name in found.settings))
    return [Difference(topic.name, *one) for one in different]


async def find(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, Found]:
    """What the broker has of these topics; those that are missing are left out."""
    wanted = set(names) & set(await admin.list_topics())  # asking for one that is missing might create it
    if not wanted:
        return {}
    described = {one["topic"]: one["partitions"] for one in await admin.describe_topics(sorted(wanted))}
    settings = await _settings(admin, described)
    return {
        name: Found(len(partitions), min(len(one["replicas"]) for one in partitions), *settings[name])
        for name, partitions in described.items()
        if partitions
    }


async def _settings(
    admin: AIOKafkaAdminClient, names: Iterable[str]
) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """All settings of each topic, and those that are its own."""
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    resources = [one for answer in answers for one in answer.resources]
    found = {}
    for code, message, _, name, entries in resources:
        _raise_for(code, message, name)
        every = {key: value for key, value, *_ in entries}
        own = {key: value for key, value, _, origin, *_ in entries if origin == OF_THE_TOPIC}
        found[name] = (every, own)
    return found


async def apply(admin: AIOKafkaAdminClient, plan: Sequence[Topic]) -> list[Difference]:
    """Create what is missing and set what differs; returns what is left, for a person to decide.

    Partitions are not grown: a stream would change its partition, and its order would be lost. Nothing is deleted.

    Raises:
        TopicNotApplied: the broker refuses.
    """
    found = await find(admin, [topic.name for topic in plan])
    if missing := [topic for topic in plan if topic.name not in found]:
        await _create(admin, missing)
    for topic in plan:
        if topic.name in found and any(one.applies for one in _differences(topic, found[topic.name])):
            await _alter(admin, topic, found[topic.name])
    return await _applied(admin, plan)


async def _create(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    answer = await admin.create_topics(
        [NewTopic(topic.name, topic.partitions, topic.replicas, topic_configs=dict(topic.settings)) for topic in topics]
    )
    for name, code, *rest in answer.topic_errors:
        if code != TOPIC_EXISTS:
            _raise_for(code, rest[0] if rest else None, name)


async def _alter(admin: AIOKafkaAdminClient, topic: Topic, found: Found) -> None:
    """Set the planned settings; the request replaces all that the topic has of its own, so the others go with it."""
    settings = {**found.own, **topic.settings}
    for answer in await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, settings)]):
        for code, message, *_ in answer.resources:
            _raise_for(code, message, topic.name)


async def _applied(admin: AIOKafkaAdminClient, plan: Sequence[Topic]) -> list[Difference]:
    deadline = time.monotonic() + APPLIED_PATIENCE
    while True:
        left = differences(plan, await find(admin, [topic.name for topic in plan]))
        if not any(one.applies for one in left) or time.monotonic() > deadline:
            return left
        await asyncio.sleep(POLL)


async def check(admin: AIOKafkaAdminClient, plan: Sequence[Topic]) -> None:
    """See at the start of a process that its topics are as planned; how many partitions they have, readers find out.

    Raises:
        TopicMissing, TopicDiffers: of the first that is not.
    """
    for one in differences(plan, await find(admin, [topic.name for topic in plan])):
        if one.what != PARTITIONS:
            raise TopicMissing(one.topic) if one.what == "topic" else TopicDiffers(one)


async def grow(admin: AIOKafkaAdminClient, topics: Mapping[str, int], partitions: int) -> None:
    """Give topics more partitions; the relay tells their readers where that was.

    Args:
        topics: how many partitions each has now. partitions: how many each shall have.

    Raises:
        TopicNotApplied: one has more already, which Kafka does not take away; or the broker refuses.
    """
    for name, found in topics.items():
        if found > partitions:
            raise TopicNotApplied(name, f"it has {found} partitions already, and Kafka takes none away")
    growing = {name: NewPartitions(partitions) for name, found in topics.items() if found < partitions}
    if growing:
        answer = await admin.create_partitions(growing)
        for name, code, message in answer.topic_errors:
            _raise_for(code, message, name)
    deadline = time.monotonic() + APPLIED_PATIENCE
    while any(each.partitions < partitions for each in (await find(admin, growing)).values()):
        if time.monotonic() > deadline:
            raise TopicNotApplied(", ".join(growing), "it does not show the new partitions")
        await asyncio.sleep(POLL)


def _raise_for(code: int, message: Any, name: str) -> None:
    error = for_code(code)
    if error is not NoError:
        raise TopicNotApplied(name, str(message or error.__name__))
