"""A release rolls: what ran before goes on beside it, on the schema that it has migrated."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Self

import asyncpg
import pytest

from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, CommandRecord
from services.chassis.eventstore.verify import verify
from services.chassis.ids import uuid7
from services.chassis.migrations.migrate import ReleaseLeftOut, migrate
from services.chassis.postgres import Database, DatabaseOlder
from services.runtime.databases import migrations_of
from tests.conftest import Databases, FreshDatabase
from tests.integration.chassis.conftest import NOON, an_event
from tests.integration.migrations.released import DATABASE, plan, recorded, revisions
from tests.integration.migrations.schemas import only_as_far_as

LOCATIONS = migrations_of(DATABASE)
BEFORE = recorded()
APPEND = BEFORE["services.chassis.eventstore.groupcommit.APPEND"]
ROUND = 20
"""Commands of each writer between one step of a release and the next."""
HELD = "select from pg_locks where relation = 'log.head'::regclass and not granted"


@pytest.fixture
async def rolling(databases: Databases) -> FreshDatabase:
    """A database as the release before this one left it, which this one has not touched."""
    fresh = await databases.fresh(*LOCATIONS)
    await only_as_far_as(fresh.owner, LOCATIONS, revisions())
    return fresh


class Writer:
    """Appends a stream event by event, each command twice, as a client does that got no answer."""

    def __init__(self, number: int, database: Database) -> None:
        self.name = f"{type(self).__name__}-{number}"
        self.database = database
        self.done = 0
        self._stopping = False
        self._next = asyncio.Event()
        self._running = asyncio.create_task(self._run())

    @classmethod
    async def start(cls, number: int, dsn: str) -> Self:
        """One with connections of its own, as another process has them."""
        return cls(number, await Database.open("registry", dsn, connections=2))

    async def _run(self) -> None:
        try:
            while not self._stopping:
                for repeated in (False, True):
                    assert await self.append(self.done, f"{self.name}-{self.done}") is repeated
                self.done += 1
                self._next.set()
        finally:
            self._next.set()

    async def append(self, expected: int, key: str) -> bool:
        """Sends a command; answers whether the log knew it."""
        raise NotImplementedError

    async def more(self, commands: int = ROUND) -> None:
        """Waits until it has done so many more; raises what a command failed with."""
        wanted = self.done + commands
        while self.done < wanted and not self._running.done():
            self._next.clear()
            await self._next.wait()
        if self._running.done():
            await self._running

    async def stop(self) -> None:
        """Waits for the command that is under way; raises what one failed with."""
        self._stopping = True
        await self._running


class Before(Writer):
    """As the release before does."""

    async def append(self, expected: int, key: str) -> bool:
        command, event = (["tester"], [key], [key.encode()]), ([uuid7()], ["test.counted.v1"], [b"{}"], [b"{}"], [NOON])
        arguments = [self.name], [expected], [None], [1], *command, NOON, *event
        row = await self.database.pool.fetchrow(APPEND, *arguments)
        assert row is not None
        outcome: str = row["outcome"]
        assert outcome in {"appended", "repeated"}
        return outcome == "repeated"


class Now(Writer):
    """As this release does."""

    async def append(self, expected: int, key: str) -> bool:
        store = EventStore("registry", self.database.pool)
        await store.must_take_appends()
        command = CommandRecord("tester", key, key.encode())
        return (await store.append(Append(self.name, expected, (an_event(),), NOON, command))).repeated


@contextlib.asynccontextmanager
async def writing(dsn: str, *kinds: type[Writer]) -> AsyncIterator[list[Writer]]:
    """Writers of these kinds, until the end of the block; raises what a command failed with."""
    writers = [await kind.start(number, dsn) for number, kind in enumerate(kinds)]
    try:
        yield writers
        await asyncio.gather(*(writer.stop() for writer in writers))
    finally:
        for writer in writers:
            await writer.database.close()


async def more(writers: Sequence[Writer]) -> None:
    """Waits until each has done a round more."""
    await asyncio.gather(*(writer.more() for writer in writers))


async def test_old_and_new_append_beside_the_migration_and_nothing_is_lost_or_doubled(rolling):
    async with contextlib.AsyncExitStack() as late:
        async with writing(rolling.app, *[Before] * 3) as old:
            await more(old)
            await migrate(rolling.owner, *LOCATIONS, before=True)
            new = await late.enter_async_context(writing(rolling.app, *[Now] * 3))
            await more(old + new)
        await migrate(rolling.owner, *LOCATIONS)
        await more(new)
    database = await Database.open("registry", rolling.app)
    store = EventStore("registry", database.pool)
    for writer in old + new:
        assert [event.version for event in await store.load(writer.name)] == list(range(1, writer.done + 1))
    checked = [known async for known in verify(store)]
    assert checked[-1].position == sum(writer.done for writer in old + new)
    await database.close()


async def test_every_statement_of_the_release_before_can_be_run_on_the_schema_of_this_one(rolling):
    await migrate(rolling.owner, *LOCATIONS, before=True)
    connection = await asyncpg.connect(rolling.app)
    try:
        for statement in BEFORE.values():
            await plan(connection, statement)
    finally:
        await connection.close()


async def test_a_process_does_not_start_on_a_database_that_was_not_migrated_for_it(rolling):
    database = await Database.open("registry", rolling.app)
    store = EventStore("registry", database.pool)
    try:
        with pytest.raises(DatabaseOlder, match=r"The database registry was not migrated for this release"):
            await store.must_take_appends()
        await migrate(rolling.owner, *LOCATIONS, before=True)
        await store.must_take_appends()
    finally:
        await database.close()


async def test_nor_on_one_that_was_never_migrated(databases):
    fresh = await databases.fresh()
    connection = await asyncpg.connect(fresh.owner)
    await connection.execute("drop schema log cascade")
    await connection.close()
    with pytest.raises(DatabaseOlder):
        await Database.open("registry", fresh.app)


def a_migration(folder: Path, number: int, statement: str, *, after: bool = False) -> None:
    """Writes one; the first stands on nothing."""
    path = folder / f"v000{number}_invented{'_after' if after else ''}.py"
    path.with_suffix(".sql").write_text(statement)
    path.write_text(
        "from services.chassis.migrations.script import run\n"
        f"revision = 'invented_{number}'\n"
        f"down_revision = {f'invented_{number - 1}' if number > 1 else None!r}\n"
        "def upgrade():\n    run(__file__)\n"
    )


async def made(owner: str, *names: str) -> list[bool]:
    """Whether a database has these tables."""
    connection = await asyncpg.connect(owner)
    try:
        return [await connection.fetchval("select to_regclass($1) is not null", name) for name in names]
    finally:
        await connection.close()


async def test_what_the_release_before_needs_goes_when_it_has_ended_and_the_next_cannot_roll_before_that(
    databases, tmp_path
):
    fresh = await databases.fresh()
    a_migration(tmp_path, 1, "create table windows.old (); create table windows.new ()")
    a_migration(tmp_path, 2, "drop table windows.old", after=True)
    await migrate(fresh.owner, tmp_path, before=True)
    assert await made(fresh.owner, "windows.old", "windows.new") == [True, True]
    a_migration(tmp_path, 3, "create table windows.newest ()")
    with pytest.raises(ReleaseLeftOut, match="Migration invented_2 ends the roll of an earlier release"):
        await migrate(fresh.owner, tmp_path, before=True)
    assert await made(fresh.owner, "windows.old", "windows.newest") == [True, False]
    await migrate(fresh.owner, tmp_path)
    await migrate(fresh.owner, tmp_path, before=True)
    assert await made(fresh.owner, "windows.old", "windows.new", "windows.newest") == [False, True, True]


async def test_commands_go_on_while_a_migration_waits_for_a_table_of_theirs(databases, tmp_path):
    fresh = await databases.fresh()
    a_migration(tmp_path, 1, "alter table log.head add column invented integer")
    reading, watching = await asyncpg.connect(fresh.owner), await asyncpg.connect(fresh.owner)
    async with writing(fresh.app, Now) as writers:
        transaction = reading.transaction()
        await transaction.start()
        await reading.execute("select from log.head")  # as a backup does, for as long as it takes
        migrating = asyncio.create_task(migrate(fresh.owner, tmp_path))
        while not await watching.fetch(HELD):  # noqa: ASYNC110 - a lock sets no event
            await asyncio.sleep(0.01)
        await more(writers)
        assert not migrating.done()
        await transaction.rollback()
        await migrating
        await more(writers)
    await reading.close()
    await watching.close()
