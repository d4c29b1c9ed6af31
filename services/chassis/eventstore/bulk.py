"""Large ordered imports: positions, hash chain and COPY, so many events under the head's lock at a time."""

from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

import asyncpg

from services.chassis.eventstore.rows import COLUMNS, Chained, End
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
        most: events a transaction, during which others wait; 15,000 of half a kilobyte take some 65 ms on two cores.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        on_append: Callable[[int], None] = lambda _: None,
        most: int = 15_000,
    ) -> None:
        self._pool = pool
        self._on_append = on_append
        self._most = most
        self._asks = False

    async def write(self, rows: Sequence[BulkEvent]) -> BulkOutcome:
        """Appends what has no place in the log yet, in the order given; each transaction is whole or not at all.

        A row whose place in its stream is taken is known, whichever event is there: ids are not compared.

        Raises:
            VersionConflict: a stream lacks an event before the one given.
            EventTooLarge: an event, or its metadata, is over 64 KiB.
            MomentRefused: a moment has no time zone, or lies outside the years 1 to 9999.
            TypeError: a payload is not bytes.
        """
        appended = known = position = 0
        batch = _batches(rows, self._most)
        while batch is not None:
            outcome = await self._write(batch)
            appended, known, position = appended + outcome.appended, known + outcome.known, outcome.position
            batch = batch.following
        return BulkOutcome(appended, known, position)

    async def _write(self, batch: "_Batch") -> BulkOutcome:
        """Takes streams that begin here for new, unless some were not a moment ago: the index refuses what is not."""
        try:
            outcome = await self._append(batch, {name for name, at in batch.before.items() if at or self._asks})
        except (asyncpg.UniqueViolationError, VersionConflict):
            outcome = await self._append(batch, batch.before.keys())
        self._asks = outcome.known > 0
        return outcome

    async def _append(self, batch: "_Batch", streams: Collection[str]) -> BulkOutcome:
        async with self._pool.acquire() as connection, connection.transaction():
            (tip,) = await connection.fetch(TAKE_HEAD)
            versions = await versions_of(connection, streams) if streams else {}
            chained = batch.chained(End(tip["position"], tip["hash"], tip["recorded_at"]), streams, versions)
            await connection.copy_to_table(
                "events", schema_name="log", columns=COLUMNS, source=batch.rows_of(chained), format="binary"
            )
            await connection.execute(MOVE_HEAD, *chained.end)
        position = chained.end.position
        appended = position - tip["position"]
        if appended:
            self._on_append(position)
        return BulkOutcome(appended, len(batch.rows) - appended, position)


async def versions_of(connection: Session, streams: Collection[str]) -> dict[str, int]:
    """The versions that streams stand at, within a transaction; those that are new are left out."""
    await connection.execute(BY_INDEX)
    return {row["stream"]: row["version"] for row in await connection.fetch(VERSIONS, streams)}


class _Batch:
    """What is written in one transaction, and what follows it."""

    def __init__(self, rows: Sequence[BulkEvent], following: "_Batch | None") -> None:
        self.rows = rows
        self.following = following
        self._ahead: Chained | None = None

    @cached_property
    def before(self) -> dict[str, int]:
        """The version before its first event here of each stream."""
        return {stream: version - 1 for stream, version, _, _ in reversed(self.rows)}

    def begin(self, after: End) -> None:
        """Makes rows ahead, as if nobody wrote between and the log had nothing of what is here."""
        self._ahead = Chained(after, _fresh(self.rows, self.before.copy()))
        self._ahead.begin()

    def chained(self, tip: End, streams: Collection[str], versions: dict[str, int]) -> Chained:
        """The rows after a tip; what was made ahead if the log is as it was taken to be, where it was asked for."""
        ahead, self._ahead = self._ahead, None
        if ahead and ahead.after == tip and all(versions.get(each, 0) == self.before[each] for each in streams):
            return ahead
        return Chained(tip, _fresh(self.rows, versions))

    async def rows_of(self, chained: Chained) -> AsyncGenerator[bytes, None]:
        """Hands all over, then begins with what follows while PostgreSQL writes and commits."""
        async for chunk in chained.chunks():
            yield chunk
        if self.following:
            self.following.begin(chained.end)


def _batches(rows: Sequence[BulkEvent], most: int) -> "_Batch | None":
    """The first; each leads to the next. One at least, to learn where the log ends."""
    first: _Batch | None = None
    for start in reversed(range(0, max(len(rows), 1), most)):
        first = _Batch(rows[start : start + most], first)
    return first


def _fresh(rows: Sequence[BulkEvent], versions: dict[str, int]) -> Iterator[BulkEvent]:
    """The rows that the log lacks, one by one, so that it costs its time while PostgreSQL writes."""
    for row in rows:
        stream, version, _, _ = row
        current = versions.get(stream, 0)
        if 0 < version <= current:
            continue
        if version != current + 1:
            raise VersionConflict(stream, version - 1, current)
        versions[stream] = version
        yield row
