"""What the rules' topics are called, and what they should be."""

from services.analytics.rules.facts import SOURCES
from services.chassis.kafka.topics import Topic, compacted, passing
from services.chassis.settings import Settings

CALLS, UNITS = "calls", "units"
"""The tables: how far sources are read and which call came from which unit; and what is known of units."""


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


__all__ = ["CALLS", "SOURCES", "UNITS", "changelog", "group", "rules_topics", "units_topic"]
