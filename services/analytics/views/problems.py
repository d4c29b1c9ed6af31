"""The problem map: pain points, teahouse items and open incidents by building, floor and place."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import asyncpg
import orjson
import sqlalchemy as sa

from contracts.common import Event
from contracts.incidents import IncidentReopened, IncidentReported, IncidentResolved, IncidentTriaged
from contracts.mediation import (
    CommitmentMade,
    IssueRaised,
    IssueResolved,
    IssueTitleReleased,
    ResolutionConfirmed,
    ResolutionDisputed,
)
from contracts.registry import BuildingRegistered
from services.analytics.views.columns import moment, moment_or_none, names, text, text_or_none
from services.analytics.views.feed import IMPORTED
from services.chassis.eventstore.types import Recorded
from services.chassis.projections.model import ReadModel

METADATA = sa.MetaData(schema="problems")
problems = sa.Table(
    "problems",
    METADATA,
    # the stream that it lives in: issue-… or incident-…
    sa.Column("stream", sa.Text, primary_key=True),
    text("id"),
    text("kind"),
    text("category"),
    text_or_none("title"),
    text("place"),
    text_or_none("building"),
    sa.Column("floor", sa.Integer),
    text_or_none("unit"),
    text("phase"),
    moment("raised_at"),
    moment_or_none("resolved_at"),
    sa.Column("longitude", sa.Double),
    sa.Column("latitude", sa.Double),
    text_or_none("system"),
    sa.Index("problems_phase", "phase"),
)
buildings = sa.Table(
    "buildings",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    text("name"),
    text("place"),
    sa.Column("longitude", sa.Double),
    sa.Column("latitude", sa.Double),
    text_or_none("system"),
)
COLUMNS = {table.name: names(table) for table in METADATA.tables.values()}

LOAD = "select * from problems where stream = any($1::text[])"
SAVE = f"""
insert into problems select * from json_populate_recordset(null::problems, $1::json)
on conflict (stream) do update set
{", ".join(f"{name} = excluded.{name}" for name in COLUMNS["problems"] if name != "stream")}
"""
Row = dict[str, Any]
NEW: Row = dict.fromkeys(COLUMNS["problems"])


def _raised(_: Row, recorded: Recorded, event: IssueRaised) -> Row:
    fields = event.model_dump(mode="json", include={"kind", "category", "title", "place", "building", "floor"})
    return NEW | fields | _begun(recorded, event.issue, "raised")


def _reported(_: Row, recorded: Recorded, event: IncidentReported) -> Row:
    where = {"category": event.category, "place": event.place, "kind": "incident", "unit": event.source_unit}
    located = event.location.model_dump() if event.location else {}
    return NEW | where | located | _begun(recorded, event.incident, "open")


def _begun(recorded: Recorded, name: str, phase: str) -> Row:
    return {"stream": recorded.stream, "id": name, "phase": phase, "raised_at": recorded.effective_at}


def _phase(phase: str) -> Callable[[Row, Recorded, Event], Row]:
    over = phase in {"resolved", "confirmed"}

    def moved(row: Row, recorded: Recorded, _: Event) -> Row:
        return row | {"phase": phase, "resolved_at": (row["resolved_at"] or recorded.effective_at) if over else None}

    return moved


def _triaged(row: Row, _: Recorded, event: IncidentTriaged) -> Row:
    return row | {"category": event.category}


def _titled(row: Row, _: Recorded, event: IssueTitleReleased) -> Row:
    return row | {"title": event.title}


def _promised(row: Row, _: Recorded, __: CommitmentMade) -> Row:
    return row | {"phase": "committed", "resolved_at": None}


CHANGES: Mapping[type[Event], Callable[[Row, Recorded, Any], Row]] = {
    IncidentReported: _reported,
    IncidentTriaged: _triaged,
    IncidentResolved: _phase("resolved"),
    IncidentReopened: _phase("open"),
    IssueRaised: _raised,
    IssueTitleReleased: _titled,
    CommitmentMade: _promised,
    IssueResolved: _phase("resolved"),
    ResolutionConfirmed: _phase("confirmed"),
    ResolutionDisputed: _phase("disputed"),
}


async def apply(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> None:
    """Loads the rows that are touched, changes them, saves them; a history that is read in is left out."""
    if events[0].source == "registry":
        await _add_buildings(connection, events)
        return
    known = sorted({event.stream for event in events if event.version > 1})
    found = await connection.fetch(LOAD, known) if known else []
    rows: dict[str, Row] = {row["stream"]: dict(row) for row in found}
    for recorded in events:
        if IMPORTED in recorded.data:
            continue
        event, row = recorded.event, rows.get(recorded.stream)
        begins = isinstance(event, IssueRaised) or (isinstance(event, IncidentReported) and not event.drill)
        if row is not None or begins:
            rows[recorded.stream] = CHANGES[type(event)](row or {}, recorded, event)
    if rows:
        await connection.execute(SAVE, orjson.dumps([rows[stream] for stream in sorted(rows)]).decode())


async def _add_buildings(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> None:
    rows = []
    for recorded in events:
        event = cast("BuildingRegistered", recorded.event)
        where = event.location
        located = (where.longitude, where.latitude, where.system) if where else (None, None, None)
        rows.append((event.building, event.name, event.place, *located))
    await connection.copy_records_to_table("buildings", records=rows, columns=COLUMNS["buildings"])


PROBLEMS = ReadModel(
    name="problems",
    version=2,
    sources=("registry", "incidents", "mediation"),
    types=frozenset((*CHANGES, BuildingRegistered)),
    tables=METADATA,
    apply=apply,
)
