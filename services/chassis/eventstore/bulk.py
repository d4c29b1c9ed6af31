"""Large ordered imports: positions, hash chain and COPY, a bounded time under the head's lock a call."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import asyncpg

from services.chassis.eventstore.chain import link
from services.chassis.eventstore.types import NewEvent, VersionConflict
from services.chassis.postgres import Session

TAKE_HEAD = "select position, hash, recorded_at from log.take_head()"
BY_INDEX = "set local enable_seqscan = off"
"""A plan is kept as long as a connection, and the log may have been empty when it was made."""
VERSIONS = """
select wanted.stream, latest.version from unnest($1::text[]) as wanted (stream) cross join lateral (
    select version from log.events where stream = wanted.stream order by version desc limit 1
) as latest
"""
MOVE_HEAD = "update log.head set position = $1, hash = $2, recorded_at = $3"
EVENT_COLUMNS = (
    "position",
    "stream",
    "version",
    "id",
    "type",
    "data",
    "metadata",
    "effective_at",
    "recorded_at",
    "hash",
)


class BulkEvent(NamedTuple):
    """An event whose place in its stream the writer knows.

    Attributes:
        stream, version: its place. event: itself. recorded_at: when the log is told of it.
    """

    stream: str
    version: int
    event: NewEvent
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What a call wrote.

    Attributes:
        appended: events written. known: events dropped, since the log has them. position: the log's end.
    """

    appended: int
    known: int
    position: int


class BulkWriter:
    """Writes long runs of events in order.

    Args:
        pool: connections as the application role.
        on_append: called after each commit with the last position, to wake who waits.
        most: events a transaction; 10,000 of half a kilobyte hold the head for some 65 ms on two cores.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        on_append: Callable[[int], None] = lambda _: None,
        most: int = 10_000,
    ) -> None:
        self._pool = pool
        self._on_append = on_append
        self._most = most
        self._asks = False

    async def write(self, rows: Sequence[BulkEvent]) -> BulkOutcome:
        """Appends what the log does not have yet, in the order given; each transaction is whole or not at all.

        Raises:
            VersionConflict: a stream lacks an event before the one given.
        """
        appended = known = position = 0
        for start in range(0, len(rows), self._most):
            outcome = await self._write(rows[start : start + self._most])
            appended, known, position = appended + outcome.appended, known + outcome.known, outcome.position
        return BulkOutcome(appended, known, position)

    async def _write(self, rows: Sequence[BulkEvent]) -> BulkOutcome:
        """Takes streams that begin here for new, unless some were not a moment ago: the index refuses what is not."""
        streams = {row.stream for row in rows if self._asks or row.version > 1}
        try:
            outcome = await self._append(rows, streams)
        except asyncpg.UniqueViolationError:
            outcome = await self._append(rows, {row.stream for row in rows})
        self._asks = outcome.known > 0
        return outcome

    async def _append(self, rows: Sequence[BulkEvent], streams: Collection[str]) -> BulkOutcome:
        async with self._pool.acquire() as connection, connection.transaction():
            (tip,) = await connection.fetch(TAKE_HEAD)
            fresh = _fresh(rows, await versions_of(connection, streams) if streams else {})
            if not fresh:
                return BulkOutcome(0, len(rows), tip["position"])
            chain = _Chain(tip["position"], tip["hash"], tip["recorded_at"])
            await connection.copy_records_to_table(
                "events", schema_name="log", columns=EVENT_COLUMNS, records=chain.rows(fresh)
            )
            await connection.execute(MOVE_HEAD, chain.position, chain.hash, chain.recorded_at)
        self._on_append(chain.position)
        return BulkOutcome(len(fresh), len(rows) - len(fresh), chain.position)


async def versions_of(connection: Session, streams: Collection[str]) -> dict[str, int]:
    """The versions that streams stand at, within a transaction; those that are new are left out."""
    await connection.execute(BY_INDEX)
    return {row["stream"]: row["version"] for row in await connection.fetch(VERSIONS, streams)}


Row = tuple[int, str, int, object, str, bytes, bytes, datetime, datetime, bytes]


def _fresh(rows: Sequence[BulkEvent], versions: dict[str, int]) -> list[BulkEvent]:
    """The rows that the log lacks."""
    fresh: list[BulkEvent] = []
    for row in rows:
        current = versions.get(row.stream, 0)
        if row.version <= current:
            continue
        if row.version != current + 1:
            raise VersionConflict(row.stream, row.version - 1, current)
        versions[row.stream] = row.version
        fresh.append(row)
    return fresh


class _Chain:
    """The end of the log while rows are chained to it; they are made as COPY takes them, while PostgreSQL writes."""

    def __init__(self, position: int, tip: bytes, recorded_at: datetime) -> None:
        self.position = position
        self.hash = tip
        self.recorded_at = recorded_at

    def rows(self, rows: Sequence[BulkEvent]) -> Iterator[Row]:
        """The rows as the table holds them, each chained to the one before; the end is known once all were taken."""
        position, tip, at = self.position, self.hash, self.recorded_at
        for stream, version, (event_id, type_name, data, metadata, effective_at), recorded_at in rows:
            position += 1
            at = max(at, recorded_at)
            tip = link(
                tip,
                position=position,
                stream=stream,
                version=version,
                event_id=event_id,
                type_name=type_name,
                data=data,
                metadata=metadata,
                effective_at=effective_at,
                recorded_at=at,
            )
            yield position, stream, version, event_id, type_name, data, metadata, effective_at, at, tip
        self.position, self.hash, self.recorded_at = position, tip, at
