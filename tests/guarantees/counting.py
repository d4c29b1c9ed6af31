"""The smallest domain that shows a doubled or a lost event: a counter, and a view that adds up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
import sqlalchemy as sa

from contracts.common import Actor, Event, Role
from contracts.incidents import OfficersArrived
from services.chassis.clock import FixedClock
from services.chassis.decider import Decider
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, CommandRecord, NewEvent, Recorded
from services.chassis.handler import CommandContext, CommandHandler
from services.chassis.ids import uuid7
from services.chassis.projections.model import ReadModel
from tests.versions import invented

NOON = datetime(2024, 5, 6, 4, tzinfo=UTC)
OFFICER = Actor(role=Role.OFFICER, id="officer-li")
COUNTED = "test.counted.v1"
POISON = b"poison"
ADD = """
insert into tally select * from unnest($1::text[], $2::bigint[])
on conflict (stream) do update set total = tally.total + excluded.total
"""


@dataclass(frozen=True)
class Count:
    """Counts one more."""


def count(_: int, __: Count, now: datetime) -> list[Event]:
    """Nothing forbids counting again, so that a command that is applied twice shows."""
    return [OfficersArrived(incident="i-1", place="yinchuan", officer="officer-li", waited_seconds=1, effective_at=now)]


COUNTER = Decider("counter", 0, lambda total, _: total + 1, {Count: count})


def handler(store: EventStore) -> CommandHandler:
    """The product's own shell around the decider."""
    return CommandHandler(store, FixedClock(NOON), uuid7)


def context(key: str | None) -> CommandContext:
    """An officer's command, with an idempotency key where there is one."""
    return CommandContext(actor=OFFICER, command=CommandRecord("officer:li", key, b"") if key else None)


def counted(stream: str, amounts: Sequence[int | bytes]) -> Append:
    """Events that each add an amount to their stream's total; ``POISON`` is one that cannot be added."""
    events = tuple(NewEvent(uuid7(), COUNTED, amount_bytes(amount), b"{}", NOON) for amount in amounts)
    return Append(stream, None, events, NOON)


def amount_bytes(amount: int | bytes) -> bytes:
    """An amount as a payload."""
    return amount if isinstance(amount, bytes) else str(amount).encode()


async def add_up(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> None:
    """Adds amounts up by stream; adding is not idempotent, so that an event taken in twice shows."""
    totals: dict[str, int] = {}
    for event in events:
        totals[event.stream] = totals.get(event.stream, 0) + int(event.data)
    await connection.execute(ADD, list(totals), list(totals.values()))


def tally() -> ReadModel:
    """The view."""
    tables = sa.MetaData(schema="tally")
    sa.Table("tally", tables, sa.Column("stream", sa.Text, primary_key=True), sa.Column("total", sa.BigInteger))
    return ReadModel("tally", 1, ("registry",), frozenset({invented(COUNTED)}), tables, add_up)
