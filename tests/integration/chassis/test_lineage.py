"""A log that was restored, copied or failed over is another history, and says so before the first append."""

import asyncio
import os
import signal
from dataclasses import replace

import asyncpg
import pytest

from services.chassis.eventstore.bulk import BulkEvent, BulkWriter
from services.chassis.eventstore.lineage import Lineage
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, CommandRecord, Snapshot, VersionConflict
from services.chassis.postgres import AWAY, Database
from tests.integration.chassis.conftest import NOON, an_event
from tests.restoring import put_back


async def put(store: EventStore, count: int = 1) -> int:
    """Appends events; answers the last position."""
    return (await store.append(Append("s-1", None, tuple(an_event() for _ in range(count)), NOON))).last


async def put_when_it_answers(store: EventStore) -> int:
    """The same with a database that comes back."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await put(store)
            except AWAY:
                await asyncio.sleep(0.05)


async def execute(address: str, statement: str) -> None:
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_opening_a_log_again_goes_on_in_its_history(log):
    await put(log.store, 3)
    before = await log.store.lineages()
    again = await Database.open("registry", log.database.dsn)
    try:
        assert await EventStore("registry", again.pool).lineages() == before
    finally:
        await again.close()
    assert before[-1].id == (await log.store.head()).lineage


async def test_a_copied_database_begins_a_new_history_after_what_was_copied(databases):
    first = await databases.fresh()
    original = await Database.open("registry", first.app)
    store = EventStore("registry", original.pool)
    await put(store, 3)
    before = await store.lineages()
    await original.close()

    await execute(databases.superuser, f'create database "{first.name}_copy" template "{first.name}"')
    databases.made.append(f"{first.name}_copy")
    copy = await Database.open("registry", databases.address(f"{first.name}_copy", "maplebridge_app"))
    try:
        copied = EventStore("registry", copy.pool)
        assert await put(copied) == 4
        lineages = await copied.lineages()
    finally:
        await copy.close()
    assert lineages[:-1] == before
    assert lineages[-1] == Lineage(lineages[-1].id, 3)


async def test_connections_that_open_at_once_begin_one_history(databases):
    first = await databases.fresh()
    await execute(databases.superuser, f'create database "{first.name}_copy" template "{first.name}"')
    databases.made.append(f"{first.name}_copy")
    copies = await asyncio.gather(
        *(Database.open("registry", databases.address(f"{first.name}_copy", "maplebridge_app")) for _ in range(6))
    )
    try:
        lineages = await EventStore("registry", copies[0].pool).lineages()
    finally:
        await asyncio.gather(*(each.close() for each in copies))
    # the template's own, and one for the copy: no test's database is where it was made
    assert len(lineages) == 2


@pytest.mark.guarantee("G13")
async def test_a_promoted_cluster_is_noticed_before_the_first_append_of_a_store_that_stayed_open(private_postgres):
    fresh = await private_postgres.databases.fresh()
    database = await Database.open("registry", fresh.app)
    store = EventStore("registry", database.pool)
    await put(store, 3)
    before = await store.lineages()

    data = private_postgres.server.data
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
        settings.write("restore_command = 'false'\n")
    (data / "recovery.signal").touch()
    killed = private_postgres.pid
    os.kill(killed, signal.SIGKILL)  # its guardian starts it again, and it ends its recovery promoted
    async with asyncio.timeout(30):
        while private_postgres.pid == killed:  # noqa: ASYNC110 - another process; a backend outlives it for a moment
            await asyncio.sleep(0.02)
    try:
        position = await put_when_it_answers(store)
        lineages = await store.lineages()
    finally:
        await database.close()
    assert lineages[:-1] == before
    # one that got no answer may have been committed while PostgreSQL died
    assert lineages[-1].began_after == position - 1


async def test_a_history_may_keep_less_than_the_log_holds_and_never_more(log):
    await put(log.store, 5)
    fewer = await log.store.begin_lineage(2)
    assert (await log.store.lineages())[-1] == Lineage(fewer, 2)
    more = await log.store.begin_lineage(99)
    assert (await log.store.lineages())[-1] == Lineage(more, 5)
    assert (await log.store.head()).lineage == more


@pytest.mark.parametrize("by", ["append", "import"])
async def test_tables_that_are_put_back_under_whoever_appends_begin_a_new_history(log, by):
    await put(log.store, 3)
    before = await log.store.lineages()
    # as pg_restore --clean does: the same database, the same rows, other tables; connections stay
    await execute(
        log.owner,
        """
        alter table log.head rename to was;
        create table log.head (like log.was including all);
        insert into log.head select * from log.was;
        drop table log.was;
        grant select, update on log.head to maplebridge_app;
        """,
    )
    if by == "append":
        assert await put(log.store) == 4
    else:
        await BulkWriter(log.database.pool).write([BulkEvent("s-9", 1, an_event(), NOON)])
    after = await log.store.lineages()
    assert after[:-1] == before
    assert after[-1] == Lineage((await log.store.head()).lineage, 3)
    await put(log.store)
    assert await log.store.lineages() == after


async def test_what_was_decided_on_a_history_that_the_log_has_left_is_a_conflict(log):
    await put(log.store, 3)
    before = log.store.lineage
    await put_back(log.owner, 2)
    await put(EventStore("registry", log.database.pool))  # the same version again, of another event
    with pytest.raises(VersionConflict):
        await log.store.append(Append("s-1", 3, (an_event(),), NOON, lineage=before))
    present = (await log.store.head()).lineage
    assert log.store.lineage == present != before
    appended = await log.store.append(Append("s-1", 3, (an_event(),), NOON, lineage=present))
    assert (appended.version, appended.lineage) == (4, present)


async def test_a_repeat_names_the_history_that_its_events_were_written_in(log):
    def command(number: int) -> CommandRecord:
        return CommandRecord("officer:li", f"k-{number}", b"d")

    first = [await log.store.append(Append("s-1", None, (an_event(),), NOON, command(n))) for n in range(3)]
    await put_back(log.owner, 2)
    later = await log.store.append(Append("s-1", None, (an_event(),), NOON, command(9)))
    assert later.lineage != first[0].lineage
    for number, one in ((0, first[0]), (1, first[1]), (9, later)):
        again = await log.store.append(Append("s-1", None, (an_event(),), NOON, command(number)))
        assert again.repeated
        assert (again.last, again.lineage) == (one.last, one.lineage)
        assert await log.store.recall(command(number)) == again
        assert log.store.lineage == later.lineage  # and nobody takes that for the present one
    assert await log.store.recall(command(2)) is None


async def test_a_snapshot_of_a_history_that_the_log_has_left_is_not_kept(log):
    await put(log.store, 3)
    before = log.store.lineage
    await put_back(log.owner, 2)
    await log.store.keep(Snapshot("s-1", 1, 3, b"{}", before))
    assert (await log.store.load_latest("s-1", 1))[0] is None
    kept = Snapshot("s-1", 1, 2, b"{}", (await log.store.head()).lineage)
    await log.store.keep(kept)
    assert (await log.store.load_latest("s-1", 1))[0] == replace(kept, lineage=None)
