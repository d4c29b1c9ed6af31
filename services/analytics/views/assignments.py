"""Whom a task or a missed promise concerns, and who is on duty: what delivery tells persons of, beside alerts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg
import orjson
import sqlalchemy as sa

from contracts.common import Event
from contracts.incidents import DUTY_LASTS, DutyEnded, DutyStarted, OfficersDispatched
from contracts.mediation import CommitmentFulfilled, CommitmentMissed, MediatorAssigned
from contracts.registry import VisitRoundPlanned
from services.analytics.views.columns import moment, moment_or_none, text, text_or_none
from services.chassis.access import inside
from services.chassis.eventstore.types import Recorded
from services.chassis.projections.model import ReadModel

METADATA = sa.MetaData(schema="assignments")
assigned = sa.Table(
    "assigned",
    METADATA,
    sa.Column("event", sa.Text, primary_key=True),
    # empty where the event names nobody: the persons responsible for the place are told
    sa.Column("person", sa.Text, primary_key=True),
    text("type"),
    text("about"),
    text("place"),
    moment("at"),
    text("said"),
    # of a missed promise: which of its issue's, and when it was kept after all
    text_or_none("commitment"),
    moment_or_none("kept_at"),
    sa.Index("assigned_at", "at"),
    sa.Index("assigned_about", "about"),
)
duties = sa.Table(
    "duties",
    METADATA,
    sa.Column("officer", sa.Text, primary_key=True),
    text("place"),
    moment("since"),
    moment_or_none("ended_at"),
)
START = """
insert into duties values ($1, $2, $3, null)
on conflict (officer) do update set place = excluded.place, since = excluded.since, ended_at = null
"""
KEPT = """
update assigned set kept_at = kept.at from unnest($1::text[], $2::text[], $3::timestamptz[]) as kept (issue, id, at)
where about = kept.issue and commitment = kept.id
"""
END = "update duties set ended_at = $2 where officer = $1"


class Concerns(NamedTuple):
    """Whom an event concerns; none where it names nobody. said: neutral values for its words."""

    persons: Sequence[str]
    said: dict[str, str | int]


CONCERNS: Mapping[type[Event], Callable[[Any], Concerns]] = {
    OfficersDispatched: lambda event: Concerns(event.officers, {}),
    MediatorAssigned: lambda event: Concerns([event.mediator], {}),
    VisitRoundPlanned: lambda event: Concerns([event.officer], {"doors": len(event.units)}),
    CommitmentMissed: lambda event: Concerns([], {"owner": event.owner}),
}


async def apply(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> None:
    """Adds a row for each person, begins and ends duties in their order, and says which promises were kept late."""
    rows, kept = [], []
    for recorded in events:
        event: Any = recorded.event
        if isinstance(event, DutyStarted):
            await connection.execute(START, event.officer, event.place, event.effective_at)
        elif isinstance(event, DutyEnded):
            await connection.execute(END, event.officer, event.effective_at)
        elif isinstance(event, CommitmentFulfilled):
            kept.append((recorded.stream, event.commitment, event.effective_at))
        else:
            persons, said = CONCERNS[type(event)](event)
            of = (event.type, recorded.stream, event.place, event.effective_at)
            what = (*of, orjson.dumps(said).decode(), getattr(event, "commitment", None), None)
            rows += [(str(recorded.id), person, *what) for person in persons or [""]]
    if rows:
        await connection.copy_records_to_table("assigned", records=rows)
    if kept:  # after the rows: a promise that is kept late was called missed before, maybe in this very batch
        await connection.execute(KEPT, *map(list, zip(*kept, strict=True)))


def on_duty(place: "str | sa.ColumnElement[str]", now: datetime) -> "sa.Select[Any]":
    """The officers who are on duty there or around it, those posted nearest first."""
    lasting = duties.c.ended_at.is_(None) & (duties.c.since > now - DUTY_LASTS)
    return (
        sa.select(duties)
        .where(inside(place, duties.c.place), lasting)
        .order_by(sa.func.length(duties.c.place).desc(), duties.c.officer)
    )


ASSIGNMENTS = ReadModel(
    name="assignments",
    version=2,
    sources=("registry", "incidents", "mediation"),
    types=frozenset({*CONCERNS, CommitmentFulfilled, DutyStarted, DutyEnded}),
    tables=METADATA,
    apply=apply,
)
