"""The log itself as a subscription: embedded mode, and rebuilds."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from collections.abc import Set as AbstractSet
from uuid import UUID

import structlog

from services.chassis.eventstore.types import Recorded
from services.chassis.postgres import AWAY
from services.chassis.subscriptions.continuity import Held, Turn, kept_of, turn
from services.chassis.subscriptions.subscription import (
    WHOLE,
    Batch,
    LineageReplaced,
    LogReader,
    Mark,
    Marks,
    Move,
    ReadByPartition,
)
from services.chassis.subscriptions.tail import Looked, Tail
from services.chassis.subscriptions.wake import Signal

logger = structlog.get_logger(__name__)
PACE = 0.005
"""Seconds between two looks of a reader that has come to the end: what comes meanwhile is taken in together."""
READERS = 10
"""Up to so many readers of one process; more of them look so much less often, or appends would pay for their looks."""
QUIET = 5.0
"""Seconds after which a batch comes that moves nothing."""


class LogSubscription:
    """Batches straight from a log, in commit order.

    Positions are gapless and handed out inside the appending transaction, so whatever is visible after the mark is all
    there is: nothing to skip, no gap to wait out.

    Args:
        reader: of the log. signal: set when it has grown. size: most events of a batch. poll: seconds after which the
            log is looked at without a signal.
    """

    whole = True

    def __init__(self, reader: LogReader, signal: Signal, *, size: int = 2000, poll: float = 1.0) -> None:
        self.source = reader.source
        self.tail = Tail(reader, size)
        self.signal = signal
        self.size = size
        self.poll = poll
        self._readers = 0

    @property
    def pace(self) -> float:
        """Seconds between two looks of one reader."""
        return PACE * max(1.0, self._readers / READERS)

    @contextlib.asynccontextmanager
    async def reading(self, marks: Marks, types: AbstractSet[str] | None = None) -> AsyncIterator["LogReading"]:  # noqa: ARG002
        """Opens it from the mark; waits for the signal, or looks again after ``poll`` seconds."""
        reading = LogReading(self, marks)
        await reading.again()
        self._readers += 1
        try:
            yield reading
        finally:
            self._readers -= 1
            reading.close()


class LogReading:
    """A log while somebody reads it whole; where much is left, the next batch is fetched while one is taken in."""

    def __init__(self, subscription: LogSubscription, marks: Marks) -> None:
        self._subscription = subscription
        self._reader = subscription.tail.reader
        self._marks = marks
        self._mark = Mark()
        self._lineage: UUID | None = None
        self._ahead: asyncio.Task[Looked] | None = None
        self._found_at = float("-inf")

    async def again(self) -> None:
        """Asks for the mark anew.

        Raises:
            ReadByPartition: the source was read by topic before.
        """
        self.close()
        source = self._reader.source
        await self._marks.begin(source, [WHOLE])
        held = await self._marks.held(source)
        if len(held) > 1:
            raise ReadByPartition(source)
        self._mark = held[WHOLE]
        self._lineage = self._mark.lineage

    async def batch(self) -> Batch:
        """What comes after the mark.

        Raises:
            LineageReplaced: the log was restored, and lacks something that was read.
        """
        quiet_at = time.monotonic() + QUIET
        if self._ahead is None and (early := self._found_at + self._subscription.pace - time.monotonic()) > 0:
            await asyncio.sleep(early)
        while time.monotonic() < quiet_at:
            coming = self._subscription.signal.coming()
            try:
                events, lineage = await self._next()
                if lineage != self._lineage:
                    await self._turn_to(lineage)
                    continue
            except AWAY as error:
                await logger.awarning("log_waits", source=self._reader.source, cause=type(error).__name__)
                await asyncio.sleep(self._subscription.poll)
                continue
            if events:
                self._found_at = time.monotonic()
                return self._moved(Mark(events[-1].position, lineage), events)
            await self._subscription.signal.wait(coming, self._subscription.poll)
        return self._moved(self._mark, ())

    def close(self) -> None:
        """Gives up what was fetched ahead."""
        if self._ahead is not None:
            self._ahead.cancel()
            self._ahead.add_done_callback(lambda given_up: given_up.cancelled() or given_up.exception())
            self._ahead = None

    async def _next(self) -> Looked:
        ahead, self._ahead = self._ahead, None
        if ahead is not None and (looked := await ahead)[0]:
            return looked
        # nothing was there then: only a look from now on may be waited after
        return await self._look(self._mark.position)

    async def _look(self, after: int) -> Looked:
        return await self._subscription.tail.after(after, self._subscription.size, self._lineage)

    def _moved(self, to: Mark, events: Sequence[Recorded]) -> Batch:
        held, self._mark = self._mark, to
        if len(events) == self._subscription.size:
            self._ahead = asyncio.create_task(self._look(to.position))
        return Batch(self._reader.source, (Move(WHOLE, held, to),), events)

    async def _turn_to(self, lineage: UUID) -> None:
        """Goes on in another history of the log, where all that was read is part of it."""
        held, lineages = Held(self._mark.position, self._mark.lineage), await self._reader.lineages()
        if turn(held, lineage, lineages) is Turn.STOP:
            raise LineageReplaced(self._reader.source, held.last, kept_of(held, lineages))
        self._lineage = lineage
