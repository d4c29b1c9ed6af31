"""Holidays that do not fall on the same days each year, by the State Council's notices. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from chinese_calendar.constants import Holiday, holidays

from services.analytics.statistics.days import Days

ZONES = frozenset({"Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin", "Asia/Kashgar", "PRC"})
"""Zones of places where this calendar is kept."""

MOVING = (Holiday.spring_festival, Holiday.tomb_sweeping_day, Holiday.dragon_boat_festival, Holiday.mid_autumn_festival)
"""Those that follow the moon or the sun; New Year, Labour Day and National Day keep their dates."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A holiday that takes up more days of one span than of the other.

    Attributes:
        zh, en: its name. days, previous_days: days off in the span, and in the one that it is held against.
    """

    zh: str
    en: str
    days: int
    previous_days: int


def moved(span: Days, previous: Days) -> Iterator[Moved]:
    """The holidays that do not fall into both spans alike; only where the notices of all their years are known."""
    first, last = _known()
    if min(span.first, previous.first) < first or max(span.last, previous.last) > last:
        return
    for holiday in MOVING:
        days, before = (_days_off(holiday.value, each) for each in (span, previous))
        whole, whole_before = (_days_off(holiday.value, _years(each)) for each in (span, previous))
        # one that lies in both spans whole has not moved, even where its year gave it a day more
        if days * whole_before != before * whole:
            yield Moved(holiday.chinese, holiday.value, days, before)


@cache
def _known() -> tuple[date, date]:
    years = [day.year for day in holidays]
    return date(min(years), 1, 1), date(max(years), 12, 31)


@cache
def _off(holiday: str) -> list[date]:
    return sorted(day for day, name in holidays.items() if name == holiday)


def _years(span: Days) -> Days:
    return Days(date(span.first.year, 1, 1), date(span.last.year, 12, 31))


def _days_off(holiday: str, span: Days) -> int:
    off = _off(holiday)
    return bisect_right(off, span.last) - bisect_left(off, span.first)
