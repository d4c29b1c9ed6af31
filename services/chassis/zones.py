"""Where the days of a place are counted: the one rule from a place to a time zone.

A building has a zone of its own, told when it was registered; what knows the building uses that. Everything else asks
here: the nearest place that the settings give a zone, else the zone of the instance.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from services.chassis.access.places import covers, within
from services.chassis.settings import Settings


@lru_cache(maxsize=1)
def settings() -> tuple[str, Mapping[str, str]]:
    """The zone of the instance, and zones by place; as they are in the environment."""
    read = Settings()
    return read.zone, read.zones


def zone_of(place: str | None) -> str:
    """The IANA name of the zone of a place; of the instance where no place is known."""
    default, by_place = settings()
    covering = [each for each in by_place if place and covers(each, place)]
    return by_place[max(covering, key=len)] if covering else default


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local_day(moment: datetime, zone: str) -> date:
    """The calendar day of a moment in a zone."""
    return moment.astimezone(_zone(zone)).date()


def today_at(place: "sa.ColumnElement[str]", now: datetime) -> "sa.ColumnElement[date]":
    """The calendar day of a moment at the place of each row."""
    default, by_place = settings()
    nearest_first = sorted(by_place, key=len, reverse=True)
    days = [(within(place, (each,)), sa.literal(local_day(now, by_place[each]))) for each in nearest_first]
    today = sa.literal(local_day(now, default))
    return sa.case(*days, else_=today) if days else today


def end_of_day(day: date, zone: str) -> datetime:
    """The last moment of a calendar day in a zone; on the days at the ends of the calendar, what can be said."""
    return datetime.combine(day, time.max, _zone(zone))
