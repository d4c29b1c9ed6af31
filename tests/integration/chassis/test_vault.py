"""The vault in PostgreSQL: the same contract as in memory, and what the application may not do."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest
import sqlalchemy as sa

from contracts.common import Sealed
from services.chassis.clock import FixedClock
from services.chassis.postgres import Database, connect, engine
from services.chassis.vault import Applied, Erased, FileLedger, Ledger, MemoryLedger, PostgresKeys, Vault, subject_key
from services.chassis.vault.sweeping import keep_swept
from services.chassis.vault.tables import keys as table
from tests.unit.chassis.vault.key_store_contract import KeyStoreContract

NOON = datetime(2024, 5, 6, 4, tzinfo=UTC)
WANG = subject_key("wang")


@pytest.fixture
async def opened(database) -> AsyncIterator[Database]:
    opened = await Database.open("registry", database.app)
    yield opened
    await opened.close()


@pytest.fixture
def keys(opened) -> PostgresKeys:
    return PostgresKeys(opened.pool)


def a_vault(keys, ledger: Ledger | None = None) -> Vault:
    return Vault(keys, master_key=bytes(32), clock=FixedClock(NOON), ledger=ledger or MemoryLedger())


class TestKeysInPostgres(KeyStoreContract):
    """The real store."""

    async def test_the_moments_are_kept(self, keys, opened):
        await keys.add({WANG: b"1"}, NOON)
        await keys.erase({WANG: NOON})
        row = await opened.pool.fetchrow("select wrapped, created_at, erased_at from vault.keys")
        assert tuple(row) == (None, NOON, NOON)


async def test_many_who_seal_under_a_new_name_at_once_use_one_key(keys):
    vaults = [a_vault(keys) for _ in range(8)]
    sealed = await asyncio.gather(*(vault.seal(WANG, f"text {n}") for n, vault in enumerate(vaults)))
    assert await a_vault(keys).open_many(sealed) == [f"text {n}" for n in range(8)]


async def test_overlapping_batches_of_new_names_do_not_block_each_other(keys):
    names = [subject_key(f"s{n}") for n in range(200)]
    batches = [names, names[::-1], names[100:] + names[:100]]
    sealed = await asyncio.gather(*(a_vault(keys).seal_many([(name, name) for name in batch]) for batch in batches))
    assert [await a_vault(keys).open_many(each) for each in sealed] == batches


async def test_after_erasure_the_key_is_nowhere_in_the_table(keys, opened):
    vault = a_vault(keys)
    sealed = await vault.seal(WANG, "王小明")
    wrapped = await opened.pool.fetchval("select wrapped from vault.keys")
    await vault.erase(WANG)
    assert await opened.pool.fetchval("select count(*) from vault.keys where wrapped = $1", wrapped) == 0
    with pytest.raises(Erased):
        await a_vault(keys).open(Sealed(key=WANG, text=sealed.text))


async def test_what_a_backup_brings_back_is_destroyed_again(keys, database, tmp_path):
    def a_ledger() -> FileLedger:
        return FileLedger(tmp_path / "registry.jsonl", "registry", bytes(32))

    vault = a_vault(keys, a_ledger())
    [wang, li] = await vault.seal_many([(WANG, "王小明"), (subject_key("li"), "李红")])
    owner = await asyncpg.connect(database.owner)
    backup = await owner.fetch("select * from vault.keys")
    await vault.erase(WANG)
    await owner.execute("truncate vault.keys")
    await owner.copy_records_to_table("keys", schema_name="vault", records=backup)
    await owner.close()
    assert await a_vault(keys, a_ledger()).open(wang) == "王小明", "that is what a backup does"

    started = a_vault(keys, a_ledger())
    assert await started.apply_ledger() == Applied(erasures=1, destroyed=1)
    with pytest.raises(Erased):
        await started.open(wang)
    assert await started.open(li) == "李红"
    assert await started.apply_ledger() == Applied(erasures=1, destroyed=0)


async def test_the_application_cannot_take_an_erasure_back(keys, opened):
    await keys.erase({WANG: NOON})
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await opened.pool.execute("delete from vault.keys")


async def test_the_table_is_the_one_that_the_migration_makes(database):
    owner = engine(database.owner)
    async with owner.connect() as connection:
        made = await connection.run_sync(lambda sync: sa.inspect(sync).get_columns("keys", schema="vault"))
    await owner.dispose()
    assert {column["name"]: (str(column["type"]), column["nullable"]) for column in made} == {
        column.name: (str(column.type), bool(column.nullable)) for column in table.columns
    }


async def test_a_destroyed_key_leaves_the_file_of_its_table(databases, database, opened, keys):
    vault = a_vault(keys)
    await vault.create("subject:stays")
    await vault.create("subject:goes")
    wrapped = dict(await opened.pool.fetch("select name, wrapped from vault.keys"))
    superuser = await connect(databases.address(database.name, "postgres"))

    async def on_disk() -> bytes:
        await superuser.execute("checkpoint")
        return await superuser.fetchval("select pg_read_binary_file(pg_relation_filepath('vault.keys'))")

    await vault.erase("subject:goes")
    assert wrapped["subject:goes"] in await on_disk(), "the test does not look where the key is"
    sweeping = asyncio.create_task(keep_swept(vault, opened.pool, database.owner))
    async with asyncio.timeout(20):
        while wrapped["subject:goes"] in await on_disk():  # noqa: ASYNC110 - the file says so
            await asyncio.sleep(0.02)
    assert wrapped["subject:stays"] in await on_disk()
    sweeping.cancel()
    await superuser.close()
