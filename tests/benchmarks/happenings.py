"""A year of a city's incidents, invented from a seed, as an import tells them."""

import random
from collections.abc import Iterator
from datetime import timedelta

from contracts.common import Occurred
from contracts.incidents import Channel, IncidentReported, IncidentTriaged, Priority
from services.chassis.eventstore.bulk import BulkEvent
from services.chassis.eventstore.types import new_event
from services.chassis.ids import uuid7
from tests.benchmarks.a_log import ABOUT, NOON

CATEGORIES = ("noise/neighbour", "theft/bicycle", "theft/vehicle", "dispute/noise", "mischief/graffiti", "fire/alarm")
TRIAGED = 0.1
"""The share that a dispatcher moves to another category."""


def incidents(count: int) -> Iterator[IncidentReported]:
    """So many reports."""
    chance = random.Random(7)  # noqa: S311 - not a secret
    for number in range(count):
        category = chance.choice(CATEGORIES)
        at = NOON + timedelta(minutes=chance.randrange(525_600))
        yield IncidentReported(
            incident=f"i-{number}",
            category=category,
            place=f"yinchuan/district-{chance.randrange(6)}/station-{chance.randrange(40)}",
            occurred=Occurred(earliest=at, latest=at),
            channel=Channel.IMPORT,
            source="city-open-data",
            source_id=str(number),
            source_category=category.title(),
            effective_at=at,
        )


def log_of(count: int) -> Iterator[BulkEvent]:
    """So many reports as a log has them, and after a tenth of them that a dispatcher moved it."""
    chance = random.Random(8)  # noqa: S311 - not a secret
    for told in incidents(count):
        stream = f"incident-{told.incident}"
        yield BulkEvent(stream, 1, new_event(uuid7(), told, ABOUT), NOON)
        if chance.random() < TRIAGED:
            judged = IncidentTriaged(
                incident=told.incident,
                place=told.place,
                priority=Priority.ROUTINE,
                category=chance.choice(CATEGORIES),
                effective_at=told.effective_at,
            )
            yield BulkEvent(stream, 2, new_event(uuid7(), judged, ABOUT), NOON)
