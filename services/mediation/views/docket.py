"""The docket: disputes, issues with their commitments, and sessions, as they stand; no sealed text is in it."""

from collections import defaultdict
from collections.abc import Sequence

import asyncpg
import orjson
import sqlalchemy as sa

from services.chassis.eventstore.types import Recorded
from services.chassis.projections.model import ReadModel
from services.mediation.views import tables
from services.mediation.views.changes import CHANGES, Rows

AGGREGATES = {"dispute": ("disputes",), "issue": ("issues", "commitments"), "session": ("sessions",)}
"""The tables that each kind of stream writes to; the first has a row for the stream itself."""

LOADS = {
    "disputes": "select * from disputes where dispute = any($1::text[])",
    "issues": "select * from issues where issue = any($1::text[])",
    "commitments": "select * from commitments where issue = any($1::text[])",
    "sessions": "select * from sessions where session = any($1::text[])",
}


def _save(table: sa.Table) -> str:
    key = [column.name for column in table.primary_key]
    names = table.columns.keys()
    columns = ", ".join(names)
    changed = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    return f"""
insert into {table.name} ({columns})
select {columns} from json_populate_recordset(null::{table.name}, $1::json)
on conflict ({", ".join(key)}) do update set {changed}
"""


SAVES = {table.name: _save(table) for table in tables.METADATA.sorted_tables}
KEYS = {table.name: tuple(column.name for column in table.primary_key) for table in tables.METADATA.sorted_tables}


async def apply(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> None:
    """Loads the rows that are touched, changes them, saves them."""
    rows = await _load(connection, events)
    for recorded in events:
        CHANGES[type(recorded.event)](rows, recorded.event)
        kind, _, aggregate = recorded.stream.partition("-")
        row = rows[AGGREGATES[kind][0]][aggregate,]
        row.update({"version": recorded.version, "position": recorded.position})
    for name in sorted(rows):
        changed = rows[name]
        if changed:
            await connection.execute(SAVES[name], orjson.dumps([changed[key] for key in sorted(changed)]).decode())


async def _load(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> Rows:
    touched: defaultdict[str, set[str]] = defaultdict(set)
    for recorded in events:
        kind, _, aggregate = recorded.stream.partition("-")
        touched[kind].add(aggregate)
    rows: Rows = defaultdict(dict)
    for kind, aggregates in sorted(touched.items()):
        for name in AGGREGATES[kind]:
            found = await connection.fetch(LOADS[name], sorted(aggregates))
            rows[name] = {tuple(row[column] for column in KEYS[name]): dict(row) for row in found}
    return rows


DOCKET = ReadModel(
    name="docket",
    version=2,
    sources=("mediation",),
    types=frozenset(CHANGES),
    tables=tables.METADATA,
    apply=apply,
)
