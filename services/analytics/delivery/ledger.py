"""The record of deliveries: tasks, one an alert and channel, and their attempts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import sqlalchemy as sa

from services.analytics.views.columns import moment, moment_or_none, number, text, text_or_none

METADATA = sa.MetaData(schema="delivery")
tasks = sa.Table(
    "tasks",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    text("alert"),
    text("channel"),
    text("recipient"),
    text("place"),
    moment("created_at"),
    text("state"),
    number("attempts"),
    moment("at"),
    moment_or_none("next_at"),
    sa.Column("seconds", sa.Double),
    text_or_none("error"),
)
SHOWN: "tuple[sa.ColumnElement[Any], ...]" = (
    tasks.c.id.label("task"),
    tasks.c.channel,
    tasks.c.recipient,
    tasks.c.created_at,
    tasks.c.state.label("task_state"),
    tasks.c.attempts,
    tasks.c.at,
    tasks.c.next_at,
    tasks.c.seconds,
    tasks.c.error,
)
"""A task beside the columns of its alert."""

ENLIST = """
insert into delivery.tasks (id, alert, channel, recipient, place, created_at, at, next_at)
select alert || '~' || channel, alert, channel, recipient, $4, $5, $5, $6
from unnest($1::text[], $2::text[], $3::text[]) as due (alert, channel, recipient)
on conflict (id) do nothing
"""
DUE = """
select id, alert, channel, recipient, place, attempts from delivery.tasks
where channel = $1 and next_at <= $2 order by next_at, id limit $3
"""
NEXT = "select min(next_at) from delivery.tasks where channel = $1"
ATTEMPTED = """
with kept as (
    insert into delivery.attempts values ($1, $2, $3, case when $4::text is null then 'sent' else 'failed' end, $5, $4)
)
update delivery.tasks set attempts = $2, at = $3, seconds = $5, error = $4, next_at = $6, state = $7 where id = $1
"""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be sent: an alert, over a channel, to a role; ``attempts``: how often that was tried."""

    id: str
    alert: str
    channel: str
    recipient: str
    place: str
    attempts: int


class Ledger:
    """Reads and writes the record; each call is one statement."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def enlist(
        self, alert: str, place: str, to: list[tuple[str, str]], created_at: datetime, due_at: datetime
    ) -> None:
        """Puts an alert into the queues of these channels (id and recipient), once."""
        channels, recipients = [channel for channel, _ in to], [recipient for _, recipient in to]
        await self._pool.execute(ENLIST, [alert] * len(to), channels, recipients, place, created_at, due_at)

    async def due(self, channel: str, now: datetime, limit: int) -> list[Task]:
        """What is due over a channel, longest waiting first."""
        return [Task(*row) for row in await self._pool.fetch(DUE, channel, now, limit)]

    async def next_at(self, channel: str) -> datetime | None:
        """When something is due over a channel; None where nothing waits."""
        moment: datetime | None = await self._pool.fetchval(NEXT, channel)
        return moment

    async def attempted(
        self, task: Task, at: datetime, seconds: float, error: str | None, next_at: datetime | None
    ) -> None:
        """Puts one attempt on record; ``error``: why it failed, None where it did not."""
        state = "sent" if error is None else "given-up" if next_at is None else "failed"
        await self._pool.execute(ATTEMPTED, task.id, task.attempts + 1, at, error, seconds, next_at, state)
