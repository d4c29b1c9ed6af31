"""Who may do what on Kafka: a principal for each process that goes there, with what that process does and no more."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from contracts.topics import events_topic
from services.analytics.app import READ_MODELS
from services.analytics.rules.facts import SOURCES
from services.analytics.rules.stream.topics import UNITS, changelog, group, rules_topics
from services.chassis.kafka.folder import keeper
from services.chassis.service import wider
from services.chassis.settings import Settings
from services.chassis.subscriptions.kafka import group_of
from services.runtime.composition import READS_ALL, followed
from services.runtime.databases import LOGS
from services.runtime.processes.topics import readers
from services.runtime.topics import outgoing, planned

Kind = Literal["topic", "group", "cluster"]
LOOK = ("Describe", "DescribeConfigs")
"""What each process does at its start: it sees whether its topics are as planned."""
JOIN = ("Read", "Describe")
CLUSTER = "kafka-cluster"
"""Kafka's own name for the cluster as a thing that something may be done with."""
CITY_PLATFORM = "city-platform"


@dataclass(frozen=True)
class Grant:
    """What may be done with one thing.

    Attributes:
        kind: of thing. name: the whole of it; none is meant by how its name begins. operations: Kafka's names.
    """

    kind: Kind
    name: str
    operations: tuple[str, ...]


def principals(settings: Settings) -> dict[str, list[Grant]]:
    """What each may do; by the name of its process in the plan of an instance, and of two that are no processes.

    The ``operator`` is who runs `maplebridge topics`, `relay republish` and `projections rebuild rules`; the
    ``city-platform`` is somebody else's, and reads what was made for it.
    """
    return {
        **{f"relay-{log}": _relay(settings, log) for log in LOGS},
        "project": _project(settings),
        "stream": _stream(settings),
        "topics": _topics([topic.name for topic in planned(settings)], "Create", "AlterConfigs", *LOOK),
        "operator": _operator(settings),
        CITY_PLATFORM: [
            *_topics([events_topic("city", settings.topic_prefix)], *JOIN),
            *_groups([f"{settings.topic_prefix}.{CITY_PLATFORM}"]),
        ],
    }


def _relay(settings: Settings, log: str) -> list[Grant]:
    # it reads the end of its topic before it goes on there
    topics = [each.topic for each in outgoing(settings, log)]
    return [*_topics(topics, "Read", "Write", *LOOK), Grant("cluster", CLUSTER, ("IdempotentWrite",))]


def _project(settings: Settings) -> list[Grant]:
    def events(source: str) -> str:
        return events_topic(source, settings.topic_prefix)

    begin = readers(settings, READS_ALL)
    others = [source for source in followed(READS_ALL) if source != READS_ALL]
    models = wider(READS_ALL, READ_MODELS)
    return [
        *_topics([events(source) for source in others], "Read", *LOOK),
        *_topics([events(READS_ALL)], *LOOK),  # its own log it reads in its database
        *_groups(
            group_of(begin, model.name, source) for model in models for source in model.sources if source in others
        ),
    ]


def _stream(settings: Settings) -> list[Grant]:
    return [
        *_topics(_sources(settings), "Read", *LOOK),
        *_topics([topic.name for topic in rules_topics(settings)], "Read", "Write", *LOOK),
        *_groups([group(settings), keeper(changelog(settings, UNITS))]),
    ]


def _operator(settings: Settings) -> list[Grant]:
    # to begin anew, the rules' own topics are deleted, and their group is set back in the sources
    sources, rules = _sources(settings), [topic.name for topic in rules_topics(settings)]
    grants = []
    for topic in planned(settings):
        more = ["Read"] if topic.name in sources else ["Delete"] if topic.name in rules else []
        grants += _topics([topic.name], "Create", "AlterConfigs", *LOOK, *more)
    return [*grants, *_groups([group(settings)])]


def _sources(settings: Settings) -> list[str]:
    return [events_topic(source, settings.topic_prefix) for source in SOURCES]


def _topics(names: Iterable[str], *operations: str) -> list[Grant]:
    return [Grant("topic", name, operations) for name in names]


def _groups(names: Iterable[str]) -> list[Grant]:
    return [Grant("group", name, JOIN) for name in names]
