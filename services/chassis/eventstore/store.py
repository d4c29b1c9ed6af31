"""The public face of a log: append, load, read, recall."""

from collections.abc import Callable
from typing import cast
from uuid import UUID

import asyncpg

from services.chassis.eventstore.chain import microseconds
from services.chassis.eventstore.groupcommit import APPEND, GroupCommit
from services.chassis.eventstore.lineage import Lineage
from services.chassis.eventstore.types import (
    MAX_EVENT_BYTES,
    Append,
    Appended,
    CommandRecord,
    EventTooLarge,
    Head,
    KeyReused,
    Recorded,
    Snapshot,
)
from services.chassis.postgres import NOT_MIGRATED, DatabaseOlder

COLUMNS = "position, stream, version, id, type, data, metadata, effective_at, recorded_at, hash"

LOAD = f"select {COLUMNS} from log.events where stream = $1 and version > $2 order by version"
# one round trip: the snapshot, where there is one, is the first row
LATEST = f"""
with latest as materialized (select version, state from log.snapshots where stream = $1 and decider = $2)
select null::bigint as position, $1 as stream, version, null::uuid as id, null as type, state as data,
       null::bytea as metadata, null::timestamptz as effective_at, null::timestamptz as recorded_at, null::bytea as hash
from latest
union all
select {COLUMNS} from log.events where stream = $1 and version > coalesce((select version from latest), 0)
order by version
"""
KEEP = """
insert into log.snapshots as known select $1, $2, $3, $4 from log.head where lineage = coalesce($5, lineage)
on conflict (stream, decider) do update set version = excluded.version, state = excluded.state
where known.version < excluded.version
"""
FORGET_OLDER = "delete from log.snapshots where stream = $1 and decider <> $2"
READ = f"select {COLUMNS} from log.events where position > $1 order by position limit $2"
SPAN = f"select {COLUMNS} from log.events where position between $1 and $2 order by position"
HEAD = "select position, hash, recorded_at, lineage from log.head"
LINEAGES = "select lineage, began_after from log.lineages order by number"
BEGIN_LINEAGE = "select log.begin_lineage($1)"
RECALL = """
select digest, stream, version, first, last, log.lineage_of(last) as lineage
from log.commands where actor = $1 and key = $2
"""


class EventStore:
    """One service's log in one PostgreSQL database.

    Args:
        source: the service's name; it stands in every event read.
        pool: connections as the application role.
        on_append: called after a commit with the last position, to wake who waits; must not block.
        observe: told the seconds and the events of each round, for metrics.
        capacity: most appends that wait for their round; one more is refused at once.
    """

    def __init__(
        self,
        source: str,
        pool: "asyncpg.Pool[asyncpg.Record]",
        on_append: Callable[[int], None] = lambda _: None,
        observe: Callable[[float, int], None] = lambda *_: None,
        capacity: int = 4096,
    ) -> None:
        self.source = source
        self.pool = pool
        self._commit = GroupCommit(pool, on_append, observe=observe, capacity=capacity)

    @property
    def lineage(self) -> UUID | None:
        """The history of the log that this process saw last, by an append or by ``head``; None before that."""
        return self._commit.lineage

    async def must_take_appends(self) -> None:
        """Raises DatabaseOlder where the database has not what this release appends with."""
        async with self.pool.acquire() as connection:
            try:
                await connection.prepare(APPEND)
            except NOT_MIGRATED as error:
                raise DatabaseOlder(self.source) from error

    async def append(self, append: Append) -> Appended:
        """Appends one command's events, all or none.

        Raises:
            VersionConflict: the stream is not at the expected version, or the log is another history than the append
                names.
            KeyReused: the idempotency key belongs to another command.
            EventTooLarge: an event, or its metadata, is over 64 KiB.
            MomentRefused: a moment has no time zone, or lies outside the years 1 to 9999.
            Overloaded: too many appends wait; nothing was written.
        """
        microseconds(append.recorded_at)
        for event in append.events:
            microseconds(event.effective_at)
            if (size := max(len(event.data), len(event.metadata))) > MAX_EVENT_BYTES:
                raise EventTooLarge(event.type, size)
        appended = await self._commit.append(append)
        if appended.repeated and append.command is not None:
            return await self.recall(append.command) or appended  # it may have been for another stream
        return appended

    async def load(self, stream: str, after: int = 0) -> list[Recorded]:
        """The events of a stream after a version, oldest first."""
        return Recorded.of(self.source, await self.pool.fetch(LOAD, stream, after))

    async def load_latest(self, stream: str, decider: int) -> tuple[Snapshot | None, list[Recorded]]:
        """The snapshot that this version of a decider took last of a stream, and the events after it, oldest first."""
        rows = await self.pool.fetch(LATEST, stream, decider)
        if not rows or rows[0]["position"] is not None:
            return None, Recorded.of(self.source, rows)
        first = rows[0]
        return Snapshot(stream, decider, first["version"], first["data"]), Recorded.of(self.source, rows[1:])

    async def keep(self, snapshot: Snapshot) -> None:
        """Keeps a snapshot, unless a later one is there or the log has left its history; those of other versions go."""
        of = snapshot.stream, snapshot.decider, snapshot.version, snapshot.state
        await self.pool.execute(KEEP, *of, snapshot.lineage)
        await self.pool.execute(FORGET_OLDER, snapshot.stream, snapshot.decider)

    async def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        """Events of the whole log after a position, in commit order; nothing is ever skipped."""
        return Recorded.of(self.source, await self.pool.fetch(READ, after, limit))

    async def span(self, first: int, last: int) -> list[Recorded]:
        """The events from one position to another, inclusive."""
        return Recorded.of(self.source, await self.pool.fetch(SPAN, first, last))

    async def stored(self, first: int, last: int) -> list[Recorded]:
        """The same with the names and payloads that the log has, whatever their version: for who copies it."""
        return Recorded.stored(self.source, await self.pool.fetch(SPAN, first, last))

    async def head(self) -> Head:
        """The end of the log."""
        row = await self.pool.fetchrow(HEAD)
        if row is None:
            raise LookupError("The log has no head: run the migrations.")
        self._commit.lineage = row["lineage"]
        return Head(row["position"], row["hash"], row["recorded_at"], row["lineage"])

    async def lineages(self) -> list[Lineage]:
        """The histories of the log, the first first; the last is the present one."""
        return [Lineage(row["lineage"], row["began_after"]) for row in await self.pool.fetch(LINEAGES)]

    async def begin_lineage(self, kept: int | None = None) -> UUID:
        """Begins a new history: what stands after ``kept`` is not what was read before; None: all is kept."""
        lineage: UUID = await self.pool.fetchval(BEGIN_LINEAGE, kept)
        return lineage

    async def recall(self, command: CommandRecord) -> Appended | None:
        """What became of a command that was sent before, or None.

        Raises:
            KeyReused: the key belongs to another command.
        """
        row = await self.pool.fetchrow(RECALL, command.actor, command.key)
        if row is None:
            return None
        if cast("bytes", row["digest"]) != command.digest:
            raise KeyReused(command.key)
        return Appended(row["stream"], row["version"], row["first"], row["last"], row["lineage"], repeated=True)

    async def close(self) -> None:
        """Writes what still waits, then stops taking appends."""
        await self._commit.close()
