"""The access log: a row for each reading of what was written; it holds none of it."""

from collections.abc import Sequence
from typing import Any, cast

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from contracts.incidents import CaseOpened
from services.chassis.eventstore.types import Recorded
from services.chassis.projections.model import ReadModel
from services.incidents.views.tables import MOMENT, PATH

METADATA = sa.MetaData(schema="openings")

openings = sa.Table(
    "openings",
    METADATA,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("effective_at", MOMENT, nullable=False),
    sa.Column("incident", sa.Text, nullable=False),
    sa.Column("place", PATH, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("own_task", sa.Boolean, nullable=False),
    sa.Column("fields", ARRAY(sa.Text), nullable=False),
    sa.Column("actor_role", sa.Text, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Index("openings_case", "incident"),
    sa.Index("openings_place", "place", "position"),
)
COLUMNS = tuple(openings.columns.keys())


def _row(recorded: Recorded) -> tuple[Any, ...]:
    event, actor = cast("CaseOpened", recorded.event), recorded.actor
    return (
        recorded.position,
        event.effective_at,
        event.incident,
        event.place,
        event.purpose,
        event.own_task,
        list(event.fields),
        actor.role.value,
        actor.id,
    )


async def apply(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> None:
    """Copies a row for each reading."""
    rows = [_row(recorded) for recorded in events]
    await connection.copy_records_to_table("openings", records=rows, columns=COLUMNS)


def listed(which: "sa.ColumnElement[bool]") -> "sa.Select[Any]":
    """Every reading.

    Args:
        which: a condition on the table ``openings``, scope included.
    """
    return sa.select(openings).where(which)


OPENINGS = ReadModel(
    name="openings",
    version=1,
    sources=("incidents",),
    types=frozenset({CaseOpened}),
    tables=METADATA,
    apply=apply,
)
