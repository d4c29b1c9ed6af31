"""PostgreSQL is killed while commands go on: nothing acknowledged is lost, nothing is doubled, views follow."""

import asyncio
import contextlib
import os
import signal
from datetime import UTC, datetime

import sqlalchemy as sa

from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, CommandRecord, NewEvent, Overloaded
from services.chassis.eventstore.verify import verify
from services.chassis.ids import uuid7
from services.chassis.postgres import AWAY, Database, engine
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.projections.model import ReadModel
from services.chassis.projections.rebuild import Rebuild
from services.chassis.projections.runner import ProjectionRunner
from services.chassis.subscriptions.log import LogSubscription
from services.chassis.subscriptions.wake import Signal
from tests.versions import invented

KILLS, CLIENTS, EACH = 4, 8, 60
COUNT = """
insert into seen select * from unnest($1::text[], $2::bigint[])
on conflict (stream) do update set events = seen.events + excluded.events
"""


def seen() -> ReadModel:
    """Counts the events of each stream; a doubled or a lost one shows."""

    async def apply(connection, events) -> None:
        counts: dict[str, int] = {}
        for event in events:
            counts[event.stream] = counts.get(event.stream, 0) + 1
        await connection.execute(COUNT, list(counts), list(counts.values()))

    tables = sa.MetaData(schema="seen")
    sa.Table("seen", tables, sa.Column("stream", sa.Text, primary_key=True), sa.Column("events", sa.BigInteger))
    return ReadModel("seen", 1, ("registry",), frozenset({invented("test.done.v1")}), tables, apply)


async def send(store: EventStore, client: int, number: int) -> int:
    """Sends one command, again and again with the same key, until it is answered."""
    while True:
        event = NewEvent(uuid7(), "test.done.v1", b"{}", b"{}", datetime.now(UTC))
        record = CommandRecord(f"client-{client}", str(number), b"")
        with contextlib.suppress(*AWAY, Overloaded):
            appended = await store.append(Append(f"s-{client}", None, (event,), datetime.now(UTC), record))
            return appended.last
        await asyncio.sleep(0.02)


async def until_answered(ask):
    """Asks again while connections that died with PostgreSQL are found out."""
    while True:
        with contextlib.suppress(*AWAY):
            return await ask()
        await asyncio.sleep(0.01)


async def verified(store: EventStore) -> int:
    """Up to where the chain holds."""
    return [known.position async for known in verify(store)][-1]


async def kill_now_and_then(postgres, done: asyncio.Event) -> int:
    """kill -9 of PostgreSQL's first process; its guardian starts it again."""
    killed = 0
    while not done.is_set() and killed < KILLS:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.15):
                await done.wait()
        with contextlib.suppress(ProcessLookupError):  # it died a moment ago, and its guardian is at work
            os.kill(postgres.server.pid, signal.SIGKILL)
            killed += 1
        await postgres.server.ready()
    return killed


async def test_acknowledged_commands_are_in_the_log_once_and_in_the_view_once(private_postgres):
    fresh = await private_postgres.databases.fresh()
    database = await Database.open("registry", fresh.app)
    wake = Signal()
    store = EventStore("registry", database.pool, wake.set)
    owner = engine(fresh.owner, connections=2)
    checkpoints = Checkpoints(database.pool)
    rebuild = Rebuild(seen(), owner, fresh.app, {"registry": store})
    await rebuild.prepare()
    runner = ProjectionRunner(
        seen(), fresh.app, {"registry": LogSubscription(store, wake, size=7, poll=0.1)}, checkpoints
    )
    following = asyncio.create_task(runner.run())
    done = asyncio.Event()
    killing = asyncio.create_task(kill_now_and_then(private_postgres, done))

    async def client(name: int) -> list[int]:
        return [await send(store, name, number) for number in range(EACH)]

    answers = await asyncio.gather(*(client(name) for name in range(CLIENTS)))
    done.set()
    assert await killing >= 1

    positions = [position for answer in answers for position in answer]
    assert len(set(positions)) == CLIENTS * EACH, "two commands got one position"
    events = await until_answered(lambda: store.read(0, 10_000))
    assert [event.position for event in events] == list(range(1, CLIENTS * EACH + 1))
    assert {event.position for event in events} == set(positions)
    assert await until_answered(lambda: verified(store)) == CLIENTS * EACH

    await until_answered(lambda: checkpoints.reached("seen", {"registry": CLIENTS * EACH}, seconds=20))
    rows = await until_answered(lambda: database.pool.fetch("select stream, events from seen.seen"))
    assert {row["stream"]: row["events"] for row in rows} == {f"s-{name}": EACH for name in range(CLIENTS)}
    assert (await rebuild.run(switch=False)).equal

    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await owner.dispose()
    await database.close()
