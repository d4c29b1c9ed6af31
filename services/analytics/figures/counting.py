"""Counting from the kpi read model, as it is or as it was at earlier positions of the logs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from services.analytics.domain.figure_commands import LAST_POSITION
from services.analytics.statistics.coverage import Declared
from services.analytics.statistics.days import DAY, Days
from services.analytics.views.sight import Row, ask
from services.chassis.access import covers, inside_sql, within_sql
from services.chassis.zones import local_day

# what is counted: series by kind, source and category (a path with all below it, or what the source calls it),
# within a place and within the caller's places, up to a position of each log
SERIES = f"""
select id, kind, source, category, label from kpi.series
where kind = any(cast(:kinds as text[])) and (cast(:sources as text[]) is null or source = any(:sources))
  and (cast(:category as text) is null or category = :category
       or (not :exact and ({inside_sql("category", ":category")} or label = :category)))
  and (cast(:mark as text) is null or left(md5(label), 8) = :mark)
"""
WHERE = f"""
h.day between :first and :last
  and (cast(:place as text) is null or {inside_sql("h.place", ":place")})
  and (:allowed or {within_sql("h.place")})
  and (cast(:part_sources as text[]) is null
       or exists (select
                  from unnest(cast(:part_sources as text[]), cast(:part_places as text[])) as part (source, place)
                  join series as told on told.source = part.source
                  where told.id = h.series and {inside_sql("h.place", "part.place")}))
  and (not :bounded or h.position <= case h.log when 'incidents' then cast(:incidents as bigint)
                                                when 'mediation' then cast(:mediation as bigint) else 0 end)
"""
# grouped by number and day first, by name afterwards: half a million rows of text are slow to sort
COUNTS = sa.text(f"""
with series as materialized ({SERIES}), counted as materialized (
    select h.series, cast(date_trunc(:unit, cast(h.day as timestamp)) as date) as bucket, sum(h.amount) as number,
           min(h.day) as first, max(h.day) as last,
           min(case when not :allowed then h.place end collate "C") as least,
           max(case when not :allowed then h.place end collate "C") as most
    from kpi.happenings as h where h.series in (select id from series) and {WHERE}
    group by 1, 2 having sum(h.amount) <> 0
)
select series.kind, series.source, series.category, series.label, counted.bucket, counted.number,
       counted.first, counted.last, counted.least, counted.most
from counted join series on series.id = counted.series order by 2, 3, 4, 5
""")
TELLERS = sa.text(f"with series as ({SERIES}) select distinct source from series")
EVENTS = sa.text(f"""
with series as ({SERIES})
select h.log, h.position, h.part, h.event, h.day, h.place, series.kind, series.source, series.category, series.label
from kpi.happenings as h join series on series.id = h.series
where {WHERE} and h.amount > 0
  and (cast(:after_day as date) is null
       or (h.day, h.log, h.position, h.part) > (:after_day, cast(:after_log as text), :after_position, :after_part))
  and not exists (
      select from kpi.happenings as undone
      where undone.stream = h.stream and undone.log = h.log and undone.series = h.series and undone.amount < 0
        and (undone.position, undone.part) > (h.position, h.part)
        and (not :bounded or undone.position <= case undone.log when 'incidents' then cast(:incidents as bigint)
                                                when 'mediation' then cast(:mediation as bigint) else 0 end)
  )
order by h.day, h.log, h.position, h.part limit :limit
""")
REPORTS = sa.text(f"""
select distinct on (r.indicator, r.source, r.place, r.first, r.last) r.*
from kpi.reports as r
where r.indicator = :indicator and not r.waiting and r.first >= :first and r.last <= :last
  and {inside_sql("r.place", ":place")} and {within_sql("r.place")}
  and (not :bounded or r.position <= cast(:analytics as bigint))
order by r.indicator, r.source, r.place, r.first, r.last, r.position desc
""")
WAITING = sa.text(f"""
select * from (
    select distinct on (r.indicator, r.source, r.place, r.first, r.last) r.*,
           (select before.value from kpi.reports as before
            where before.indicator = r.indicator and before.source = r.source and before.place = r.place
              and not before.waiting and before.position < r.position
            order by before.last desc, before.position desc limit 1) as usual
    from kpi.reports as r
    where {within_sql("r.place")}
    order by r.indicator, r.source, r.place, r.first, r.last, r.position desc
) as latest where waiting order by position limit :limit
""")
COVERAGES = sa.text("""
select * from kpi.coverages as c
where not :bounded or c.position <= cast(:analytics as bigint) order by c.position
""")


Part = tuple[str, str]
"""A source, and the place of which its figures are added up."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is counted, by whom it may be seen, and as of when.

    Attributes:
        kinds, sources, category, place: of what and where; None: any. places: the caller's. exact: the category
        without those below it. mark: of the category as the source calls it, where a source has several for one.
        at: positions of the logs to count up to; None: as far as everything was read. parts: the sources and places
        that are added up; None: all.
    """

    places: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] | None = None
    category: str | None = None
    exact: bool = False
    mark: str | None = None
    place: str | None = None
    at: Mapping[str, int] | None = None
    parts: tuple[Part, ...] | None = None

    def values(self) -> dict[str, Any]:
        """As the queries take them."""
        return {
            "places": list(self.places),
            # a place that lies within the caller's places as a whole needs no look at each row
            "allowed": self.place is not None and any(covers(scope, self.place) for scope in self.places),
            "kinds": list(self.kinds),
            "sources": None if self.sources is None else list(self.sources),
            "category": self.category,
            "exact": self.exact,
            "mark": self.mark,
            "place": self.place,
            "part_sources": None if self.parts is None else [source for source, _ in self.parts],
            "part_places": None if self.parts is None else [place for _, place in self.parts],
            **positions(self.at),
        }


def positions(at: Mapping[str, int] | None) -> dict[str, Any]:
    """As the queries take them; a log that is not named is read to its end."""
    logs = ("incidents", "mediation", "analytics")
    return {"bounded": at is not None} | {log: (at or {}).get(log, LAST_POSITION) for log in logs}


async def counts(engine: AsyncEngine, wanted: Selection, days: Days, unit: str) -> Sequence[Row]:
    """How many of each series in each year, month or day (``bucket``) of a span."""
    values = wanted.values() | {"first": days.first, "last": days.last, "unit": unit}
    values.pop("analytics")
    return await ask(engine, COUNTS, **values)


async def tellers(engine: AsyncEngine, wanted: Selection) -> set[str]:
    """The sources that have ever told of what is counted, anywhere."""
    asked = {name: wanted.values()[name] for name in ("kinds", "sources", "category", "exact", "mark")}
    return {row["source"] for row in await ask(engine, TELLERS, **asked)}


async def events(
    engine: AsyncEngine, wanted: Selection, days: Days, after: tuple[date, str, int, int] | None, limit: int
) -> Sequence[Row]:
    """The very events that are counted, by day."""
    day, log, position, part = after or (None, None, 0, 0)
    cursor = {"after_day": day, "after_log": log, "after_position": position, "after_part": part, "limit": limit}
    values = wanted.values() | {"first": days.first, "last": days.last} | cursor
    values.pop("analytics")
    return await ask(engine, EVENTS, **values)


async def reports(engine: AsyncEngine, wanted: Selection, indicator: str, days: Days) -> Sequence[Row]:
    """What was reported of an indicator within a span, as it was last corrected."""
    values = {"indicator": indicator, "first": days.first, "last": days.last, "place": wanted.place}
    bound = positions(wanted.at)
    places = list(wanted.places)
    return await ask(engine, REPORTS, **values, places=places, bounded=bound["bounded"], analytics=bound["analytics"])


async def waiting(engine: AsyncEngine, places: tuple[str, ...], limit: int) -> Sequence[Row]:
    """Reports that wait for a supervisor, the oldest first, each with what its source reported before (``usual``)."""
    return await ask(engine, WAITING, places=list(places), limit=limit)


async def coverages(
    engine: AsyncEngine, at: Mapping[str, int] | None, reached: Mapping[str, int], now: datetime
) -> dict[str, list[Declared]]:
    """What was declared, by source, in the order in which it was, as far as its days are over.

    Args:
        at: positions of the logs to count up to; None: as far as everything was read. reached: how far that is; what
            is covered only further on was counted in part, and is left out. now: a day that is not over at this moment,
            in the zone of who declared it, is not covered: nobody knows yet what it holds.
    """
    bound = positions(at)
    counted = {**reached, **(at or {})}
    declared: dict[str, list[Declared]] = {}
    for row in await ask(engine, COVERAGES, bounded=bound["bounded"], analytics=bound["analytics"]):
        complete = zip(row["complete_logs"], row["complete_positions"], strict=True)
        if any(counted.get(log, position) < position for log, position in complete):
            continue
        gaps = tuple(Days(first, last) for first, last in zip(row["gap_firsts"], row["gap_lasts"], strict=True))
        span = Days(row["first"], min(row["last"], local_day(now, row["zone"]) - DAY))
        if not span:
            continue
        said = Declared(row["place"], tuple(row["categories"]), span, gaps, row["zone"], row["continues"])
        declared.setdefault(row["source"], []).append(said)
    return declared
