"""Spans of calendar days, and which span a span is compared with."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

DAY = timedelta(days=1)


class PeriodKind(StrEnum):
    """How a span is cut."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """Days from one to another, both inclusive; empty where ``last`` lies before ``first``."""

    first: date
    last: date

    def __bool__(self) -> bool:
        return self.first <= self.last

    def __len__(self) -> int:
        return max(0, (self.last - self.first).days + 1)

    def __and__(self, other: "Days") -> "Days":
        return Days(max(self.first, other.first), min(self.last, other.last))

    def within(self, other: "Days") -> bool:
        """Whether every day of this span lies in the other."""
        return other.first <= self.first and self.last <= other.last


@dataclass(frozen=True, slots=True)
class Period:
    """A year, a month, a day, or the part of one that was asked for.

    Attributes:
        name: ``2017``, ``2017-06``, ``2017-06-30``; a part is named by its days, ``2017-01-01/2017-06-30``.
        days: its span.
    """

    name: str
    days: Days


def year_before(days: Days) -> Days | None:
    """The like span a year before: whole months stay whole months, other days keep their dates.

    None where there is no like span: 29 February has none in a common year, nor has anything before the year 2.
    """
    if days.first.year <= 2:
        return None
    whole = days.first.day == 1 and days.last == _month_end(days.last.year, days.last.month)
    # a span that begins on the leap day has its like begin on the day after it, one that ends there on the day before
    first = date(days.first.year - 1, 3, 1) if _leap(days.first) else days.first.replace(year=days.first.year - 1)
    if whole:
        last = _month_end(days.last.year - 1, days.last.month)
    else:
        last = date(days.last.year - 1, 2, 28) if _leap(days.last) else days.last.replace(year=days.last.year - 1)
    like = Days(first, last)
    return like or None


def periods(kind: PeriodKind, span: Days) -> Iterator[Period]:
    """The years, months or days that a span touches, each cut to it, oldest first."""
    cursor = span.first
    while cursor <= span.last:
        whole, name = _around(kind, cursor)
        part = whole & span
        yield Period(name if part == whole else f"{part.first}/{part.last}", part)
        if whole.last == date.max:
            return
        cursor = whole.last + DAY


def latest_first(kind: PeriodKind, span: Days) -> Iterator[Period]:
    """The same as ``periods``, newest first."""
    cursor = span.last
    while cursor >= span.first:
        whole, name = _around(kind, cursor)
        part = whole & span
        yield Period(name if part == whole else f"{part.first}/{part.last}", part)
        if whole.first == date.min:
            return
        cursor = whole.first - DAY


def named(name: str) -> Days:
    """The span that the name of a period stands for.

    Raises:
        ValueError: it is no such name.
    """
    first, slash, last = name.partition("/")
    if slash:
        return Days(date.fromisoformat(first), date.fromisoformat(last))
    parts = [int(part) for part in name.split("-")]
    kind = list(PeriodKind)[len(parts) - 1] if len(parts) <= 3 else None
    if kind is None:
        raise ValueError(f"{name} is no period")
    return _around(kind, date(*[*parts, 1, 1][:3]))[0]


def months(days: Days) -> list[Days]:
    """The months that a span touches, each cut to it."""
    return [period.days for period in periods(PeriodKind.MONTH, days)]


def _around(kind: PeriodKind, day: date) -> tuple[Days, str]:
    if kind is PeriodKind.YEAR:
        return Days(date(day.year, 1, 1), date(day.year, 12, 31)), f"{day.year:04}"
    if kind is PeriodKind.MONTH:
        return Days(day.replace(day=1), _month_end(day.year, day.month)), f"{day.year:04}-{day.month:02}"
    return Days(day, day), day.isoformat()


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _leap(day: date) -> bool:
    return (day.month, day.day) == (2, 29)
