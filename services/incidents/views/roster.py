"""The roster: the last duty of each officer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import sqlalchemy as sa

from contracts.incidents import DUTY_LASTS, DutyEnded, DutyStarted
from services.chassis.eventstore.types import Recorded
from services.chassis.projections.model import ReadModel
from services.incidents.views.tables import MOMENT, PATH

METADATA = sa.MetaData(schema="roster")

duties = sa.Table(
    "duties",
    METADATA,
    sa.Column("officer", sa.Text(collation="C"), primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("place", PATH, nullable=False),
    sa.Column("since", MOMENT, nullable=False),
    sa.Column("ended_at", MOMENT),
)

START = """
insert into duties (officer, version, place, since) values ($1, $2, $3, $4)
on conflict (officer) do update
set version = excluded.version, place = excluded.place, since = excluded.since, ended_at = null
"""
END = "update duties set version = $2, ended_at = $3 where officer = $1"


async def apply(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> None:
    """Begins and ends duties, one after the other: a shift brings tens of them, no import brings any."""
    for recorded in events:
        match recorded.event:
            case DutyStarted() as begun:
                await connection.execute(START, begun.officer, recorded.version, begun.place, begun.effective_at)
            case DutyEnded() as over:
                await connection.execute(END, over.officer, recorded.version, over.effective_at)


def current(now: datetime) -> "sa.ColumnElement[bool]":
    """The duties that officers are on."""
    return sa.and_(duties.c.ended_at.is_(None), duties.c.since > now - DUTY_LASTS)


def listed(which: "sa.ColumnElement[bool]") -> "sa.Select[Any]":
    """Duties, by place and officer."""
    return sa.select(duties).where(which).order_by(duties.c.place, duties.c.officer)


ANY = sa.select(duties.c.officer).limit(1)
"""Whether any officer has ever come on duty."""

ROSTER = ReadModel(
    name="roster",
    version=1,
    sources=("incidents",),
    types=frozenset({DutyStarted, DutyEnded}),
    tables=METADATA,
    apply=apply,
)
