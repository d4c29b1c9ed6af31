"""G8: update, delete and truncate on the event table fail; a removed or altered row is found by the chain check."""

import contextlib
from dataclasses import dataclass

import asyncpg
from hypothesis import strategies as st

from services.chassis.postgres import connect
from tests.guarantees.chains import ChainOfRowsAlone, ChainOverEveryColumn, ChainWithoutMetadata, GrantsAlone
from tests.guarantees.laboratory import Rewritten, Unnoticed, guarantee, judge

EVENTS = 8
ALTERED = {
    "stream": "stream || 'x'",
    "version": "version + 1",
    "id": "gen_random_uuid()",
    "type": "type || 'x'",
    "data": "data || '0'",
    "metadata": "metadata || ' '",
    "effective_at": "effective_at + interval '1 microsecond'",
    "recorded_at": "recorded_at - interval '1 microsecond'",
    "hash": "sha256(hash)",
}


@dataclass(frozen=True)
class Damage:
    """What somebody does who can switch triggers off.

    Attributes:
        position: of the row. column: which is altered; None: the row is removed; ``replaced``: the row before it is
            put in its place, hash and all; ``head``: what follows it stands behind the head, as if it had been put in.
    """

    position: int
    column: str | None

    def statement(self) -> str:
        """As SQL."""
        if self.column is None:
            return f"delete from log.events where position = {self.position}"
        if self.column == "replaced":
            return (
                "update log.events e set (stream, version, id, type, data, metadata, effective_at, recorded_at, hash) "
                "= (select stream, version, id, type, data, metadata, effective_at, recorded_at, hash "
                f"from log.events where position = {self.position - 1}) where position = {self.position}"
            )
        if self.column == "head":
            return (
                "update log.head set (position, hash) = "
                f"(select position, hash from log.events where position = {self.position})"
            )
        return f"update log.events set {self.column} = {ALTERED[self.column]} where position = {self.position}"


DAMAGES = st.builds(Damage, st.integers(2, EVENTS - 1), st.sampled_from([None, "replaced", "head", *ALTERED]))


async def damaged(session: asyncpg.Connection, damage: Damage) -> None:
    """Does the damage behind the triggers' back; who owns the table takes its unique index away, too."""
    await session.execute("alter table log.events disable trigger all")
    await session.execute("drop index log.events_by_stream")
    await session.execute(damage.statement())


@guarantee(ChainOverEveryColumn, {ChainWithoutMetadata: Unnoticed, ChainOfRowsAlone: Unnoticed})
def test_g8_a_row_that_was_altered_or_removed_is_found(laboratory, kind, broken):
    chain = kind()

    async def filled() -> None:
        async with asyncpg.create_pool(laboratory.app, min_size=1, max_size=1) as pool:
            await chain.fill(pool, EVENTS)
            assert await chain.sound(pool)

    async def holds(damage: Damage) -> None:
        owner = await connect(laboratory.owner)
        transaction = owner.transaction()
        await transaction.start()
        try:
            await damaged(owner, damage)
            if await chain.sound(owner):
                raise Unnoticed(f"{damage}")
        finally:
            await transaction.rollback()
            await owner.close()

    laboratory.loop.run(filled())
    judge(laboratory, DAMAGES, holds, broken, examples=60)


REWRITING = st.tuples(
    st.sampled_from(["owner", "app"]),
    st.sampled_from(
        [
            "update log.events set data = data where position = 1",
            "delete from log.events where position = 2",
            "truncate log.events",
            "insert into log.events table log.events on conflict (position) do update set data = excluded.data",
            "merge into log.events e using (select) as one on true when matched then delete",
        ]
    ),
)


@guarantee(ChainOverEveryColumn, {GrantsAlone: Rewritten})
def test_g8_nobody_rewrites_a_row_not_even_the_owner(laboratory, kind, broken):
    async def filled() -> None:
        async with asyncpg.create_pool(laboratory.app, min_size=1, max_size=1) as pool:
            await kind().fill(pool, EVENTS)

    async def holds(attempt: tuple[str, str]) -> None:
        role, statement = attempt
        session = await connect(getattr(laboratory, role))
        transaction = session.transaction()
        await transaction.start()
        try:
            with contextlib.suppress(asyncpg.InsufficientPrivilegeError):
                await session.execute(statement)
                raise Rewritten(f"{role}: {statement}")
        finally:
            await transaction.rollback()
            await session.close()

    laboratory.loop.run(filled())
    if kind.TABLES:
        laboratory.execute(kind.TABLES)
    judge(laboratory, REWRITING, holds, broken, examples=20)
