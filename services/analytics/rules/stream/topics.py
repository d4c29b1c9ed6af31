"""What the rules' topics are called, and what they should be."""

from collections.abc import Mapping

from aiokafka.admin import AIOKafkaAdminClient

from contracts.topics import events_topic
from services.analytics.rules.facts import SOURCES
from services.chassis.kafka.connection import check_connection, client_arguments
from services.chassis.kafka.topics import Topic, compacted, passing
from services.chassis.settings import Settings

CALLS, UNITS = "calls", "units"
"""The tables: how far sources are read and which call came from which unit; and what is known of units."""


class PartitionsDiffer(Exception):
    """The rules' tables lie beside the partitions of the sources, so all of them have to be as many."""

    def __init__(self, found: Mapping[str, int], planned: int) -> None:
        counts = ", ".join(f"{name} has {count}" for name, count in found.items())
        super().__init__(f"The rules need {planned} partitions of each topic, and {counts}. {advice(planned)}")


def advice(partitions: int) -> str:
    """What to do where topics have come to differ."""
    return f"Run `maplebridge topics grow {partitions}`: it gives all of them as many, and the rules begin anew."


def group(settings: Settings) -> str:
    """The worker's name and its consumer group; its tables' changelogs begin with it."""
    return f"{settings.topic_prefix}.analytics.rules"


def units_topic(settings: Settings) -> str:
    """Where facts travel to the partition of their unit."""
    return f"{group(settings)}-facts"


def changelog(settings: Settings, table: str) -> str:
    """Where a table comes back from."""
    return f"{group(settings)}-{table}-changelog"


def rules_topics(settings: Settings) -> list[Topic]:
    """The topics of the rules' own; all have as many partitions as those of the sources."""
    partitions, replicas = settings.topic_partitions, settings.topic_replicas
    tables = [compacted(changelog(settings, table), partitions, replicas) for table in (CALLS, UNITS)]
    return [passing(units_topic(settings), partitions, replicas), *tables]


def source_topics(settings: Settings) -> dict[str, str]:
    """The topics that the rules read, and the source of each."""
    return {events_topic(source, settings.topic_prefix): source for source in SOURCES}


async def divided(settings: Settings, *, own: bool = True) -> Settings:
    """Return the settings with as many partitions as the sources' topics have; those that are missing do not count.

    Args:
        own: whether the rules' own topics must have as many, too.

    Raises:
        PartitionsDiffer: they do not all have as many. KafkaRefused, SettingMissing, SettingMalformed: no way in.
    """
    await check_connection(settings)
    admin = AIOKafkaAdminClient(**client_arguments(settings))
    await admin.start()
    sources = source_topics(settings)
    try:
        names = {*sources, *(topic.name for topic in rules_topics(settings) if own)}
        there = sorted(names & set(await admin.list_topics()))  # asking for one that is missing might create it
        found = {one["topic"]: len(one["partitions"]) for one in await admin.describe_topics(there)} if there else {}
    finally:
        await admin.close()
    wanted = max((found[name] for name in sources if name in found), default=settings.topic_partitions)
    if differing := {name: count for name, count in sorted(found.items()) if count != wanted}:
        raise PartitionsDiffer(differing, wanted)
    return settings.model_copy(update={"topic_partitions": wanted})


__all__ = [
    "CALLS",
    "SOURCES",
    "UNITS",
    "advice",
    "changelog",
    "divided",
    "group",
    "rules_topics",
    "source_topics",
    "units_topic",
]
