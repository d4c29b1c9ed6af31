"""The record of deliveries: tasks, one a notice, channel and person, and their attempts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import sqlalchemy as sa

from services.analytics.delivery.notices import Notice
from services.analytics.views.columns import moment, moment_or_none, number, text, text_or_none

METADATA = sa.MetaData(schema="delivery")
tasks = sa.Table(
    "tasks",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    text("kind"),
    text("about"),
    text("channel"),
    text_or_none("recipient"),
    text("zh"),
    text("en"),
    text("place"),
    moment("created_at"),
    text("state"),
    number("attempts"),
    moment("at"),
    moment_or_none("next_at"),
    sa.Column("seconds", sa.Double),
    text_or_none("error"),
)


later = tasks.alias("later")
UNADDRESSED = tasks.c.recipient.is_(None) & ~sa.exists().where(
    later.c.about == tasks.c.about, sa.func.starts_with(later.c.id, tasks.c.id + "~")
)
"""Tasks without a recipient that no person has received since."""
LAST_WEEK = sa.select(sa.func.max(later.c.created_at) - timedelta(days=7)).scalar_subquery()
PLACES_OF_NOBODY = (
    sa.select(tasks.c.place)
    .where(UNADDRESSED, tasks.c.created_at > LAST_WEEK)
    .group_by(tasks.c.place)
    .order_by(sa.func.count(tasks.c.about.distinct()).desc(), tasks.c.place)
    .limit(4)
)
"""Places with tasks without a recipient in the last week of the instance's clock, those with the most first."""


def task_prefix(about: "sa.ColumnElement[str]", event: "sa.ColumnElement[str]") -> "sa.ColumnElement[str]":
    """How the ids of the tasks of a notice begin; ``ENLIST`` adds channel and recipient."""
    return about + "~" + event + "~"


ENLIST = """
insert into delivery.tasks (id, kind, about, place, zh, en, channel, recipient, created_at, at, next_at)
select concat_ws('~', $2::text, $1::text, channel, recipient), $3, $2, $4, $5, $6, channel, recipient, $9, $9, $10
from unnest($7::text[], $8::text[]) as due (channel, recipient)
on conflict (id) do nothing
"""
HAND_ON = """
insert into delivery.tasks (id, kind, about, place, zh, en, channel, recipient, created_at, at, next_at)
select concat_ws('~', id, person), kind, about, place, zh, en, channel, person, $3, $3, $4
from delivery.tasks, unnest($2::text[]) person
where id = any($1::text[]) and recipient is null
on conflict (id) do nothing
"""
DUE = """
select id, about, channel, recipient, place, zh, en, attempts, created_at from delivery.tasks
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
    """What is to be sent over a channel.

    Attributes:
        about: what it tells of. recipient: to whom; None where nobody is named for the place. zh, en: in which words.
        attempts: how often that was tried.
    """

    id: str
    about: str
    channel: str
    recipient: str | None
    place: str
    zh: str
    en: str
    attempts: int
    created_at: datetime


class Ledger:
    """Reads and writes the record; each call is one statement."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def enlist(
        self, notice: Notice, to: Sequence[tuple[str, str | None]], created_at: datetime, due_at: datetime
    ) -> None:
        """Puts a notice into the queues of these channels (id and recipient), once."""
        what = (notice.event, notice.about, notice.kind, notice.place, *notice.words)
        channels, recipients = [channel for channel, _ in to], [recipient for _, recipient in to]
        await self._pool.execute(ENLIST, *what, channels, recipients, created_at, due_at)

    async def hand_on(
        self, unaddressed: Sequence[str], persons: Sequence[str], created_at: datetime, due_at: datetime
    ) -> None:
        """Puts tasks without a recipient into the queues of these persons, once each, in one transaction."""
        await self._pool.execute(HAND_ON, unaddressed, persons, created_at, due_at)

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
