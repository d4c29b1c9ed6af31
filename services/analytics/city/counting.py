"""What is counted for the city, from the kpi read model: by source, area and period, and from how many places."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.city import Measure
from services.analytics.statistics.coverage import Declared, Spans, covered
from services.analytics.statistics.days import Days, Period, PeriodKind, periods
from services.analytics.views.sight import ask
from services.chassis.access import covers, inside_sql

# what is not located so finely belongs to no area and is left out; one that is located by its area alone has a place
# of its own, since nobody knows better
COUNTS = sa.text(f"""
with series as materialized (
    select id, source from kpi.series
    where kind = :kind
      and (cast(:category as text) is null or {inside_sql("category", ":category")})
), placed as (
    select series.source, h.place, cast(date_trunc(:unit, cast(h.day as timestamp)) as date) as bucket,
           sum(h.amount) as number
    from kpi.happenings as h join series on series.id = h.series
    group by 1, 2, 3 having sum(h.amount) > 0
), divided as (
    select *, string_to_array(place, '/') as path from placed
)
select source, bucket, array_to_string(path[1:cast(:depth as integer)], '/') as area,
       cast(sum(number) as bigint) as number,
       cast(sum(case when cardinality(path) = :depth then number else 1 end) as bigint) as places
from divided where cardinality(path) >= :depth
group by 1, 2, 3
""")
TELLERS = sa.text("""
select distinct series.source, split_part(h.place, '/', 1) as city
from kpi.happenings as h join kpi.series on series.id = h.series
where series.kind = :kind and cardinality(string_to_array(h.place, '/')) >= :depth
""")

By = tuple[str, str]
"""A source and a city."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many there were in an area, and from how many places."""

    area: str
    number: int
    places: int


Counts = Mapping[tuple[str, str, date], list[Count]]
"""What was counted for one measure, by source, city and the first day of the period."""


@dataclass(frozen=True)
class Due:
    """One period of one source and city that is covered and over.

    Attributes:
        source, city: whose. period: which. within: the areas that are covered in the whole of it.
    """

    source: str
    city: str
    period: Period
    within: tuple[str, ...]


async def counts(engine: AsyncEngine, measure: Measure) -> Counts:
    """Everything that there is of a measure."""
    values = {"kind": measure.kind, "category": measure.category, "unit": measure.period.value}
    found: defaultdict[tuple[str, str, date], list[Count]] = defaultdict(list)
    for row in await ask(engine, COUNTS, **values, depth=measure.area.depth):
        city = row["area"].partition("/")[0]
        found[row["source"], city, row["bucket"]].append(Count(row["area"], row["number"], row["places"]))
    return found


async def tellers(engine: AsyncEngine, measure: Measure) -> set[By]:
    """Who tells so finely where something was, of any category: of the others nothing is known by area."""
    return {
        (row["source"], row["city"]) for row in await ask(engine, TELLERS, kind=measure.kind, depth=measure.area.depth)
    }


def due(measure: Measure, source: str, declared: Sequence[Declared], since: date | None, until: date) -> list[Due]:
    """The periods of a source that can be told: covered as a whole, begun on or after ``since``, over by ``until``.

    Args:
        measure: of what. source, declared: whose, and what it covers. since: the first day that counts; None for any.
        until: the last day that counts.
    """
    wanted = Days(since or date.min, until)
    areas: dict[tuple[str, str], tuple[Days, set[str]]] = {}
    for area, spans in _covered(measure, declared).items():
        city = area.partition("/")[0]
        for period in _whole(measure, spans, wanted):
            areas.setdefault((city, period.name), (period.days, set()))[1].add(area)
    return [
        Due(source, city, Period(name, days), _outermost(found))
        for (city, name), (days, found) in sorted(areas.items(), key=lambda item: (item[0][0], item[1][0]))
    ]


def _covered(measure: Measure, declared: Sequence[Declared]) -> Mapping[str, Spans]:
    areas = {said.place for said in declared if said.place and said.place.count("/") < measure.area.depth}
    return {area: covered(declared, area, [measure.category]) for area in sorted(areas)}


def _whole(measure: Measure, spans: Spans, wanted: Days) -> list[Period]:
    kind = PeriodKind(measure.period.value)
    # a part of a period has its days for a name
    return [
        period for span in spans if span & wanted for period in periods(kind, span & wanted) if "/" not in period.name
    ]


def _outermost(areas: set[str]) -> tuple[str, ...]:
    return tuple(sorted(area for area in areas if not any(other != area and covers(other, area) for other in areas)))
