"""Where wrapped keys are kept: the port, PostgreSQL, and memory for tests."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import asyncpg

FETCH = "select name, wrapped from vault.keys where name = any($1::text[])"
ADD = """
insert into vault.keys (name, wrapped, created_at)
select name, wrapped, $3 from unnest($1::text[], $2::bytea[]) as fresh (name, wrapped)
order by name
on conflict do nothing
"""
# a name without a key is erased as well: none may be made for it later; what is erased already is not locked again
ERASE = """
with gone as (select name, at from unnest($1::text[], $2::timestamptz[]) as gone (name, at)),
lived as (select from vault.keys k join gone using (name) where k.wrapped is not null),
destroyed as (
    insert into vault.keys as k (name, wrapped, created_at, erased_at)
    select name, null, at, at from gone
    where not exists (select from vault.keys k where k.name = gone.name and k.wrapped is null)
    order by name
    on conflict (name) do update set wrapped = null, erased_at = excluded.erased_at where k.wrapped is not null
)
select count(*) from lived
"""
ERASED = "select name, erased_at from vault.keys where wrapped is null"


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as it is kept; ``wrapped`` is None once it is erased."""

    wrapped: bytes | None


class KeyStore(Protocol):
    """Keeps wrapped keys by name. An erased key stays erased."""

    async def fetch(self, names: Collection[str]) -> dict[str, StoredKey]:
        """Those that there are, erased ones too."""
        ...

    async def add(self, wrapped: Mapping[str, bytes], at: datetime) -> None:
        """Adds keys; a name that is taken keeps what it has."""
        ...

    async def erase(self, erasures: Mapping[str, datetime]) -> int:
        """Destroys keys, each at its moment, all or none; says how many there were. The second time nothing happens."""
        ...

    async def erased(self) -> dict[str, datetime]:
        """All names whose key was destroyed, and when."""
        ...


class PostgresKeys:
    """Keys in the table ``vault.keys``."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def fetch(self, names: Collection[str]) -> dict[str, StoredKey]:
        """Those that there are, in one round trip."""
        return {row["name"]: StoredKey(row["wrapped"]) for row in await self._pool.fetch(FETCH, list(names))}

    async def add(self, wrapped: Mapping[str, bytes], at: datetime) -> None:
        """Adds keys, in one round trip."""
        await self._pool.execute(ADD, list(wrapped), list(wrapped.values()), at)

    async def erase(self, erasures: Mapping[str, datetime]) -> int:
        """Overwrites keys with nothing, in one round trip."""
        destroyed: int = await self._pool.fetchval(ERASE, list(erasures), list(erasures.values()))
        return destroyed

    async def erased(self) -> dict[str, datetime]:
        """Their rows stay."""
        return {row["name"]: row["erased_at"] for row in await self._pool.fetch(ERASED)}


class MemoryKeys:
    """Keys in memory; the test double, held to the same contract as the real one."""

    def __init__(self) -> None:
        self.kept: dict[str, StoredKey] = {}
        self.gone: dict[str, datetime] = {}

    async def fetch(self, names: Collection[str]) -> dict[str, StoredKey]:
        """Those that there are."""
        return {name: self.kept[name] for name in names if name in self.kept}

    async def add(self, wrapped: Mapping[str, bytes], at: datetime) -> None:  # noqa: ARG002 - the port has a time
        """Adds keys."""
        self.kept = {name: StoredKey(key) for name, key in wrapped.items()} | self.kept

    async def erase(self, erasures: Mapping[str, datetime]) -> int:
        """Forgets keys."""
        fresh = {name: at for name, at in erasures.items() if name not in self.gone}
        destroyed = len(fresh.keys() & self.kept.keys())
        self.kept |= dict.fromkeys(fresh, StoredKey(None))
        self.gone |= fresh
        return destroyed

    async def erased(self) -> dict[str, datetime]:
        """What it was told."""
        return dict(self.gone)
