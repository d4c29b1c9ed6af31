"""The end of a log, read once for all in a process who follow it."""

from collections.abc import Sequence
from uuid import UUID

from services.chassis.eventstore.shared import Shared
from services.chassis.eventstore.types import Recorded
from services.chassis.subscriptions.subscription import LogReader

Looked = tuple[Sequence[Recorded], UUID]
"""What comes after a position, and the history that the log was of right afterwards."""


class Tail:
    """Keeps what was read last, with what was parsed of it, for those who come to it a moment later.

    Positions are gapless, so what follows a position in what is kept is what follows it in the log. What is kept is of
    one history of the log and goes to nobody who reads another.

    Args:
        reader: of the log. most: events kept.
    """

    def __init__(self, reader: LogReader, most: int) -> None:
        self.reader = reader
        self._most = most
        self._events: list[Recorded] = []
        self._lineage: UUID | None = None
        self._looks = Shared(self._look)

    async def after(self, position: int, size: int, lineage: UUID | None) -> Looked:
        """The events after a position, as many as are at hand; none where the log has none.

        Args:
            lineage: the history that the position is of.
        """
        if lineage is not None and lineage == self._lineage and (kept := self._kept(position, size)):
            return kept, lineage
        return await self._looks.ask((position, size))

    def _kept(self, position: int, size: int) -> list[Recorded]:
        start = position + 1 - self._events[0].position if self._events else -1
        return self._events[start : start + size] if start >= 0 else []

    async def _look(self, asked: tuple[int, int]) -> Looked:
        known = self._lineage
        events = await self.reader.read(*asked)
        # asked after the events were read: they are of this history or of one before it
        lineage = (await self.reader.head()).lineage
        if self._lineage == known != lineage:
            self._lineage, self._events = lineage, []
        elif self._lineage == known:  # of one history before and after: what was read between is of it
            self._keep(events)
        return events, lineage

    def _keep(self, events: Sequence[Recorded]) -> None:
        if not events:
            return
        last = self._events[-1].position if self._events else 0
        known = last + 1 - events[0].position
        if self._events and known >= 0:
            self._events += events[known:]
        else:
            self._events = list(events)
        del self._events[: -self._most]
