"""Alerts as they stand, each with the events that are its evidence and what became of it."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import orjson
import sqlalchemy as sa

from contracts.analytics import ALERTS as TOLD
from contracts.analytics import (
    AlertAcknowledged,
    AlertClosed,
    AlertEscalated,
    AlertRaised,
    AlertReopened,
    AlertRevised,
)
from services.analytics.views.columns import count, moment, moment_or_none, names, number, text, text_or_none
from services.chassis.eventstore.types import Recorded
from services.chassis.projections.model import ReadModel

METADATA = sa.MetaData(schema="alerts")
alerts = sa.Table(
    "alerts",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    text("rule"),
    count("rule_version"),
    text("key"),
    text("place"),
    text("severity"),
    text("state"),
    count("count"),
    text("evidence"),
    moment("window_from"),
    moment("window_to"),
    moment_or_none("due_at"),
    moment("raised_at"),
    moment("recorded_at"),
    moment_or_none("reopened_at"),
    text_or_none("by"),
    moment_or_none("acknowledged_at"),
    text_or_none("escalated_to"),
    moment_or_none("escalated_at"),
    moment_or_none("closed_at"),
    text_or_none("feedback"),
    number("version"),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Index("alerts_state", "state"),
)
COLUMNS = names(alerts)
LOAD = "select * from alerts where id = any($1::text[])"
SAVE = f"""
insert into alerts select * from json_populate_recordset(null::alerts, $1::json)
on conflict (id) do update set {", ".join(f'"{name}" = excluded."{name}"' for name in COLUMNS if name != "id")}
"""
Row = dict[str, Any]
NEW: Row = dict.fromkeys(COLUMNS)
RAISED = {"rule", "rule_version", "key", "place", "severity", "count", "evidence", "window_from", "window_to", "due_at"}
ANSWERED = ("by", "acknowledged_at", "escalated_to", "escalated_at", "closed_at", "feedback")
"""What became of an alert; begun again when it is reopened."""
REVISED = {"count", "evidence", "window_from", "window_to"}


def _changed(row: Row, recorded: Recorded) -> Row:
    at, event = recorded.effective_at, recorded.event
    match event:
        case AlertRaised():
            begun = {"id": event.alert, "state": "raised", "raised_at": at, "recorded_at": recorded.recorded_at}
            change = begun | event.model_dump(mode="json", include=RAISED)
        case AlertRevised():
            change = event.model_dump(mode="json", include=REVISED)
        case AlertReopened():
            change = dict.fromkeys(ANSWERED) | {"state": "raised", "reopened_at": at}
        case AlertAcknowledged():
            change = {"state": "acknowledged", "by": event.by, "acknowledged_at": at}
        case AlertEscalated():
            change = {"escalated_to": event.to, "escalated_at": at}
        case AlertClosed():
            change = {"state": "closed", "by": event.by, "closed_at": at, "feedback": event.feedback}
        case _:
            change = {}
    return row | change | {"version": recorded.version, "position": recorded.position}


async def apply(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> None:
    """Loads the rows that are touched, changes them, saves them."""
    touched = sorted({event.stream.removeprefix("alert-") for event in events})
    rows: dict[str, Row] = {}
    for found in await connection.fetch(LOAD, touched):
        rows[found["id"]] = dict(found) | {"evidence": orjson.loads(found["evidence"])}
    for recorded in events:
        alert = recorded.stream.removeprefix("alert-")
        rows[alert] = _changed(rows.get(alert) or NEW, recorded)
    await connection.execute(SAVE, orjson.dumps([rows[alert] for alert in sorted(rows)]).decode())


ALERTS = ReadModel(
    name="alerts",
    version=3,
    sources=("analytics",),
    types=frozenset(TOLD),
    tables=METADATA,
    apply=apply,
)
