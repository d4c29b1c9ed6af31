"""Counts by kind, source, category, place and local day, with the very events behind them; reports; coverage.

Nothing is ever taken back in ``happenings``: what moves from one category to another is taken away there and added
here, at the position of the event that moved it, so that every figure can be computed as of any earlier position.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast, get_args

import asyncpg

from contracts.analytics import CoverageDeclared, IndicatorCorrected, IndicatorReleased, IndicatorReported
from contracts.common import Event
from contracts.decoding import decode
from contracts.incidents import IncidentReopened, IncidentReported, IncidentResolved, IncidentTriaged
from contracts.mediation import DisputeLogged, IssueRaised, IssueResolved, ResolutionConfirmed, ResolutionDisputed
from contracts.registry import BuildingRegistered
from services.analytics.domain.figure_commands import LAST_POSITION, MOST, Log
from services.analytics.views import kpi_tables
from services.chassis.access import inside_sql
from services.chassis.eventstore.types import Recorded
from services.chassis.projections.model import ReadModel
from services.chassis.zones import local_day, zone_of

LIVE = "live"
"""The platform's own reports."""
NOT_SO = frozenset({"unfounded", "duplicate"})
"""Outcomes that say that there was no such incident, or that it is counted already."""

ADD_SERIES = """
insert into series select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])
on conflict do nothing
"""
ADD_ZONES = """
insert into zones select * from unnest($1::text[], $2::text[], $3::text[])
on conflict (building) do update set place = excluded.place, zone = excluded.zone
"""
ZONES_OF = "select place, zone from zones where place = any($1::text[])"
SHARE_ZONES = "lock table zones in share mode"
"""Held while days are told by them; a building that is registered meanwhile waits, and then finds the rows."""
OWN_ZONES = "lock table zones in share row exclusive mode"
RECOUNT = f"""
update happenings set day = (at at time zone told.zone)::date
from unnest($1::text[], $2::text[]) as told (place, zone)
where at is not null and happenings.place ~>=~ told.place and happenings.place ~<~ (told.place || '0')
  and {inside_sql("happenings.place", "told.place")}
  and day <> (at at time zone told.zone)::date
"""
"""``0`` follows the stroke: what lies between is the building and what is inside, which an index finds."""
OF_STREAMS = """
select happenings.stream, happenings.place, happenings.day, happenings.amount, happenings.at,
       series.kind, series.source, series.category, series.label
from happenings join series on series.id = happenings.series
where happenings.log = $1 and happenings.stream = any($2::bigint[])
order by happenings.position, happenings.part
"""


class Series(NamedTuple):
    """What is counted together.

    Attributes:
        kind: incident, dispute, agenda-item, pain-point, and the latter two with ``-resolved`` or ``-confirmed``.
        source: whose figures. category: path. label: the category as the source calls it, else empty.
    """

    kind: str
    source: str
    category: str
    label: str


class Counted(NamedTuple):
    """One happening as it is counted now."""

    series: Series
    place: str
    day: date
    at: datetime | None = None


@lru_cache(maxsize=65_536)
def series_id(series: Series) -> int:
    """The same number for the same series in every database."""
    return digest("\n".join(series))


def digest(text: str) -> int:
    """A number of 64 bits that stands for a text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


@dataclass
class Batch:
    """What a batch of events of one log adds.

    Attributes:
        log: whose. standing: by stream and kind, what is counted now. aside: what was, until it was taken away.
        calls: that were reported, by position; an import brings half a million of these.
        zones: of buildings, by their place. buildings: registered, each with place and zone.
        series: those named. rows, reports, coverages: of the tables.
    """

    log: str
    standing: dict[tuple[int, str], Counted] = field(default_factory=dict)
    calls: dict[int, IncidentReported] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    aside: dict[tuple[int, str], Counted] = field(default_factory=dict)
    series: set[Series] = field(default_factory=set)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    buildings: list[tuple[str, str, str]] = field(default_factory=list)
    reports: list[tuple[Any, ...]] = field(default_factory=list)
    coverages: list[tuple[Any, ...]] = field(default_factory=list)

    def count(self, recorded: Recorded, counted: Counted, amount: int = 1, part: int = 0) -> None:
        """Counts one happening, or takes one away."""
        series = counted.series
        number = series_id(series)
        self.series.add(series)
        stream = digest(recorded.stream)
        here = (self.log, recorded.position, part, recorded.id, stream)
        self.rows.append((*here, number, counted.place, counted.day, amount, counted.at))
        self.stand(stream, counted, amount)

    def zone(self, place: str, otherwise: str) -> str:
        """Where the days of a place are counted: in its building's zone, where that is known."""
        while place:
            if place in self.zones:
                return self.zones[place]
            place = place.rpartition("/")[0]
        return otherwise

    def stand(self, stream: int, counted: Counted, amount: int) -> None:
        """Remembers what is counted of a stream, and what was taken away."""
        key = (stream, counted.series.kind)
        put, taken = (self.standing, self.aside) if amount > 0 else (self.aside, self.standing)
        put[key] = counted
        taken.pop(key, None)


def _reported(batch: Batch, recorded: Recorded) -> None:
    event = batch.calls[recorded.position]
    if event.drill:
        return
    series = Series("incident", event.source, event.category, event.source_category or "")
    occurred, place = event.occurred, event.place
    at, zone = occurred.earliest, occurred.zone
    if event.source == LIVE:
        batch.count(recorded, Counted(series, place, local_day(at, batch.zone(place, zone)), at))
    else:
        batch.count(recorded, Counted(series, place, local_day(at, zone)))


def _triaged(batch: Batch, recorded: Recorded) -> None:
    event = cast("IncidentTriaged", recorded.event)
    counted = batch.standing.get((digest(recorded.stream), "incident"))
    if counted is None or counted.series.category == event.category:
        return  # a drill, or no change
    batch.count(recorded, counted, amount=-1)
    series = counted.series._replace(category=event.category, label="")
    batch.count(recorded, counted._replace(series=series), part=1)


def _closed(batch: Batch, recorded: Recorded) -> None:
    event = cast("IncidentResolved", recorded.event)
    counted = batch.standing.get((digest(recorded.stream), "incident"))
    if counted is not None and event.outcome in NOT_SO:
        batch.count(recorded, counted, amount=-1)


def _reopened(batch: Batch, recorded: Recorded) -> None:
    counted = batch.aside.get((digest(recorded.stream), "incident"))
    if counted is not None:
        batch.count(recorded, counted)


def _disputed(batch: Batch, recorded: Recorded) -> None:
    event = cast("DisputeLogged", recorded.event)
    _here(batch, recorded, Series("dispute", "live", event.category, ""), event.place)


def _raised(batch: Batch, recorded: Recorded) -> None:
    event = cast("IssueRaised", recorded.event)
    _here(batch, recorded, Series(event.kind.value, "live", event.category, ""), event.place)


def _resolved(batch: Batch, recorded: Recorded) -> None:
    event = cast("IssueResolved", recorded.event)
    _advanced(batch, recorded, event.kind.value, f"{event.kind.value}-resolved")


def _confirmed(batch: Batch, recorded: Recorded) -> None:
    event = cast("ResolutionConfirmed", recorded.event)
    _advanced(batch, recorded, event.kind.value, f"{event.kind.value}-confirmed")


def _not_resolved(batch: Batch, recorded: Recorded) -> None:
    kind = f"{cast('ResolutionDisputed', recorded.event).kind.value}-resolved"
    counted = batch.standing.get((digest(recorded.stream), kind))
    if counted is not None:
        batch.count(recorded, counted, amount=-1)


def _here(batch: Batch, recorded: Recorded, series: Series, place: str) -> None:
    at = recorded.effective_at
    batch.count(recorded, Counted(series, place, local_day(at, batch.zone(place, zone_of(place))), at))


def _advanced(batch: Batch, recorded: Recorded, kind: str, further: str) -> None:
    raised = batch.standing[digest(recorded.stream), kind]
    _here(batch, recorded, raised.series._replace(kind=further), raised.place)


def _indicated(batch: Batch, recorded: Recorded) -> None:
    event = cast("IndicatorReported | IndicatorCorrected | IndicatorReleased", recorded.event)
    what = (event.indicator, event.source, event.place, event.span.first, event.span.last, event.value, event.unit)
    # what was reported before there was a bound may be no figure at all
    waiting = abs(event.value) > MOST or (not isinstance(event, IndicatorReleased) and event.awaits_release)
    batch.reports.append((recorded.position, recorded.id, *what, isinstance(event, IndicatorCorrected), waiting))


def _covered(batch: Batch, recorded: Recorded) -> None:
    event = cast("CoverageDeclared", recorded.event)
    gaps = ([gap.first for gap in event.gaps], [gap.last for gap in event.gaps])
    span = (event.span.first, event.span.last)
    # what was declared before there was a bound may be further than a log can hold
    complete = (list(event.complete_at), [min(each, LAST_POSITION) for each in event.complete_at.values()])
    batch.coverages.append(
        (
            recorded.position,
            event.source,
            event.place,
            list(event.categories),
            *span,
            *gaps,
            event.zone,
            event.continues,
            *complete,
        )
    )


def _registered(batch: Batch, recorded: Recorded) -> None:
    event = cast("BuildingRegistered", recorded.event)
    batch.buildings.append((event.building, event.place, event.zone))


FOLDS: Mapping[type[Event], Callable[[Batch, Recorded], None]] = {
    BuildingRegistered: _registered,
    IncidentReported: _reported,
    IncidentTriaged: _triaged,
    IncidentResolved: _closed,
    IncidentReopened: _reopened,
    DisputeLogged: _disputed,
    IssueRaised: _raised,
    IssueResolved: _resolved,
    ResolutionConfirmed: _confirmed,
    ResolutionDisputed: _not_resolved,
    IndicatorReported: _indicated,
    IndicatorCorrected: _indicated,
    IndicatorReleased: _indicated,
    CoverageDeclared: _covered,
}


def _around(batch: Batch, events: Sequence[Recorded]) -> set[str]:
    """The places that the events name and all around them, but for those of other sources: their days are told."""
    around: set[str] = set()
    for recorded in events:
        call = batch.calls.get(recorded.position)
        told: Any = recorded.event if call is None else call
        place = told.place if call is None or call.source == LIVE else ""
        while place and place not in around:
            around.add(place)
            place = place.rpartition("/")[0]
    return around


async def apply(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> None:
    """Counts in memory what the batch holds, then copies the rows."""
    batch = Batch(events[0].source)
    if batch.log in {"incidents", "mediation"}:
        batch.calls = {
            recorded.position: decode(IncidentReported, recorded.data)
            for recorded in events
            if recorded.model is IncidentReported
        }
        await connection.execute(SHARE_ZONES)
        found = await connection.fetch(ZONES_OF, sorted(_around(batch, events)))
        batch.zones = {row["place"]: row["zone"] for row in found}
    older = sorted({digest(recorded.stream) for recorded in events if recorded.version > 1})
    if older:
        for row in await connection.fetch(OF_STREAMS, batch.log, older):
            series = Series(row["kind"], row["source"], row["category"], row["label"])
            batch.stand(row["stream"], Counted(series, row["place"], row["day"], row["at"]), row["amount"])
    for recorded in events:
        FOLDS[recorded.model](batch, recorded)
    await _write(connection, batch)


async def _write(connection: "asyncpg.Connection[asyncpg.Record]", batch: Batch) -> None:
    if batch.series:
        series = sorted(batch.series)
        columns = zip(*series, strict=True)
        await connection.execute(ADD_SERIES, [series_id(one) for one in series], *map(list, columns))
    if batch.buildings:
        buildings, places, zones = map(list, zip(*batch.buildings, strict=True))
        await connection.execute(OWN_ZONES)
        await connection.execute(ADD_ZONES, buildings, places, zones)
        await connection.execute(RECOUNT, places, zones)
    tables = (("happenings", batch.rows), ("reports", batch.reports), ("coverages", batch.coverages))
    for table, rows in tables:
        if rows:
            await connection.copy_records_to_table(table, records=rows, columns=kpi_tables.COLUMNS[table])


KPI = ReadModel(
    name="kpi",
    version=6,
    sources=get_args(Log),
    types=frozenset(FOLDS),
    tables=kpi_tables.METADATA,
    apply=apply,
)
