"""A figure as it is answered, and how two values become one."""

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from contracts.analytics import Span
from services.analytics.figures.definition import Basis, ChangeOf
from services.analytics.statistics import holidays
from services.analytics.statistics.coverage import Declared
from services.analytics.statistics.days import Days
from services.analytics.statistics.ratio import Interval, change_percent, may_be_chance, ratio_interval


class Name(BaseModel):
    """What it is called in both languages."""

    model_config = ConfigDict(frozen=True)
    zh: str
    en: str


class Series(BaseModel):
    """The months of both spans, in order."""

    model_config = ConfigDict(frozen=True)
    value: list[float]
    previous: list[float]


class MovedHoliday(BaseModel):
    """A holiday that takes up more days of one span than of the other: like is not held against like there.

    Attributes:
        name: of the holiday. days, previous_days: days off in the span, and in the one before.
    """

    model_config = ConfigDict(frozen=True)
    name: Name
    days: int
    previous_days: int


class Figure(BaseModel):
    """A figure and the one that it is held against.

    Attributes:
        label: the category as the source calls it, or ``total``. span, previous_span: over which days.
        value: None where nothing covers the span. previous, change_percent: None unless both spans are covered whole.
        change_digits: digits after the point that the change is told with. change_of: the rate per day, or the totals.
        moved_holidays: that fall into one span more than into the other.
        sources: whose figures are added up. left_out: sources that were not, since they do not cover both spans.
        interval: exact 95 % interval of the ratio of the two rates; its high end is None where it has none.
        interval_percent: the same as changes in percent. may_be_chance: whether no change lies within it.
        withheld: the caller may not read what is counted, and is told no count under five, and only multiples of five.
        covered: the whole span is. as_of, position: when, and from how far into each log.
    """

    model_config = ConfigDict(frozen=True)
    id: str
    source: str | None
    kind: str
    category: str | None
    label: str
    name: Name
    place: str | None
    period: str
    span: Span
    previous_span: Span | None
    basis: Basis
    unit: str
    value: float | int | None
    previous: float | int | None
    change_percent: float | None
    change_digits: int = 2
    change_of: ChangeOf = "rate"
    moved_holidays: list[MovedHoliday] = []
    sources: list[str] = []
    left_out: list[str] = []
    withheld: bool = False
    interval: Annotated[tuple[float, float | None] | None, Field(examples=[[0.69, 0.94]])]
    interval_percent: tuple[float, float] | None
    may_be_chance: bool | None
    covered: bool
    series: Series | None = None
    as_of: datetime
    position: dict[str, int]


class Comparison(BaseModel):
    """Two values and what may be said of them together."""

    model_config = ConfigDict(frozen=True)
    value: float | int | None
    previous: float | int | None
    change_percent: float | None = None
    interval: tuple[float, float | None] | None = None
    interval_percent: tuple[float, float] | None = None
    may_be_chance: bool | None = None


def compared(
    value: float | None, previous: float | None, *, counts: bool, exposure: float = 1.0, change_of: ChangeOf = "rate"
) -> Comparison:
    """What two values say together.

    Args:
        value, previous: totals. counts: they are numbers of events, so that chance can be reckoned.
        exposure: days of the span over those of the one before. change_of: what ``change_percent`` is of.
    """
    if value is None or previous is None:
        return Comparison(value=value, previous=previous)
    interval = ratio_interval(int(value), int(previous), exposure=exposure) if counts else None
    return Comparison(
        value=value,
        previous=previous,
        change_percent=change_percent(value, previous, exposure if change_of == "rate" else 1.0),
        interval=_bounds(interval) if interval else None,
        interval_percent=_percent(interval) if interval else None,
        may_be_chance=may_be_chance(interval) if interval else None,
    )


def span(days: Days | None) -> Span | None:
    """Days as a contract says them."""
    return Span(first=days.first, last=days.last) if days else None


def moved_holidays(span: Days, previous: Days, declared: Iterable[Declared]) -> list[MovedHoliday]:
    """What to note beside a comparison of two spans of sources that declared to count days where the calendar holds."""
    if not any(said.zone in holidays.ZONES for said in declared):
        return []
    return [
        MovedHoliday(name=Name(zh=each.zh, en=each.en), days=each.days, previous_days=each.previous_days)
        for each in holidays.moved(span, previous)
    ]


def _bounds(interval: Interval) -> tuple[float, float | None]:
    return round(interval.low, 6), None if math.isinf(interval.high) else round(interval.high, 6)


def _percent(interval: Interval) -> tuple[float, float] | None:
    if math.isinf(interval.high):
        return None
    return round(100 * (interval.low - 1), 2), round(100 * (interval.high - 1), 2)
