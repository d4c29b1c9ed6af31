"""The log under test, and three that are wrong."""

from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from services.chassis.eventstore.groupcommit import APPEND
from services.chassis.eventstore.lineage import Lineage
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Head, Recorded
from services.chassis.postgres import Session

NOON = datetime(2024, 5, 6, 4, tzinfo=UTC)
TYPE = "test.counted.v1"
LINEAGE = UUID(int=1)


class HeadRowLog:
    """The real one: the head row hands out positions inside the appending transaction."""

    TABLES = ""
    source = "registry"

    def __init__(self, session: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._store = EventStore(self.source, session)

    async def append(self, writer: Session, stream: str, event: UUID) -> None:
        """The product's own statement."""
        one = [[stream], [None], [None], [1], [None], [None], [None], NOON, [event], [TYPE], [b"{}"], [b"{}"], [NOON]]
        await writer.fetch(APPEND, *one)

    async def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        """The product's own reading."""
        return await self._store.read(after, limit)

    async def head(self) -> Head:
        """The product's own."""
        return await self._store.head()

    async def lineages(self) -> list[Lineage]:
        """The product's own."""
        return await self._store.lineages()


class SequenceLog:
    """Wrong: positions come from a sequence, as with bigserial; a later one may be committed before an earlier one."""

    TABLES = """
        create schema wrong;
        create table wrong.events (
            position bigserial primary key, stream text not null, version bigint not null, id uuid not null
        );
        grant usage on schema wrong to public;
        grant all on all tables in schema wrong to public;
        grant all on all sequences in schema wrong to public;
    """
    INSERT = """
        insert into wrong.events (stream, version, id)
        values ($1, (select coalesce(max(version), 0) + 1 from wrong.events where stream = $1), $2)
    """
    READ = "select position, stream, version, id from wrong.events where position > $1 order by position limit $2"
    source = "registry"

    def __init__(self, session: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._session = session

    async def append(self, writer: Session, stream: str, event: UUID) -> None:
        """One row."""
        await writer.execute(self.INSERT, stream, event)

    async def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        """What is visible after a position."""
        rows = await self._session.fetch(self.READ, after, limit)
        return [Recorded(self.source, *row, TYPE, b"{}", b"{}", NOON, NOON, b"") for row in rows]

    async def head(self) -> Head:
        """Nothing is asked of it but its lineage."""
        return Head(0, b"", NOON, LINEAGE)

    async def lineages(self) -> list[Lineage]:
        """One."""
        return [Lineage(LINEAGE, 0)]


class GapTimeoutLog(SequenceLog):
    """Wrong: its reader waits for a gap to close, and after some time goes on without it."""

    PATIENCE = 1
    """Looks, which stand for seconds: a transaction may stay open for longer than any timeout."""

    def __init__(self, session: "asyncpg.Connection[asyncpg.Record]") -> None:
        super().__init__(session)
        self._waited: dict[int, int] = {}

    async def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        """The rows up to the first gap that may still close."""
        rows: list[Recorded] = []
        for row in await super().read(after, limit):
            gap = (rows[-1].position if rows else after) + 1
            if row.position != gap:
                self._waited[gap] = self._waited.get(gap, 0) + 1
                if self._waited[gap] <= self.PATIENCE:
                    break
            rows.append(row)
        return rows


class OneStatementLog(SequenceLog):
    """Wrong: gapless by a counter's row, but one statement waits for the lock and reads versions as it began."""

    TABLES = """
        create schema wrong;
        create table wrong.events (
            position bigint primary key, stream text not null, version bigint not null, id uuid not null
        );
        create table wrong.head (position bigint not null);
        insert into wrong.head values (0);
        grant usage on schema wrong to public;
        grant all on all tables in schema wrong to public;
    """
    INSERT = """
        with next as (update wrong.head set position = position + 1 returning position)
        insert into wrong.events
        select next.position, $1, (select coalesce(max(version), 0) + 1 from wrong.events where stream = $1), $2
        from next
    """
