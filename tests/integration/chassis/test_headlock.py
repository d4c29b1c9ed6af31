"""A session that holds the head of a log delays other writers by seconds, and is named where people look."""

import asyncio
import contextlib
import time

import asyncpg
import pytest

from services.chassis.eventstore.bulk import BulkWriter
from services.chassis.eventstore.export import TAKE_HEAD
from services.chassis.eventstore.headlock import UNHURRIED, end_stalled, held_by
from services.chassis.eventstore.rows import COLUMNS
from services.chassis.http.problems import problem_of
from services.chassis.postgres import AWAY, Database, connect


@contextlib.asynccontextmanager
async def standing_copy(dsn: str, name: str = "maplebridge import"):
    """A writer that took the head and stands still within its COPY, as after SIGSTOP; yields its process id."""
    connection = await connect(dsn, application_name=name)
    began, go_on = asyncio.Event(), asyncio.Event()

    async def rows():
        began.set()
        await go_on.wait()
        yield b"PGCOPY\n\xff\r\n\x00" + bytes(8) + b"\xff\xff"

    async def write() -> None:
        async with connection.transaction():
            await connection.fetch(TAKE_HEAD)
            await connection.copy_to_table("events", schema_name="log", columns=COLUMNS, source=rows(), format="binary")

    writing = asyncio.create_task(write())
    await began.wait()
    try:
        yield connection.get_server_pid(), writing, go_on
    finally:
        go_on.set()
        await asyncio.gather(writing, return_exceptions=True)
        connection.terminate()


async def test_a_command_is_refused_within_seconds_and_told_when_to_come_again(log):
    async with standing_copy(log.database.dsn):
        began = time.monotonic()
        with pytest.raises(asyncpg.LockNotAvailableError) as refused:
            await log.put("s", "1")
        assert time.monotonic() - began < 8
    problem = problem_of(refused.value, {})
    assert (problem.status, problem.headers["Retry-After"]) == (503, "2")
    assert await log.put("s", "1") == 1, "nothing of the refused one was written"


async def test_who_holds_the_head_is_named(log):
    assert await held_by(log.database.pool) is None
    async with standing_copy(log.database.dsn) as (holder, _, _):
        sentence = await held_by(log.database.pool)
    assert f"session {holder} (maplebridge import) holds the end of the log for " in sentence


async def test_a_writer_that_waits_is_not_taken_for_the_holder(log):
    async with standing_copy(log.database.dsn) as (holder, _, _):
        waiting = asyncio.create_task(log.put("s", "1"))
        sentence = await held_by(log.database.pool)
        assert f"session {holder} " in sentence
        await asyncio.gather(waiting, return_exceptions=True)


async def test_a_copy_that_stands_still_is_ended_and_commands_go_on(log):
    async with standing_copy(log.database.dsn) as (holder, writing, go_on):
        assert await end_stalled(log.database.pool, after=3600) == [], "it has not stood for long"
        assert await end_stalled(log.database.pool, after=0) == [holder]
        assert await log.put("s", "1") == 1
        go_on.set()
        with pytest.raises(AWAY):
            await writing


async def test_a_restore_may_hold_the_head_for_long(log):
    async with standing_copy(log.database.dsn, UNHURRIED):
        assert await end_stalled(log.database.pool, after=0) == []


async def test_a_refused_round_ends_who_stands_still(log, monkeypatch):
    monkeypatch.setattr(end_stalled, "__defaults__", (0.0,))
    async with standing_copy(log.database.dsn):
        with pytest.raises(asyncpg.LockNotAvailableError):
            await log.put("s", "1")
        assert await log.put("s", "1") == 1


async def test_an_import_can_be_run_again_after_it_was_ended(log):
    async with standing_copy(log.database.dsn):
        await end_stalled(log.database.pool, after=0)
    assert (await BulkWriter(log.database.pool).write([])).position == 0


@pytest.mark.parametrize(("setting", "value"), [("lock_timeout", "3s"), ("idle_in_transaction_session_timeout", "10s")])
async def test_connections_of_the_application_wait_for_nothing_for_ever(log, setting, value):
    assert await log.database.pool.fetchval(f"show {setting}") == value


async def test_a_database_that_starts_is_waited_for(log, monkeypatch):
    monkeypatch.setattr("services.chassis.postgres.LOOK_AGAIN", 0.01)
    make, attempts = asyncpg.create_pool, []

    async def recovering(*args, **options):
        attempts.append(args)
        if len(attempts) < 3:
            raise asyncpg.CannotConnectNowError("the database system is starting up")
        return await make(*args, **options)

    monkeypatch.setattr(asyncpg, "create_pool", recovering)
    database = await Database.open("registry", log.database.dsn, wait=60)
    await database.close()
    assert len(attempts) == 3


async def test_without_patience_a_database_that_starts_is_an_error_at_once(log, monkeypatch):
    async def recovering(*_, **__):
        raise asyncpg.CannotConnectNowError("the database system is starting up")

    monkeypatch.setattr(asyncpg, "create_pool", recovering)
    with pytest.raises(asyncpg.CannotConnectNowError):
        await Database.open("registry", log.database.dsn)
