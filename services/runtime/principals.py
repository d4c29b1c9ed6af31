"""Who may do what on Kafka: a principal for each process that goes there, with what that process does and no more."""

from collections.abc import Iterable

from contracts.topics import events_topic
from services.analytics.rules.facts import SOURCES
from services.analytics.rules.stream.topics import UNITS, changelog, group, rules_topics
from services.chassis.kafka.folder import keeper
from services.chassis.kafka.rights import Grant, Kind
from services.chassis.relay.relay import RIGHTS
from services.chassis.service import wider
from services.chassis.settings import Settings
from services.chassis.subscriptions.kafka import READ, group_of
from services.runtime.composition import READS_ALL, followed
from services.runtime.databases import LOGS
from services.runtime.topics import outgoing, planned, readers

LOOK = ("Describe", "DescribeConfigs")
"""What each process does at its start: it sees whether its topics are as planned."""
CITY_PLATFORM = "city-platform"


def principals(settings: Settings) -> dict[str, list[Grant]]:
    """What each may do; by the name of its process in the plan of an instance, and of two that are no processes.

    The ``operator`` is who runs `maplebridge topics`, `relay republish` and `projections rebuild rules`; the
    ``city-platform`` is somebody else's, and reads what was made for it.
    """
    return {
        **{f"relay-{log}": relay(settings, log) for log in LOGS},
        "project": project(settings),
        "stream": stream(settings),
        "topics": applied(settings),
        "operator": _together(applied(settings), grown(settings)),
        CITY_PLATFORM: [
            *_topics([events_topic("city", settings.topic_prefix)], *READ),
            *_groups([f"{settings.topic_prefix}.{CITY_PLATFORM}"]),
        ],
    }


def seen(settings: Settings) -> list[Grant]:
    """What `maplebridge topics plan` does."""
    return _topics([topic.name for topic in planned(settings)], *LOOK)


def applied(settings: Settings) -> list[Grant]:
    """What `maplebridge topics apply` does."""
    return _topics([topic.name for topic in planned(settings)], "Create", "AlterConfigs", *LOOK)


def grown(settings: Settings) -> list[Grant]:
    """What `maplebridge topics grow` does: it adds partitions, and lets the rules begin anew."""
    events = [each.topic for log in LOGS for each in outgoing(settings, log)]
    return _together(_topics(events, "Alter", *LOOK), rules_anew(settings))


def relay(settings: Settings, log: str) -> list[Grant]:
    """What the relay of a log does."""
    return _topics([each.topic for each in outgoing(settings, log)], *dict.fromkeys((*RIGHTS, *LOOK)))


def project(settings: Settings) -> list[Grant]:
    """What reads the other services' events does, each read model and source in a group of its own."""
    from services.analytics.app import READ_MODELS  # a relay, which asks for its rights here, does not load them

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


def stream(settings: Settings) -> list[Grant]:
    """What a stream worker of the rules does."""
    return [
        *_topics(_sources(settings), "Read", *LOOK),
        *_topics([topic.name for topic in rules_topics(settings)], "Read", "Write", *LOOK),
        *_groups([group(settings), keeper(changelog(settings, UNITS))]),
    ]


def rules_anew(settings: Settings) -> list[Grant]:
    """What `maplebridge projections rebuild rules` does: it makes the rules' own topics anew, and sets their group back
    in the sources.
    """
    return [
        *_topics(_sources(settings), "Describe", "Read"),
        *_topics([topic.name for topic in rules_topics(settings)], "Create", "AlterConfigs", *LOOK, "Delete"),
        *_groups([group(settings)]),
    ]


def _together(*several: Iterable[Grant]) -> list[Grant]:
    """Each thing once."""
    operations: dict[tuple[Kind, str], dict[str, None]] = {}
    for grants in several:
        for each in grants:
            operations.setdefault((each.kind, each.name), {}).update(dict.fromkeys(each.operations))
    return [Grant(kind, name, tuple(found)) for (kind, name), found in operations.items()]


def _sources(settings: Settings) -> list[str]:
    return [events_topic(source, settings.topic_prefix) for source in SOURCES]


def _topics(names: Iterable[str], *operations: str) -> list[Grant]:
    return [Grant("topic", name, operations) for name in names]


def _groups(names: Iterable[str]) -> list[Grant]:
    return [Grant("group", name, READ) for name in names]
