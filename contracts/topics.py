"""What the topics are called, what is on them, and how many partitions they have where nobody decided otherwise."""

PREFIX = "maplebridge"
PARTITIONS = 6
REPLICAS = 1
LARGEST_MESSAGE = 1_048_576
"""Bytes of a message, as its topic takes them."""
WATERMARK = "maplebridge.watermark.v1"
"""Type of the record that says of a partition that it is complete up to a position."""

BARRIER = "maplebridge.barrier.v1"
"""Type of the record that says so before the topic goes on with more partitions."""

LOGS = {
    "registry": "Buildings, units, tenancies, visits, and the subjects whose keys it owns",
    "incidents": "What was reported, who went, how it ended",
    "mediation": "Disputes, sessions, and the issues that a teahouse or a meeting resolves",
    "analytics": "Alerts and what becomes of them, reported figures, and what a source covers",
    "city": "Counts by area and period for a city's data platform: no person, nothing fine, no small count",
}
"""Every log that is published, and what is in it."""


def events_topic(service: str, prefix: str = PREFIX) -> str:
    """The topic of a log's events. Those of the services carry subject ids and are for the platform's own principals;
    those of ``city`` are for a city's data platform."""
    return f"{prefix}.{service}.events"


def alerts_topic(prefix: str = PREFIX) -> str:
    """The topic of alerts."""
    return f"{prefix}.alerts"
