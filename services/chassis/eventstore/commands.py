"""Idempotency records as lines of a file, so that a command which comes again after a restore is still a repeat."""

import contextlib
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated

import asyncpg
import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.chassis.eventstore.store import EventStore

COMMAND_COLUMNS = ("actor", "key", "digest", "stream", "version", "first", "last", "recorded_at")
# those whose events are all in the part; one without events has its first after its last, and belongs where it stood
OF_PART = f"""
select {", ".join(COMMAND_COLUMNS)} from log.commands where first > $1 and last <= $2 order by actor, key
"""
# what a record says of its events has to be what the log has there
STRAY = """
select c.key from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
    as c (key, stream, version, first, last)
left join log.events f on f.position = c.first
left join log.events l on l.position = c.last
where c.first > c.last + 1 or (c.first <= c.last and (
    (c.stream, c.version) is distinct from (l.stream, l.version)
    or (c.stream, c.version - c.last + c.first) is distinct from (f.stream, f.version)
))
limit 1
"""
BATCH = 2000
Position = Annotated[int, Field(ge=0, lt=1 << 63)]


class Commands(BaseModel):
    """What the header of a file says of its idempotency records. count: how many. hash: of their chain's end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: Position
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class CommandLine(BaseModel):
    """One record, with all columns of the log under their own names; the digest in hexadecimal digits."""

    model_config = ConfigDict(extra="forbid")

    actor: str
    key: str
    digest: Annotated[str, Field(pattern=r"^([0-9a-f]{2})+$")]
    stream: str
    version: Position
    first: Annotated[int, Field(ge=1, lt=1 << 63)]
    last: Position
    recorded_at: AwareDatetime

    @property
    def columns(self) -> tuple[object, ...]:
        """As the table holds it."""
        told = self.actor, self.key, bytes.fromhex(self.digest), self.stream
        return (*told, self.version, self.first, self.last, self.recorded_at)


class CommandChain:
    """Follows the lines of records one by one; it begins with the hash at which the events end."""

    def __init__(self, head: str) -> None:
        self._tip = bytes.fromhex(head)
        self._count = 0

    def follow(self, line: bytes) -> None:
        """Takes the next line."""
        self._tip, self._count = hashlib.sha256(self._tip + line).digest(), self._count + 1

    @property
    def end(self) -> Commands:
        """Where it has come."""
        return Commands(count=self._count, hash=self._tip.hex())


class StoredCommands:
    """The records of a log as they are at one moment. connection: in a transaction that sees that moment alone."""

    def __init__(self, connection: asyncpg.pool.PoolConnectionProxy) -> None:
        self._connection = connection

    async def lines(self, after: int, upto: int) -> AsyncGenerator[bytes]:
        """Those of a part of the log, in the order of their actors and keys."""
        async for row in self._connection.cursor(OF_PART, after, upto, prefetch=BATCH):
            value = {**row, "digest": row["digest"].hex()}
            yield orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)

    async def end(self, head: str, after: int, upto: int) -> Commands:
        """What the header of the part says of them. head: the hash at which the events of the part end."""
        chain = CommandChain(head)
        async for line in self.lines(after, upto):
            chain.follow(line)
        return chain.end


@contextlib.asynccontextmanager
async def stored_commands(store: EventStore) -> AsyncIterator[StoredCommands]:
    """The records of a log; every look within the block sees the same, from the first look on.

    A command without events is recorded while the log stands still, so the log's end alone does not say which are in.
    """
    async with (
        store.pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        yield StoredCommands(connection)
