"""The log keeps what it promises: gapless, in order, once, and never rewritten."""

import asyncio
import secrets
from datetime import UTC, datetime

import asyncpg
import pytest

from services.chassis.eventstore.bulk import BulkEvent, BulkWriter, versions_of
from services.chassis.eventstore.groupcommit import APPEND
from services.chassis.eventstore.store import READ, EventStore
from services.chassis.eventstore.types import (
    MAX_EVENT_BYTES,
    Append,
    CommandRecord,
    EventTooLarge,
    KeyReused,
    MomentRefused,
    Overloaded,
    VersionConflict,
)
from services.chassis.eventstore.verify import ChainBroken, verify
from services.chassis.migrations.migrate import DatabaseNewer, migrate
from services.chassis.postgres import Database
from services.chassis.subscriptions.log import LogSubscription
from services.chassis.subscriptions.wake import Signal
from tests.integration.chassis.conftest import NOON, an_event
from tests.marks import batches

FAR = datetime.max.replace(tzinfo=UTC)

SCANS = (
    "select sum(seq_scan) from pg_stat_xact_user_tables where schemaname = 'log' and relname in ('events', 'commands')"
)


async def follow(store):
    return [known async for known in verify(store, batch=7)]


async def test_positions_are_gapless_and_a_stream_is_in_version_order(log):
    await asyncio.gather(*(log.put(f"s-{number % 5}", "1", "2") for number in range(40)))
    events = await log.store.read(0)
    assert [event.position for event in events] == list(range(1, 81))
    for stream in {event.stream for event in events}:
        assert [event.version for event in events if event.stream == stream] == list(range(1, 17))


async def test_no_append_looks_through_the_whole_log_though_it_was_small_when_its_plan_was_made(log):
    await log.put("s-0", "1", "2")
    owner = await asyncpg.connect(log.owner)
    await owner.execute("analyze log.events; analyze log.commands")
    await owner.close()
    event = an_event()
    of_event = ([event.id], [event.type], [event.data], [event.metadata], [event.effective_at])
    async with log.database.pool.acquire() as connection, connection.transaction():
        for number in range(1, 11):
            command = ["me"], [f"k-{number}"], [b""]
            row = await connection.fetchrow(APPEND, [f"s-{number}"], [0], [None], [1], *command, NOON, *of_event)
            assert row["outcome"] == "appended"
        assert await connection.fetchval(SCANS) == 0
    async with log.database.pool.acquire() as connection, connection.transaction():
        assert await versions_of(connection, {"s-0", "s-10", "s-11"}) == {"s-0": 2, "s-10": 1}
        assert await connection.fetchval(SCANS) == 0


async def test_of_rivals_for_a_version_one_wins(log):
    outcomes = await asyncio.gather(*(log.put("s-1", str(n), expected=0) for n in range(10)), return_exceptions=True)
    assert sum(isinstance(outcome, int) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, VersionConflict) for outcome in outcomes) == 9
    assert len(await log.store.load("s-1")) == 1


async def test_a_conflict_in_a_group_leaves_its_neighbours_alone(log):
    await log.put("s-1", "0")
    outcomes = await asyncio.gather(
        log.put("s-2", "1"), log.put("s-1", "2", expected=0), log.put("s-3", "3"), return_exceptions=True
    )
    assert outcomes[0] == 2
    assert isinstance(outcomes[1], VersionConflict)
    assert (outcomes[1].expected, outcomes[1].actual) == (0, 1)
    assert outcomes[2] == 3


async def test_a_command_sent_five_times_at_once_is_applied_once(log):
    positions = await asyncio.gather(*(log.put("s-1", "1", key="k") for _ in range(5)))
    assert positions == [1] * 5
    assert (await log.store.head()).position == 1


async def test_a_repeat_gets_the_answer_of_the_first(log):
    first = await log.store.append(Append("s-1", 0, (an_event(),), NOON, CommandRecord("a", "k", b"body")))
    await log.put("s-1", "2")
    again = await log.store.recall(CommandRecord("a", "k", b"body"))
    assert again is not None
    assert (again.version, again.first, again.last, again.repeated) == (first.version, first.first, first.last, True)


async def test_a_key_belongs_to_its_actor_and_its_body(log):
    await log.store.append(Append("s-1", None, (an_event(),), NOON, CommandRecord("a", "k", b"body")))
    await log.store.append(Append("s-2", None, (an_event(),), NOON, CommandRecord("b", "k", b"other")))
    with pytest.raises(KeyReused):
        await log.store.append(Append("s-3", None, (an_event(),), NOON, CommandRecord("a", "k", b"other")))
    with pytest.raises(KeyReused):
        await log.store.recall(CommandRecord("a", "k", b"other"))
    assert (await log.store.head()).position == 2


async def test_a_command_without_events_is_remembered_too(log):
    await log.put("s-1", "1")
    nothing = await log.store.append(Append("s-1", 1, (), NOON, CommandRecord("a", "k", b"x")))
    await log.put("s-1", "2")
    again = await log.store.append(Append("s-1", 2, (an_event(),), NOON, CommandRecord("a", "k", b"x")))
    assert (nothing.first, nothing.last, nothing.version) == (2, 1, 1)
    assert (again.first, again.last, again.version, again.repeated) == (2, 1, 1, True)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (Append("s-\x00", None, (an_event(),), NOON), asyncpg.DataError),
        (Append(secrets.token_hex(9_000), None, (an_event(),), NOON), asyncpg.ProgramLimitExceededError),
        (Append("s-9", None, (an_event()._replace(effective_at=FAR),), NOON), MomentRefused),
    ],
    ids=["not storable", "too long for an index", "beyond what a moment can be"],
)
async def test_one_bad_append_does_not_take_its_group_with_it(log, bad, error):
    outcomes = await asyncio.gather(
        log.put("s-1", "1"), log.store.append(bad), log.put("s-2", "2"), return_exceptions=True
    )
    assert isinstance(outcomes[1], error)
    assert sorted(event.stream for event in await log.store.read(0)) == ["s-1", "s-2"]


@pytest.mark.parametrize("what", ["data", "metadata"])
async def test_what_is_too_large_is_refused_however_it_was_made(log, what):
    large = an_event()._replace(**{what: b'"' + b"x" * 65_536 + b'"'})
    with pytest.raises(EventTooLarge, match="65,538 bytes"):
        await log.store.append(Append("s-1", None, (large,), NOON))
    assert (await log.store.head()).position == 0


@pytest.mark.parametrize("at", [NOON.replace(tzinfo=None), FAR, datetime.min.replace(tzinfo=UTC)])
@pytest.mark.parametrize("what", ["recorded_at", "effective_at"])
async def test_a_moment_without_its_time_zone_or_out_of_all_years_is_refused(log, what, at):
    event = an_event()
    if what == "effective_at":
        event = event._replace(effective_at=at)
    with pytest.raises(MomentRefused, match="has a time zone"):
        await log.store.append(Append("s-1", None, (event,), at if what == "recorded_at" else NOON))
    assert (await log.store.head()).position == 0


async def test_recorded_at_never_runs_backwards(log):
    await log.store.append(Append("s-1", None, (an_event(),), NOON))
    await log.store.append(Append("s-1", None, (an_event(),), NOON.replace(year=2020)))
    assert [event.recorded_at for event in await log.store.read(0)] == [NOON, NOON]


@pytest.mark.parametrize("role", ["owner", "app"])
@pytest.mark.parametrize(
    "statement", ["update log.events set stream = 'x'", "delete from log.events", "truncate log.events"]
)
async def test_nobody_rewrites_the_log(log, role, statement):
    await log.put("s-1", "1")
    connection = await asyncpg.connect(log.owner if role == "owner" else log.database.dsn)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()
    assert len(await log.store.read(0)) == 1


async def test_the_chain_of_single_and_bulk_appends_is_one(log):
    await log.put("s-1", "1", "2")
    writer = BulkWriter(log.database.pool, most=4)
    await writer.write([BulkEvent(f"b-{number}", 1, an_event(), NOON) for number in range(10)])
    await log.put("s-枫", "3")
    assert (await follow(log.store))[-1].position == 13


@pytest.mark.parametrize(
    "damage",
    [
        "update log.events set data = '{}' where position = 3",
        "update log.events set metadata = '{}' where position = 3",
        "update log.events set recorded_at = recorded_at + interval '1 microsecond' where position = 3",
        "delete from log.events where position = 3",
        "delete from log.events where position = 5",
        "update log.head set position = 9",
    ],
)
async def test_damage_done_behind_the_trigger_is_found(log, damage):
    await log.put("s-1", "1", "2", "3", "4", "5")
    connection = await asyncpg.connect(log.owner)
    try:
        await connection.execute("alter table log.events disable trigger all")
        await connection.execute(damage)
    finally:
        await connection.close()
    with pytest.raises(ChainBroken):
        await follow(log.store)


async def test_a_place_in_a_stream_is_taken_once_whoever_writes(log):
    await log.put("s-1", "1", "2")
    connection = await asyncpg.connect(log.database.dsn)
    again = """
        insert into log.events
        select 3, stream, version, id, type, data, metadata, effective_at, recorded_at, hash
        from log.events where position = 2
    """
    try:
        with pytest.raises(asyncpg.UniqueViolationError, match="events_by_stream"):
            await connection.execute(again)
    finally:
        await connection.close()


async def test_a_full_queue_refuses_at_once(log):
    small = EventStore("registry", log.database.pool, capacity=2)
    appends = [Append(f"s-{number}", None, (an_event(),), NOON) for number in range(5)]
    outcomes = await asyncio.gather(*(small.append(append) for append in appends), return_exceptions=True)
    refused = sum(isinstance(outcome, Overloaded) for outcome in outcomes)
    assert refused == 3
    assert (await log.store.head()).position == 2


async def test_closing_writes_what_waits(log):
    waiting = [asyncio.ensure_future(log.put(f"s-{number}", "1")) for number in range(20)]
    await asyncio.sleep(0)
    await log.store.close()
    assert sorted(await asyncio.gather(*waiting)) == list(range(1, 21))
    with pytest.raises(Overloaded):
        await log.put("s-1", "late")


async def test_a_caller_that_gives_up_does_not_undo_or_block_others(log):
    given_up = asyncio.ensure_future(log.put("s-1", "1"))
    await asyncio.sleep(0)
    given_up.cancel()
    await log.put("s-2", "2")
    assert {event.stream for event in await log.store.read(0)} == {"s-1", "s-2"}


async def test_migrating_twice_changes_nothing_and_a_newer_database_is_refused(log):
    before = await log.store.head()
    await migrate(log.owner)
    assert await log.store.head() == before
    connection = await asyncpg.connect(log.owner)
    await connection.execute("update alembic_version set version_num = 'future'")
    await connection.close()
    with pytest.raises(DatabaseNewer, match="update Maple Bridge"):
        await migrate(log.owner)


async def test_two_processes_worth_of_stores_share_one_gapless_log(log):
    other_database = await Database.open("registry", log.database.dsn)
    other = EventStore("registry", other_database.pool)
    try:
        appends = [Append(f"s-{n}", None, (an_event(),), NOON) for n in range(60)]
        await asyncio.gather(*((log.store, other)[n % 2].append(append) for n, append in enumerate(appends)))
    finally:
        await other_database.close()
    assert [event.position for event in await log.store.read(0)] == list(range(1, 61))
    assert (await follow(log.store))[-1].position == 60


async def test_an_event_of_64_kib_is_kept_whole(log):
    event = an_event()._replace(data=b"x" * MAX_EVENT_BYTES)
    await log.store.append(Append("s-1", None, (event,), NOON))
    (kept,) = await log.store.load("s-1")
    assert kept.data == event.data
    assert (await follow(log.store))[-1].position == 1


class CountingPool:
    """A pool that counts the reads of the log."""

    def __init__(self, pool) -> None:
        self._pool = pool
        self.reads = 0

    async def fetch(self, query, *arguments):
        self.reads += query == READ
        return await self._pool.fetch(query, *arguments)

    async def fetchrow(self, query, *arguments):
        return await self._pool.fetchrow(query, *arguments)


async def test_fifty_subscribers_get_every_event_and_ask_together(log):
    pool, signal = CountingPool(log.database.pool), Signal()
    store = EventStore("registry", pool, signal.set)
    subscription, taken = LogSubscription(store, signal), [0] * 50

    async def follow_one(number):
        async for batch in batches(subscription, 0):
            taken[number] += len(batch.events)
            if taken[number] == 40:
                return

    following = [asyncio.create_task(follow_one(number)) for number in range(50)]
    for _ in range(40):
        await store.append(Append("s-1", None, (an_event(),), NOON))
    await asyncio.wait_for(asyncio.gather(*following), 30)
    assert taken == [40] * 50
    assert pool.reads < 50 * 40 / 4, "each subscriber asks for itself"
