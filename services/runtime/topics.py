"""All topics of Maple Bridge, and what of which log goes there."""

import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient

from contracts.analytics import ALERTS
from contracts.topics import alerts_topic, events_topic
from services.analytics.rules.stream.topics import rules_topics
from services.chassis.kafka import rights
from services.chassis.kafka.connection import check_connection, client_arguments
from services.chassis.kafka.rights import Grant
from services.chassis.kafka.topics import Topic, apply, check, kept
from services.chassis.relay.lease import EVENTS
from services.chassis.settings import Settings
from services.runtime.databases import LOGS, known_log

ALERTS_LINE = "alerts"


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
    """What `maplebridge topics` plans: the events of each log, the city's among them, the alerts, the rules' own."""
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
        await apply(admin, planned(settings))
        await check(admin, planned(settings))


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
