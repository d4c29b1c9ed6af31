"""Buildings by floor: every fact that colours a unit, with the time from which it is true, so that any day can be
shown. Who lives there is a number; a person is a digest that matches a registration with its verification."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import asyncpg
import sqlalchemy as sa

from contracts.common import Event
from contracts.registry import (
    BuildingRegistered,
    FloorsSurveyed,
    OccupantRegistered,
    OccupantVerified,
    OperatorAssigned,
    TenancyCorrected,
    TenancyStarted,
    TenantMovedOut,
    UnitClassified,
    UnitRecordCorrected,
    UnitRegistered,
    UseObserved,
)
from services.analytics.rules.overdue import occupant
from services.analytics.views import ledger
from services.analytics.views.columns import moment, moment_or_none, names, number, position, text, text_or_none
from services.chassis.eventstore.types import Recorded
from services.chassis.projections.model import ReadModel

METADATA = sa.MetaData(schema="floors")


def _facts(name: str, *own: "sa.Column[Any] | sa.Index") -> sa.Table:
    return sa.Table(name, METADATA, position(), moment("effective_at"), *own)


buildings = _facts(
    "buildings",
    text("id"),
    text("name"),
    text("place"),
    sa.Column("longitude", sa.Double),
    sa.Column("latitude", sa.Double),
    text_or_none("system"),
    sa.Index("floors_buildings_id", "id"),
)
surveys = _facts(
    "surveys",
    text("building"),
    number("lowest_floor"),
    number("highest_floor"),
    sa.Index("floors_surveys", "building", "effective_at"),
)
units = _facts(
    "units",
    text("id"),
    text("building"),
    text("number"),
    number("floor"),
    text("place"),
    sa.Index("floors_units_id", "id"),
    sa.Index("floors_units_building", "building"),
    sa.Index("floors_units_begun", "effective_at"),
)
facts = _facts(
    "facts",
    text("unit"),
    text("kind"),
    text_or_none("value"),
    sa.Index("floors_facts", "unit", "kind", "effective_at"),
    sa.Index("floors_operators", "unit", postgresql_where=sa.text("kind = 'operator'")),
)
tenancies = _facts(
    "tenancies",
    text("unit"),
    text("tenancy"),
    text("category"),
    sa.Column("corrected", sa.Boolean, nullable=False),
    moment_or_none("ended_at"),
    moment_or_none("due_at"),
    sa.Index("floors_tenancies", "unit", "tenancy"),
)
"""The last row of a tenancy is in force. A correction also says when it ended and by when its occupants are to be
verified; what was told of both before it is void."""
departures = _facts("departures", text("unit"), text("tenancy"), sa.Index("floors_departures", "unit", "tenancy"))
occupants = _facts(
    "occupants",
    text("unit"),
    text("tenancy"),
    text("occupant"),
    moment_or_none("due_at"),
    sa.Index("floors_occupants", "unit", "tenancy"),
)
verified = _facts("verified", text("unit"), text("occupant"), sa.Index("floors_verified", "unit", "occupant"))
ledger.tables(METADATA)

COLUMNS = {table.name: names(table) for table in METADATA.tables.values()}
Row = tuple[str, tuple[Any, ...]]


def _building(event: BuildingRegistered) -> list[Row]:
    where = event.location
    located = (where.longitude, where.latitude, where.system) if where else (None, None, None)
    return [("buildings", (event.building, event.name, event.place, *located)), *_survey(event)]


def _survey(event: BuildingRegistered | FloorsSurveyed) -> list[Row]:
    return [("surveys", (event.building, event.lowest_floor, event.highest_floor))]


def _unit(event: UnitRegistered) -> list[Row]:
    return [("units", (event.unit, event.building, event.number, event.floor, event.place))]


def _class(event: UnitClassified | UnitRecordCorrected) -> list[Row]:
    return [("facts", (event.unit, "class", event.use_class.value))]


def _observed(event: UseObserved) -> list[Row]:
    return [("facts", (event.unit, "differs", event.observed_use.value if event.differs else None))]


def _operator(event: OperatorAssigned) -> list[Row]:
    return [("facts", (event.unit, "operator", event.operator))]


def _tenancy(event: TenancyStarted) -> list[Row]:
    return [("tenancies", (event.unit, event.tenancy, event.category.value, False, None, None))]


def _tenancy_corrected(event: TenancyCorrected) -> list[Row]:
    held = (event.unit, event.tenancy, event.category.value)
    return [("tenancies", (*held, True, event.ended_at, event.verification_due_at))]


def _departure(event: TenantMovedOut) -> list[Row]:
    return [("departures", (event.unit, event.tenancy))]


def _occupant(event: OccupantRegistered) -> list[Row]:
    who = occupant(event.tenancy, event.subject)
    return [("occupants", (event.unit, event.tenancy, who, event.verification_due_at))]


def _verified(event: OccupantVerified) -> list[Row]:
    return [("verified", (event.unit, occupant(event.tenancy, event.subject)))]


ROWS: Mapping[type[Event], Callable[[Any], list[Row]]] = {
    BuildingRegistered: _building,
    FloorsSurveyed: _survey,
    UnitRegistered: _unit,
    UnitClassified: _class,
    UnitRecordCorrected: _class,
    UseObserved: _observed,
    OperatorAssigned: _operator,
    TenancyStarted: _tenancy,
    TenancyCorrected: _tenancy_corrected,
    TenantMovedOut: _departure,
    OccupantRegistered: _occupant,
    OccupantVerified: _verified,
}


async def apply(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> None:
    """Copies each event's facts into their tables, and brings the ledger of their units up to date."""
    rows: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    touched: set[str] = set()
    for recorded in events:
        if unit := getattr(recorded.event, "unit", None):
            touched.add(unit)
        for table, values in ROWS[type(recorded.event)](recorded.event):
            rows[table].append((recorded.position, recorded.effective_at, *values))
    for table, records in rows.items():
        await connection.copy_records_to_table(table, records=records, columns=COLUMNS[table])
    if touched:
        await ledger.rewrite(connection, sorted(touched))


FLOORS = ReadModel(
    name="floors",
    version=3,
    sources=("registry",),
    types=frozenset(ROWS),
    tables=METADATA,
    apply=apply,
)
