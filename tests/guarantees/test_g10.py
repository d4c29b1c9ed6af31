"""G10: what was erased can be read by nobody any more, whenever the process dies and whichever backup is put back."""

import contextlib
import itertools
from typing import get_args

import asyncpg
from hypothesis import strategies as st

from contracts.common import Sealed
from services.chassis.postgres import Database
from services.chassis.vault import Erased, subject_key
from tests.guarantees.erasing import (
    DatabaseAlone,
    Died,
    ErasuresUnderTest,
    LedgerAfterwards,
    LedgerFirst,
    Moment,
    NeverApplied,
    Process,
)
from tests.guarantees.laboratory import Readable, guarantee, judge, opened

CASES = st.tuples(st.none() | st.sampled_from(get_args(Moment)), st.booleans())
"""When the process dies that erases, and whether somebody sends it again."""


async def readable(process: Process, sealed: Sealed) -> bool:
    try:
        await process.vault.open(sealed)
    except Erased:
        return False
    return True


async def erased(erasures: ErasuresUnderTest, name: str) -> bool:
    """Whether somebody was told that it is done."""
    with contextlib.suppress(Died):
        await erasures.erase(name)
        return True
    return False


async def put_back(owner: str, backup: list[asyncpg.Record]) -> None:
    """Makes the table of keys what it was."""
    connection = await asyncpg.connect(owner)
    try:
        async with connection.transaction():
            await connection.execute("truncate vault.keys")
            await connection.copy_records_to_table("keys", schema_name="vault", records=backup)
    finally:
        await connection.close()


@guarantee(LedgerFirst, {DatabaseAlone: Readable, LedgerAfterwards: Readable, NeverApplied: Readable})
def test_g10_what_was_erased_stays_erased_though_a_backup_from_before_is_put_back(laboratory, kind, broken, tmp_path):
    database: Database = laboratory.enter(opened(laboratory.app))
    numbers = itertools.count()

    def process(path, dies=None) -> Process:
        return Process(database, path, dies)

    async def holds(case: tuple[Moment | None, bool]) -> None:
        (dies, again), number = case, next(numbers)
        name, path = subject_key(f"s-{number}"), tmp_path / f"{number}.jsonl"
        await put_back(laboratory.owner, [])
        sealed = await process(path).vault.seal(name, "王小明")
        backup = await database.pool.fetch("select * from vault.keys")
        told = await erased(kind(process(path, dies)), name)
        started = process(path)
        await kind(started).start()
        if again:
            told = await erased(kind(started), name) or told
        gone = not await readable(process(path), sealed)
        if told and not gone:
            raise Readable("it was said to be erased")
        await put_back(laboratory.owner, backup)
        restored = process(path)
        await kind(restored).start()
        if gone and await readable(restored, sealed):
            raise Readable("a backup brought it back")

    judge(laboratory, CASES, holds, broken, examples=30)
