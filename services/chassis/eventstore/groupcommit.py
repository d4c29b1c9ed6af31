"""Group commit: appends that arrive while one is being written go together in the next round trip."""

import asyncio
import time
from collections.abc import Callable, Sequence
from uuid import UUID

import asyncpg

from services.chassis.eventstore.headlock import end_stalled
from services.chassis.eventstore.types import Append, Appended, KeyReused, Overloaded, VersionConflict

REFUSED_WHOLE = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    asyncpg.FeatureNotSupportedError,
)
"""What one append can bring about for all of its round, of which nothing was written then."""

APPEND = """
select outcome, version, first, last, lineage from log.append_v2($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""

Waiting = tuple[Append, "asyncio.Future[Appended]"]


class GroupCommit:
    """Coalesces concurrent appends of one process into one transaction each round.

    The head row serialises writers in any case, so one round is in flight at a time and the next one takes all that
    has gathered; each command still gets its own outcome.

    Attributes:
        lineage: the history of the log that was seen last; None before the first look.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        on_append: Callable[[int], None],
        *,
        observe: Callable[[float, int], None],
        capacity: int,
        most: int = 256,
    ) -> None:
        self._pool = pool
        self.lineage: UUID | None = None
        self._on_append = on_append
        self._observe = observe
        self._capacity = capacity
        self._most = most
        self._waiting: list[Waiting] = []
        self._flush: asyncio.Task[None] | None = None
        self._closed = False

    async def append(self, append: Append) -> Appended:
        """Waits for the round that carries the append, and answers with its own outcome."""
        if self._closed or len(self._waiting) >= self._capacity:
            raise Overloaded
        future: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        self._waiting.append((append, future))
        if self._flush is None or self._flush.done():
            self._flush = asyncio.create_task(self._drain())
        # a caller that gives up does not undo what is on its way: its round is another task's
        return await future

    async def close(self) -> None:
        """Refuses new appends and waits for those that were taken."""
        self._closed = True
        if self._flush is not None:
            await self._flush

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                await self._write(batch)
            except REFUSED_WHOLE as error:
                await self._write_singly(batch, error)
            except Exception as error:  # noqa: BLE001 - handed to each caller, whose command it is
                _fail(batch, error)
            except asyncio.CancelledError:
                _fail(batch, ConnectionError("The service stopped before the answer came; send the command again."))
                raise

    async def _write_singly(self, batch: Sequence[Waiting], error: Exception) -> None:
        if len(batch) == 1:
            _fail(batch, error)
            return
        for waiting in batch:
            try:
                await self._write([waiting])
            except Exception as own:  # noqa: BLE001 - handed to the caller, whose command it is
                _fail([waiting], own)

    async def _write(self, batch: Sequence[Waiting]) -> None:
        began = time.perf_counter()
        try:
            rows = await self._append(batch)
        except asyncpg.LockNotAvailableError:
            await end_stalled(self._pool)
            raise
        self._observe(time.perf_counter() - began, sum(len(append.events) for append, _ in batch))
        last = 0
        for (append, future), row in zip(batch, rows, strict=True):
            if row["outcome"] != "repeated" and row["lineage"] != self.lineage:
                self.lineage = row["lineage"]  # of a repeat it is the one that it was written in
            if row["outcome"] == "appended":
                last = max(last, row["last"])
            _settle(append, future, row)
        if last:
            self._on_append(last)

    async def _append(self, batch: Sequence[Waiting]) -> "list[asyncpg.Record]":
        appends = [append for append, _ in batch]
        events = [event for append in appends for event in append.events]
        commands = [append.command for append in appends]
        return await self._pool.fetch(
            APPEND,
            [append.stream for append in appends],
            [append.expected for append in appends],
            [append.lineage for append in appends],
            [len(append.events) for append in appends],
            [command and command.actor for command in commands],
            [command and command.key for command in commands],
            [command and command.digest for command in commands],
            max(append.recorded_at for append in appends),
            [event.id for event in events],
            [event.type for event in events],
            [event.data for event in events],
            [event.metadata for event in events],
            [event.effective_at for event in events],
        )


def _settle(append: Append, future: "asyncio.Future[Appended]", row: asyncpg.Record) -> None:
    if future.done():
        return
    match row["outcome"]:
        case "conflict":
            future.set_exception(VersionConflict(append.stream, append.expected, row["version"]))
        case "reused":
            future.set_exception(KeyReused(append.command.key if append.command else ""))
        case outcome:
            future.set_result(
                Appended(
                    append.stream,
                    row["version"],
                    row["first"],
                    row["last"],
                    row["lineage"],
                    repeated=outcome == "repeated",
                )
            )


def _fail(batch: Sequence[Waiting], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
