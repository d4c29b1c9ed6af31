"""The register: every fact of the registry as a row, with the time it became true and the time it became known.

Rows are only ever added, so that any question can be asked as of any date on both axes.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import asyncpg

from contracts.common import Event, Sealed
from contracts.registry import (
    BuildingRegistered,
    FloorsSurveyed,
    OccupantRegistered,
    OccupantVerified,
    OperatorAssigned,
    RecordOpened,
    SubjectErased,
    SubjectKeyCreated,
    TenancyCorrected,
    TenancyStarted,
    TenantMovedOut,
    UnitClassified,
    UnitRecordCorrected,
    UnitRegistered,
    UseObserved,
    VerificationFailed,
    VisitRecorded,
    VisitRoundClosed,
    VisitRoundPlanned,
)
from services.chassis.eventstore.types import Recorded
from services.chassis.projections.model import ReadModel
from services.registry.views import spans, tables

Row = tuple[str, tuple[Any, ...]]
"""A table's name, and the values of its own columns; those of every fact are put before them."""

RAISE_VERSIONS = """
insert into versions (stream, version, position)
select * from unnest($1::text[], $2::bigint[], $3::bigint[])
on conflict (stream) do update set version = excluded.version, position = excluded.position
where excluded.version > versions.version
"""


def _building(event: BuildingRegistered, recorded: Recorded) -> list[Row]:
    where = (
        (event.location.longitude, event.location.latitude, event.location.system) if event.location else (None,) * 3
    )
    building = (event.building, event.name, event.place, event.zone, *where)
    return [("buildings", building), *_survey(event, recorded)]


def _survey(event: BuildingRegistered | FloorsSurveyed, _: Recorded) -> list[Row]:
    return [("surveys", (event.building, event.lowest_floor, event.highest_floor))]


def _unit(event: UnitRegistered, _: Recorded) -> list[Row]:
    return [("units", (event.unit, event.building, event.number, event.floor, event.place, event.capacity))]


def _class(event: UnitClassified, recorded: Recorded) -> list[Row]:
    return [("classes", (str(recorded.id), event.unit, event.use_class.value, None, None))]


def _correction(event: UnitRecordCorrected, recorded: Recorded) -> list[Row]:
    return [("classes", (str(recorded.id), event.unit, event.use_class.value, event.corrects, event.reason))]


def _operator(event: OperatorAssigned, _: Recorded) -> list[Row]:
    return [("operators", (event.unit, event.operator))]


def _observation(event: UseObserved, _: Recorded) -> list[Row]:
    return [("observations", (event.unit, event.observed_use.value, event.differs, event.organisation))]


def _tenancy(event: TenancyStarted, recorded: Recorded) -> list[Row]:
    by = recorded.actor.role.value
    held = (event.unit, event.tenancy, event.place, event.category.value, event.lease_filing, by)
    return [("tenancies", (*held, False, None, None, None))]


def _tenancy_corrected(event: TenancyCorrected, recorded: Recorded) -> list[Row]:
    by = recorded.actor.role.value
    held = (event.unit, event.tenancy, event.place, event.category.value, event.lease_filing, by)
    return [("tenancies", (*held, True, event.ended_at, event.verification_due_at, event.verification_calendar))]


def _departure(event: TenantMovedOut, _: Recorded) -> list[Row]:
    return [("departures", (event.unit, event.tenancy))]


def _occupant(event: OccupantRegistered, _: Recorded) -> list[Row]:
    due = (event.verification_due_at, event.verification_calendar)
    who = (event.unit, event.tenancy, event.subject, event.place, *due)
    return [("occupants", (*who, _text(event.name), _text(event.phone), _text(event.document)))]


def _text(sealed: Sealed | None) -> str | None:
    return sealed.text if sealed else None


def _verified(event: OccupantVerified, _: Recorded) -> list[Row]:
    return [("attempts", (event.unit, event.tenancy, event.subject, True, event.method))]


def _failed(event: VerificationFailed, _: Recorded) -> list[Row]:
    return [("attempts", (event.unit, event.tenancy, event.subject, False, event.reason))]


def _round(event: VisitRoundPlanned, _: Recorded) -> list[Row]:
    return [("rounds", (event.round, event.place, event.officer, list(event.units), event.day_part))]


def _visit(event: VisitRecorded, _: Recorded) -> list[Row]:
    return [("visits", (event.round, event.unit, event.outcome.value))]


def _round_closed(event: VisitRoundClosed, _: Recorded) -> list[Row]:
    return [("closings", (event.round, event.visited, event.met))]


def _subject(event: SubjectKeyCreated, _: Recorded) -> list[Row]:
    return [("subjects", (event.subject, event.place))]


def _opening(event: RecordOpened, recorded: Recorded) -> list[Row]:
    actor = recorded.actor
    opened = (event.subject, event.place, event.purpose, event.task, list(event.fields))
    return [("openings", (*opened, actor.role.value, actor.id))]


def _erasure(event: SubjectErased, _: Recorded) -> list[Row]:
    return [("erasures", (event.subject, event.ground))]


ROWS: Mapping[type[Event], Callable[[Any, Recorded], list[Row]]] = {
    BuildingRegistered: _building,
    FloorsSurveyed: _survey,
    UnitRegistered: _unit,
    UnitClassified: _class,
    UnitRecordCorrected: _correction,
    OperatorAssigned: _operator,
    UseObserved: _observation,
    TenancyStarted: _tenancy,
    TenantMovedOut: _departure,
    TenancyCorrected: _tenancy_corrected,
    OccupantRegistered: _occupant,
    OccupantVerified: _verified,
    VerificationFailed: _failed,
    VisitRoundPlanned: _round,
    VisitRecorded: _visit,
    VisitRoundClosed: _round_closed,
    SubjectKeyCreated: _subject,
    RecordOpened: _opening,
    SubjectErased: _erasure,
}


async def apply(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> None:
    """Copies each event's rows into their tables, and raises the versions of the streams."""
    rows: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    versions: dict[str, tuple[int, int]] = {}
    touched: set[str] = set()
    erased: set[str] = set()
    for recorded in events:
        if isinstance(recorded.event, SubjectErased):
            erased.add(recorded.event.subject)
        elif unit := getattr(recorded.event, "unit", None):
            touched.add(unit)
        fact = (recorded.position, recorded.effective_at, recorded.recorded_at)
        for table, values in ROWS[type(recorded.event)](recorded.event, recorded):
            rows[table].append((*fact, *values))
        versions[recorded.stream] = (recorded.version, recorded.position)
    for table, records in rows.items():
        await connection.copy_records_to_table(table, records=records, columns=tables.COLUMNS[table])
    # in the streams' order, so that two runners never wait for each other crosswise
    raised = [(stream, *versions[stream]) for stream in sorted(versions)]
    await connection.execute(RAISE_VERSIONS, *map(list, zip(*raised, strict=True)))
    await spans.rewrite(connection, sorted(touched), sorted(erased))


REGISTER = ReadModel(
    name="register",
    version=3,
    sources=("registry",),
    types=frozenset(ROWS),
    tables=tables.METADATA,
    apply=apply,
)
