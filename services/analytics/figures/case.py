"""The figures of the case: each definition, counted now or as of earlier positions."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from services.analytics.figures import counting
from services.analytics.figures.counting import Selection
from services.analytics.figures.definition import Definition
from services.analytics.figures.figure import Comparison, Figure, Name, Series, compared, span
from services.analytics.statistics.coverage import Declared, Spans, covered, is_covered, union
from services.analytics.statistics.days import Days, months


def selection(definition: Definition, places: tuple[str, ...], at: Mapping[str, int] | None) -> Selection:
    """What a definition counts."""
    return Selection(places, definition.kinds, category=definition.category, place=definition.place, at=at)


async def figures(
    engine: AsyncEngine,
    definitions: Sequence[Definition],
    places: tuple[str, ...],
    at: Mapping[str, int] | None,
    as_of: datetime,
    position: dict[str, int],
) -> list[Figure]:
    """Each figure of the case, counted up to the positions asked for."""
    declared = await counting.coverages(engine, at, position)
    return [await _figure(engine, one, places, at, declared, as_of, position) for one in definitions]


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
        comparison, series, whole = await _reported(engine, definition, wanted, definition.indicator, declared)
    else:
        comparison, series, whole = await _counted(engine, definition, wanted, declared)
    current, before = definition.spans
    change = comparison.change_percent
    return Figure(
        **dict(comparison) | {"change_percent": None if change is None else round(change, definition.digits)},
        change_digits=definition.digits,
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
        covered=whole,
        series=series,
        as_of=as_of,
        position=position,
    )


async def _counted(
    engine: AsyncEngine, definition: Definition, wanted: Selection, declared: Mapping[str, Sequence[Declared]]
) -> tuple[Comparison, Series, bool]:
    days: Spans = ()
    for said in declared.values():
        days = union(days, covered(said, definition.place, [definition.category]))
    totals, series = [], []
    for wanted_days in definition.spans:
        by_month: dict[date, int] = {}
        for row in await counting.counts(engine, wanted, wanted_days, "month"):
            by_month[row["bucket"]] = by_month.get(row["bucket"], 0) + row["number"]
        known = is_covered(wanted_days, days)
        totals.append(sum(by_month.values()) if known or by_month else None)
        series.append([float(by_month.get(month.first.replace(day=1), 0)) for month in months(wanted_days)])
    return _held(totals, series, [is_covered(span_, days) for span_ in definition.spans], counts=True)


async def _reported(
    engine: AsyncEngine,
    definition: Definition,
    wanted: Selection,
    indicator: str,
    declared: Mapping[str, Sequence[Declared]],
) -> tuple[Comparison, Series, bool]:
    found = [await counting.reports(engine, wanted, indicator, days) for days in definition.spans]
    sources = {row["source"] for rows in found for row in rows}
    totals, series = [], []
    for days, rows in zip(definition.spans, found, strict=True):
        totals.append(sum(row["value"] for row in rows) / definition.scale if rows else None)
        parts = months(days)
        series.append([_within(rows, part) / definition.scale for part in parts])
    # a sum is whole only when every firm that reports at all has reported throughout
    whole = [
        bool(sources) and all(is_covered(days, covered(declared.get(s, []), definition.place, [None])) for s in sources)
        for days in definition.spans
    ]
    return _held(totals, series, whole, counts=False)


def _within(rows: Sequence[Mapping[str, Any]], month: Days) -> float:
    return float(sum(row["value"] for row in rows if month.first <= row["first"] <= month.last))


def _held(
    totals: list[Any], series: list[list[float]], whole: list[bool], *, counts: bool
) -> tuple[Comparison, Series, bool]:
    value = totals[0] if counts or totals[0] is None else round(totals[0], 6)
    previous = totals[1] if counts or totals[1] is None else round(totals[1], 6)
    comparison = compared(value, previous if all(whole) else None, counts=counts)
    return comparison, Series(value=series[0], previous=series[1]), whole[0]
