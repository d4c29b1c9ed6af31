"""The memory of window rules in PostgreSQL, within the transaction that moves the rule's checkpoint."""

from collections.abc import Mapping

import asyncpg

from services.chassis.postgres import Session
from services.chassis.windows.windows import Windows

FETCH = "select key, value from windows.state where name = $1 and key = any($2::bytea[])"
PUT = """
insert into windows.state (name, key, value)
select $1, key, value from unnest($2::bytea[], $3::bytea[]) as put (key, value)
on conflict (name, key) do update set value = excluded.value
"""
REMOVE = "delete from windows.state where name = $1 and key = any($2::bytea[])"


class PostgresWindows(Windows):
    """One rule's memory.

    Args:
        connection: in a transaction; the caller commits it. pool: for what is noted, in a transaction of its own.
        name: of the rule.
    """

    def __init__(self, connection: Session, pool: "asyncpg.Pool[asyncpg.Record]", name: str) -> None:
        super().__init__()
        self._connection = connection
        self._pool = pool
        self._name = name

    async def _fetch(self, keys: list[bytes]) -> dict[bytes, bytes]:
        rows = await self._connection.fetch(FETCH, self._name, keys)
        return {row["key"]: row["value"] for row in rows}

    async def _note(self, changes: Mapping[bytes, bytes]) -> None:
        async with self._pool.acquire() as connection:
            await connection.execute(PUT, self._name, list(changes), list(changes.values()))

    async def _write(self, changes: dict[bytes, bytes | None]) -> None:
        put = {key: value for key, value in changes.items() if value is not None}
        removed = [key for key, value in changes.items() if value is None]
        if put:
            await self._connection.execute(PUT, self._name, list(put), list(put.values()))
        if removed:
            await self._connection.execute(REMOVE, self._name, removed)
