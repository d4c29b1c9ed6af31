"""All topics of Maple Bridge, and what of which log goes there."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient

from contracts.analytics import ALERTS
from contracts.topics import alerts_topic, events_topic
from services.analytics.rules.stream.topics import rules_topics, source_topics
from services.chassis.kafka import rights
from services.chassis.kafka.connection import check_connection, client_arguments
from services.chassis.kafka.rights import Grant
from services.chassis.kafka.topics import Topic, TopicMissing, TopicRefused, apply, check, find, grow, kept
from services.chassis.relay.lease import EVENTS
from services.chassis.relay.topic import looking_at
from services.chassis.settings import Settings
from services.runtime.databases import LOGS, known_log

ALERTS_LINE = "alerts"
POLL = 0.2  # seconds


class RelayAway(TopicRefused):
    """A topic has grown, and its relay has not told the readers."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"The relay of {source} has not told its readers of the new partitions: start it, and run this again."
        )


@dataclass(frozen=True)
class Outgoing:
    """A topic that a log is published on.

    Attributes:
        log: whose events. line: its name within the log. topic: its name on Kafka. types: of the events that go there;
        None for all.
    """

    log: str
    line: str
    topic: str
    types: frozenset[str] | None = None


def outgoing(settings: Settings, log: str) -> tuple[Outgoing, ...]:
    """The topics of a log: all of it on one, and of analytics the alerts on another."""
    prefix = settings.topic_prefix
    whole = Outgoing(log, EVENTS, events_topic(log, prefix))
    if log != "analytics":
        return (whole,)
    return whole, Outgoing(log, ALERTS_LINE, alerts_topic(prefix), frozenset(model.type for model in ALERTS))


def named(settings: Settings, name: str) -> Outgoing:
    """The topic of all events of a log, by the log's name, or that of the ``alerts``.

    Raises:
        LogUnknown: there is neither.
    """
    if name == ALERTS_LINE:
        return outgoing(settings, "analytics")[-1]
    known_log(name)
    return outgoing(settings, name)[0]


def planned(settings: Settings) -> list[Topic]:
    """What `maplebridge topics` plans: the events of each log, the city's among them, the alerts, the rules' own.

    Args:
        settings: how many partitions new topics get; those of the rules, as many as their sources (`plan_beside`).
    """
    prefix = settings.topic_prefix
    names = [*(events_topic(log, prefix) for log in LOGS), alerts_topic(prefix)]
    events = [kept(name, settings.topic_partitions, settings.topic_replicas) for name in names]
    return [*events, *rules_topics(settings)]


def events_of(settings: Settings, services: Iterable[str]) -> list[Topic]:
    """The topics of these services' events, as planned."""
    return as_planned(settings, [outgoing(settings, service)[0] for service in services])


def as_planned(settings: Settings, topics: Iterable[Outgoing]) -> list[Topic]:
    """What these should be."""
    names = {each.topic for each in topics}
    return [topic for topic in planned(settings) if topic.name in names]


async def check_topics(settings: Settings, topics: Sequence[Topic], wanted: Sequence[Grant] = ()) -> None:
    """See before a process starts its work that Kafka lets it in, allows all of it, and has its topics as planned.

    Raises:
        KafkaRefused, SettingMissing, SettingMalformed: there is no way in, or rights are missing.
        TopicMissing, TopicDiffers.
    """
    async with reached(settings, wanted) as admin:
        await check(admin, topics)


async def make_topics(settings: Settings) -> None:
    """Makes what is missing and mends what can be, of all that is planned.

    Raises:
        KafkaRefused, SettingMissing, SettingMalformed: there is no way in. TopicDiffers: a topic stays another.
    """
    async with reached(settings) as admin:
        plan = await plan_beside(admin, settings)
        await apply(admin, plan)
        await check(admin, plan)


async def plan_beside(admin: AIOKafkaAdminClient, settings: Settings) -> list[Topic]:
    """The plan, where Kafka may have given the topics that the rules read more partitions than new ones get."""
    there = (await find(admin, source_topics(settings))).values()
    wanted = max((found.partitions for found in there), default=settings.topic_partitions)
    theirs = {topic.name: topic for topic in planned(settings.model_copy(update={"topic_partitions": wanted}))}
    of_rules = {*source_topics(settings), *(topic.name for topic in rules_topics(settings))}
    return [theirs[topic.name] if topic.name in of_rules else topic for topic in planned(settings)]


async def grow_topics(
    settings: Settings, names: Sequence[str], partitions: int, wanted: Sequence[Grant] = ()
) -> list[str]:
    """Give topics more partitions; where the rules read one of them, all that they read get as many.

    Args:
        names: of logs, or ``alerts``; none: all that the rules read. partitions: how many each shall have.
        wanted: what must be allowed there.

    Returns:
        The sources of the rules that grew, or had grown; empty where the rules are not concerned.

    Raises:
        LogUnknown: there is no such log. TopicNotApplied: Kafka refuses. TopicMissing: one is not there.
    """
    rules = source_topics(settings)
    topics = {named(settings, name).topic for name in names} or set(rules)
    if topics & set(rules):
        topics |= set(rules)
    async with reached(settings, wanted) as admin:
        found = await find(admin, topics)
        for missing in sorted(topics - set(found)):
            raise TopicMissing(missing)
        await grow(admin, {name: found[name].partitions for name in sorted(topics)}, partitions)
    return sorted(rules[name] for name in topics & set(rules))


async def told_of_growth(settings: Settings, source: str, partitions: int, patience: float = 60.0) -> None:
    """Wait until the relay of a log has written in the partitions that its topic was given.

    Raises:
        RelayAway: it does not within so many seconds.
    """
    topic, client, deadline = named(settings, source).topic, client_arguments(settings), time.monotonic() + patience
    while True:
        async with looking_at(topic, client) as end:
            if end.ends.get(partitions - 1, 0) > 0:
                return
        if time.monotonic() > deadline:
            raise RelayAway(source)
        await asyncio.sleep(POLL)


@contextlib.asynccontextmanager
async def reached(settings: Settings, wanted: Sequence[Grant] = ()) -> AsyncIterator[AIOKafkaAdminClient]:
    """Kafka, for who looks after it.

    Args:
        wanted: what must be allowed there.

    Raises:
        KafkaRefused, SettingMissing, SettingMalformed: there is no way in, or rights are missing.
    """
    await check_connection(settings)
    admin = AIOKafkaAdminClient(**client_arguments(settings))
    await admin.start()
    try:
        await rights.check(admin, settings.kafka_user, wanted)
        yield admin
    finally:
        await admin.close()


def readers(settings: Settings, name: str) -> str:
    """What the consumer groups of a service's readers begin with."""
    return f"{settings.topic_prefix}.{name}"
