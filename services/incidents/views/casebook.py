"""The casebook: a row for each incident, as it stands; it holds no text that anybody wrote."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import asyncpg
import orjson

from contracts.decoding import decode
from contracts.incidents import (
    EVENTS,
    IncidentReopened,
    IncidentReported,
    IncidentResolved,
    IncidentTriaged,
    OfficersArrived,
    OfficersDispatched,
    OfficersEnRoute,
    OfficersRecalled,
)
from services.chassis.eventstore.types import Recorded
from services.chassis.projections.model import ReadModel
from services.incidents.domain.incident import progress
from services.incidents.views import tables

Row = dict[str, Any]
IncidentEvent = (
    IncidentTriaged
    | OfficersDispatched
    | OfficersRecalled
    | OfficersEnRoute
    | OfficersArrived
    | IncidentResolved
    | IncidentReopened
)

PREFIX = "incident-"
LOAD = "select * from incidents where incident = any($1::text[])"

COLUMNS = tuple(str(column.name) for column in tables.incidents.columns)
CHANGE = f"""
update incidents set {", ".join(f"{name} = changed.{name}" for name in COLUMNS if name != "incident")}
from json_populate_recordset(null::incidents, $1::json) as changed
where incidents.incident = changed.incident
"""
NEW: Row = dict.fromkeys(COLUMNS)
"""A row in the order of the columns."""


def _reported(recorded: Recorded) -> Row:
    # an import brings half a million of these, and a model takes five times as long
    event = decode(IncidentReported, recorded.data)
    occurred, located = event.occurred, event.location
    return NEW | {
        "incident": event.incident,
        "version": recorded.version,
        "position": recorded.position,
        "place": event.place,
        "category": event.category,
        "phase": "reported",
        "phase_since": recorded.recorded_at,
        "channel": event.channel,
        "earliest": occurred.earliest,
        "latest": occurred.latest,
        "zone": occurred.zone,
        "source_unit": event.source_unit,
        "caller_unit": event.caller_unit,
        "caller": event.caller,
        "officers": [],
        "en_route": [],
        "arrived": [],
        "drill": event.drill,
        "source": event.source,
        "source_id": event.source_id,
        "longitude": located.longitude if located else None,
        "latitude": located.latitude if located else None,
        "system": located.system if located else None,
        "reported_at": recorded.recorded_at,
    }


def _triaged(row: Row, event: IncidentTriaged) -> Row:
    phase = "triaged" if row["phase"] in {"reported", "reopened"} else row["phase"]
    return {"phase": phase, "priority": event.priority.value, "category": event.category}


def _dispatched(row: Row, event: OfficersDispatched) -> Row:
    phase = row["phase"] if row["phase"] in {"en-route", "arrived"} else "dispatched"
    officers = [*row["officers"], *event.officers]
    return {"phase": phase, "officers": officers, "dispatched_at": row["dispatched_at"] or event.effective_at}


def _recalled(row: Row, event: OfficersRecalled) -> Row:
    officers, en_route, arrived = (
        [officer for officer in row[name] if officer not in event.officers]
        for name in ("officers", "en_route", "arrived")
    )
    waiting = "triaged" if row["priority"] else "reopened" if row["reopened_at"] else "reported"
    return {
        "phase": progress(officers, en_route, arrived) or waiting,
        "officers": officers,
        "en_route": en_route,
        "arrived": arrived,
        "dispatched_at": row["dispatched_at"] if officers else None,
    }


def _en_route(row: Row, event: OfficersEnRoute) -> Row:
    phase = "arrived" if row["phase"] == "arrived" else "en-route"
    return {"phase": phase, "en_route": [*row["en_route"], event.officer]}


def _arrived(row: Row, event: OfficersArrived) -> Row:
    change: Row = {"phase": "arrived", "arrived": [*row["arrived"], event.officer]}
    if row["arrived_at"] is None:
        change |= {
            "arrived_at": event.effective_at,
            "waited_seconds": event.waited_seconds,
            "wait_measured": event.measured,
        }
    return change


def _resolved(_: Row, event: IncidentResolved) -> Row:
    return {"phase": "resolved", "outcome": event.outcome, "resolved_at": event.effective_at}


def _reopened(_: Row, event: IncidentReopened) -> Row:
    # officers are sent again, and the wait is counted from here; how long the first one was stands in the history
    return {
        "phase": "reopened",
        "reopened_at": event.effective_at,
        "officers": [],
        "en_route": [],
        "arrived": [],
        **dict.fromkeys(("dispatched_at", "arrived_at", "waited_seconds", "wait_measured", "outcome", "resolved_at")),
    }


CHANGES: Mapping[type[IncidentEvent], Callable[[Row, Any], Row]] = {
    IncidentTriaged: _triaged,
    OfficersDispatched: _dispatched,
    OfficersRecalled: _recalled,
    OfficersEnRoute: _en_route,
    OfficersArrived: _arrived,
    IncidentResolved: _resolved,
    IncidentReopened: _reopened,
}


async def apply(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> None:
    """Loads the rows that are touched, changes them, saves them; new ones are copied, which an import feels."""
    # readings and erasures stand in streams beside the incident's own
    events = [recorded for recorded in events if recorded.stream.startswith(PREFIX)]
    rows = await _load(connection, events)
    changed = sorted(rows)
    for recorded in events:
        if recorded.model is IncidentReported:
            row = _reported(recorded)
        else:
            event = cast("IncidentEvent", recorded.event)
            row = rows[event.incident]
            # an event that changes no column is one more version all the same, for If-Match
            change = CHANGES[type(event)](row, event) if type(event) in CHANGES else {}
            if change.get("phase", row["phase"]) != row["phase"]:
                row["phase_since"] = event.effective_at
            row |= change | {"version": recorded.version, "position": recorded.position}
        rows[row["incident"]] = row
    if changed:
        await connection.execute(CHANGE, orjson.dumps([rows.pop(incident) for incident in changed]).decode())
    fresh = [tuple(rows[incident].values()) for incident in sorted(rows)]
    if fresh:
        await connection.copy_records_to_table("incidents", records=fresh, columns=COLUMNS)


async def _load(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> dict[str, Row]:
    known = {recorded.stream.removeprefix(PREFIX) for recorded in events if recorded.version > 1}
    found = await connection.fetch(LOAD, sorted(known)) if known else []
    return {row["incident"]: dict(row) for row in found}


CASEBOOK = ReadModel(
    name="casebook",
    version=3,
    sources=("incidents",),
    types=frozenset(event for event in EVENTS if "incident" in event.model_fields),
    tables=tables.METADATA,
    apply=apply,
)
