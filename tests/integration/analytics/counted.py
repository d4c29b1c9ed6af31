"""Calls and declarations for tests of figures, and a moment at which the years that they count are over."""

from datetime import UTC, datetime, timedelta

from contracts.common import Occurred, Role
from contracts.incidents import Channel, IncidentReported
from tests.integration.analytics.happenings import WANDA

CITY = "yinchuan"
HOME = "Asia/Shanghai"
LATER = datetime(2025, 3, 10, 4, 0, tzinfo=UTC)
"""Noon in Yinchuan, when 2024 and February of 2025 are over."""


COST = {
    "indicator": "building-security-cost",
    "source": "security-a",
    "place": WANDA,
    "span": {"first": "2024-03-01", "last": "2024-03-31"},
    "unit": "CNY",
}


def calls(number, category, day, *, place=WANDA, source="live", label=None, first=0, **more):
    """So many incidents of one day, a minute apart, at noon in Yinchuan."""
    told = []
    for n in range(first, first + number):
        moment = datetime(day.year, day.month, day.day, 4, tzinfo=UTC) + timedelta(seconds=n)
        name = f"{source}-{category.replace('/', '-')}-{day}-{n}"
        event = IncidentReported(
            incident=name,
            category=category,
            place=place,
            occurred=Occurred(earliest=moment, latest=moment, zone=HOME),
            channel=Channel.PHONE_110 if source == "live" else Channel.IMPORT,
            source=source,
            source_category=label,
            effective_at=moment,
            **more,
        )
        told.append((f"incident-{name}", event))
    return told


async def cover(station, source, first, last, *gaps, place=CITY, **more):
    body = {
        "source": source,
        "place": place,
        "span": {"first": first, "last": last},
        "gaps": [{"first": start, "last": end} for start, end in gaps],
        **more,
    }
    caller = station.caller(Role.SUPERVISOR, "yinchuan", "vancouver")
    answer = await caller.post("/coverage", body)
    assert answer.status_code == 201, answer.text
