"""The problem map: pain points, teahouse items and open incidents by building, floor and place."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import asyncpg
import orjson
import sqlalchemy as sa

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


def _raised(_: Row, recorded: Recorded, told: Row) -> Row:
    fields = {key: told[key] for key in ("kind", "category", "title", "place", "building", "floor")}
    return NEW | fields | _begun(recorded, told["issue"], "raised")


def _reported(_: Row, recorded: Recorded, told: Row) -> Row:
    fields = {key: told[key] for key in ("category", "place")} | (told["location"] or {})
    return NEW | fields | {"kind": "incident", "unit": told["source_unit"]} | _begun(recorded, told["incident"], "open")


def _begun(recorded: Recorded, name: str, phase: str) -> Row:
    return {"stream": recorded.stream, "id": name, "phase": phase, "raised_at": recorded.effective_at}


def _phase(phase: str) -> Callable[[Row, Recorded, Row], Row]:
    over = phase in {"resolved", "confirmed"}

    def moved(row: Row, recorded: Recorded, _: Row) -> Row:
        return row | {"phase": phase, "resolved_at": (row["resolved_at"] or recorded.effective_at) if over else None}

    return moved


def _triaged(row: Row, _: Recorded, told: Row) -> Row:
    return row | {"category": told["category"]}


def _titled(row: Row, _: Recorded, told: Row) -> Row:
    return row | {"title": told["title"]}


def _promised(row: Row, _: Recorded, __: Row) -> Row:
    return row | {"phase": "committed", "resolved_at": None}


CHANGES: Mapping[str, Callable[[Row, Recorded, Row], Row]] = {
    IncidentReported.type: _reported,
    IncidentTriaged.type: _triaged,
    IncidentResolved.type: _phase("resolved"),
    IncidentReopened.type: _phase("open"),
    IssueRaised.type: _raised,
    IssueTitleReleased.type: _titled,
    CommitmentMade.type: _promised,
    IssueResolved.type: _phase("resolved"),
    ResolutionConfirmed.type: _phase("confirmed"),
    ResolutionDisputed.type: _phase("disputed"),
}
BEGIN = {IncidentReported.type, IssueRaised.type}


async def apply(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> None:
    """Loads the rows that are touched, changes them, saves them; a history that is read in is left out."""
    if events[0].source == "registry":
        await _add_buildings(connection, events)
        return
    known = sorted({event.stream for event in events if event.version > 1})
    found = await connection.fetch(LOAD, known) if known else []
    rows: dict[str, Row] = {row["stream"]: dict(row) for row in found}
    for recorded in events:
        told = orjson.loads(recorded.data)
        if recorded.type in BEGIN and (told.get("drill") or told.get("channel") == "import"):
            continue
        row = rows.get(recorded.stream)
        if row is not None or recorded.type in BEGIN:
            rows[recorded.stream] = CHANGES[recorded.type](row or {}, recorded, told)
    if rows:
        await connection.execute(SAVE, orjson.dumps([rows[stream] for stream in sorted(rows)]).decode())


async def _add_buildings(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> None:
    rows = []
    for recorded in events:
        told = orjson.loads(recorded.data)
        where = told["location"] or {}
        located = (where.get("longitude"), where.get("latitude"), where.get("system"))
        rows.append((told["building"], told["name"], told["place"], *located))
    await connection.copy_records_to_table("buildings", records=rows, columns=COLUMNS["buildings"])


PROBLEMS = ReadModel(
    name="problems",
    version=2,
    sources=("registry", "incidents", "mediation"),
    types=frozenset((*CHANGES, BuildingRegistered.type)),
    tables=METADATA,
    apply=apply,
)
