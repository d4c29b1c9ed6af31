"""The figures of the case: each definition, counted now or as of earlier positions."""

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from services.analytics.figures import counting
from services.analytics.figures.counting import Part, Selection
from services.analytics.figures.definition import Definition
from services.analytics.figures.figure import (
    Comparison,
    Figure,
    MovedHoliday,
    Name,
    Series,
    compared,
    moved_holidays,
    span,
)
from services.analytics.statistics.coverage import Declared, Spans, covered, is_covered, union
from services.analytics.statistics.days import Days, months
from services.chassis.access import covers


def selection(definition: Definition, places: tuple[str, ...], at: Mapping[str, int] | None) -> Selection:
    """What a definition counts."""
    return Selection(places, definition.kinds, category=definition.category, place=definition.place, at=at)


@dataclass(frozen=True)
class Choice:
    """Whose figures are added up.

    Attributes:
        parts: sources that cover both spans, each with the place of which it does; None where none covers the whole
            place, and all that was counted is shown.
        covered: whether the span is covered. declared: what the sources said.
    """

    parts: tuple[Part, ...] | None
    covered: bool
    declared: Sequence[Declared]


async def figures(
    engine: AsyncEngine,
    definitions: Sequence[Definition],
    places: tuple[str, ...],
    at: Mapping[str, int] | None,
    as_of: datetime,
    position: dict[str, int],
) -> list[Figure]:
    """Each figure of the case, counted up to the positions asked for."""
    declared = await counting.coverages(engine, at, position, as_of)
    return [await _figure(engine, one, places, at, declared, as_of, position) for one in definitions]


async def counted(
    engine: AsyncEngine, definition: Definition, wanted: Selection, position: Mapping[str, int], as_of: datetime
) -> Selection:
    """What a figure counts, of the sources that it counts: its very events are asked for with it."""
    declared = await counting.coverages(engine, wanted.at, position, as_of)
    return replace(wanted, parts=(await _choice(engine, definition, wanted, declared)).parts)


async def _figure(
    engine: AsyncEngine,
    definition: Definition,
    places: tuple[str, ...],
    at: Mapping[str, int] | None,
    declared: Mapping[str, Sequence[Declared]],
    as_of: datetime,
    position: dict[str, int],
) -> Figure:
    wanted = selection(definition, places, at)
    if definition.indicator is not None:
        found = await _reported(engine, definition, wanted, definition.indicator, declared)
    else:
        found = await _counted(engine, definition, wanted, declared)
    current, before = definition.spans
    change = found.comparison.change_percent
    return Figure(
        **dict(found.comparison) | {"change_percent": None if change is None else round(change, definition.digits)},
        change_digits=definition.digits,
        change_of=definition.change,
        moved_holidays=_moved(definition, found) if change is not None else [],
        sources=sorted(found.sources),
        left_out=sorted(found.left_out),
        id=definition.id,
        source=None,
        kind=definition.indicator or definition.kinds[0],
        category=definition.category,
        label=definition.name["en"],
        name=Name(zh=definition.name["zh"], en=definition.name["en"]),
        place=definition.place,
        period=f"{current.first}/{current.last}",
        span=definition.span,
        previous_span=span(before),
        basis=definition.basis,
        unit=definition.unit,
        covered=found.covered,
        series=found.series,
        as_of=as_of,
        position=position,
    )


def _moved(definition: Definition, found: "Found") -> list[MovedHoliday]:
    """Only a span of another year is the like of one; before and after are of other seasons anyway."""
    return moved_holidays(*definition.spans, found.declared) if definition.basis == "year" else []


@dataclass(frozen=True)
class Found:
    """What a definition comes to.

    Attributes:
        comparison, series: the values. sources: that were added up. left_out: that tell of it and were not.
        covered: whether the span is covered whole. declared: what the sources said that they cover.
    """

    comparison: Comparison
    series: Series
    sources: set[str]
    left_out: set[str]
    covered: bool
    declared: Sequence[Declared]


async def _choice(
    engine: AsyncEngine, definition: Definition, wanted: Selection, declared: Mapping[str, Sequence[Declared]]
) -> Choice:
    """A source takes part where it covers both spans, alone or as it continues another, and tells of such things."""
    told = await counting.tellers(engine, wanted)
    known = {source: said for source, said in declared.items() if source in told or _names(said, definition)}
    place = definition.place
    parts = {
        (source, inner)
        for source, said in known.items()
        for inner in _places(said, place)
        if all(is_covered(days, _told_days(known, source, inner, definition)) for days in definition.spans)
    }
    whole = {source for source, inner in parts if inner == place}
    current = {
        source
        for source, said in known.items()
        if is_covered(definition.spans[0], covered(said, place, [definition.category]))
    }
    # one that came to tell of the whole place may have taken it over from another without a word
    if not whole or current - whole:
        return Choice(None, bool(current), ())
    kept = sorted(part for part in parts if part[1] == place or part[0] not in whole)
    return Choice(tuple(kept), bool(current), [said for source, _ in kept for said in declared[source]])


def _places(declared: Sequence[Declared], place: str) -> set[str]:
    """The place itself, or what a source covers of it."""
    return {place if covers(said.place, place) else said.place for said in declared if _meet(said.place, place)}


def _meet(one: str, other: str) -> bool:
    return covers(one, other) or covers(other, one)


def _told_days(known: Mapping[str, Sequence[Declared]], source: str, place: str, definition: Definition) -> Spans:
    """The days that a source covers at a place, with those of the sources that it continues there."""
    before = {said.continues for said in known[source] if said.continues and covers(said.place, place)}
    days: Spans = ()
    for each in (source, *before):
        days = union(days, covered(known.get(each, ()), place, [definition.category]))
    return days


def _names(declared: Sequence[Declared], definition: Definition) -> bool:
    """Whether a declaration names the category: then a source that has told of none says that there was none."""
    return any(said.categories and said.speaks_of(definition.place, definition.category) for said in declared)


async def _counted(
    engine: AsyncEngine, definition: Definition, wanted: Selection, declared: Mapping[str, Sequence[Declared]]
) -> Found:
    choice = await _choice(engine, definition, wanted, declared)
    every, rows = [
        [await counting.counts(engine, each, days, "month") for days in definition.spans]
        for each in (wanted, replace(wanted, parts=choice.parts))
    ]
    totals: list[int] = []
    series: list[list[float]] = []
    for days, found in zip(definition.spans, rows, strict=True):
        by_month: Counter[date] = Counter()
        for row in found:
            by_month[row["bucket"]] += row["number"]
        totals.append(by_month.total())
        series.append([float(by_month[month.first.replace(day=1)]) for month in months(days)])
    known = choice.covered or bool(rows[0])
    comparison = compared(
        totals[0] if known else None,
        totals[1] if choice.parts else None,
        counts=True,
        exposure=_exposure(definition),
        change_of=definition.change,
    )
    shown = Series(value=series[0], previous=series[1])
    chosen, seen = _by_source(rows), _by_source(every)
    sources = {source for source, _ in choice.parts or ()} or set(seen)
    left_out = {source for source, number in seen.items() if number != chosen[source]}
    return Found(comparison, shown, sources, left_out, choice.covered, choice.declared)


def _by_source(rows: Sequence[Sequence[Mapping[str, Any]]]) -> Counter[str]:
    numbers: Counter[str] = Counter()
    for row in itertools.chain(*rows):
        numbers[row["source"]] += row["number"]
    return numbers


async def _reported(
    engine: AsyncEngine,
    definition: Definition,
    wanted: Selection,
    indicator: str,
    declared: Mapping[str, Sequence[Declared]],
) -> Found:
    rows = [await counting.reports(engine, wanted, indicator, days) for days in definition.spans]
    sources = {row["source"] for found in rows for row in found}
    totals = [round(_sum(found) / definition.scale, 6) if found else None for found in rows]
    series = [
        [_within(found, part) / definition.scale for part in months(days)]
        for days, found in zip(definition.spans, rows, strict=True)
    ]
    # a sum is whole only when every firm that reports at all has reported throughout
    whole = [
        bool(sources) and all(is_covered(days, covered(declared.get(s, []), definition.place, [None])) for s in sources)
        for days in definition.spans
    ]
    comparison = compared(
        totals[0],
        totals[1] if all(whole) else None,
        counts=False,
        exposure=_exposure(definition),
        change_of=definition.change,
    )
    shown = Series(value=series[0], previous=series[1])
    said = [each for source in sources for each in declared.get(source, [])]
    return Found(comparison, shown, sources, set(), whole[0], said)


def _exposure(definition: Definition) -> float:
    current, before = definition.spans
    return len(current) / len(before)


def _sum(rows: Sequence[Mapping[str, Any]]) -> float:
    return math.fsum(row["value"] for row in rows)


def _within(rows: Sequence[Mapping[str, Any]], month: Days) -> float:
    return _sum([row for row in rows if month.first <= row["first"] <= month.last])
