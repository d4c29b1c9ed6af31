"""One pair of eyes a process: asks how far the read models are, and wakes those who show them when that changed."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from services.analytics.pages.gateway import Gateway, Refusal
from services.analytics.pages.shapes import Positions

logger = structlog.get_logger(__name__)
EVERY = 0.25
BEHIND_AFTER = 5.0
"""Seconds that a read model may trail its log before the picture is called not live."""


@dataclass(frozen=True)
class Sight:
    """What is known of the positions.

    Attributes:
        positions: the last that was read. live: whether it is current. since: since when it is not.
    """

    positions: Positions | None = None
    live: bool = False
    since: datetime | None = None

    @property
    def total(self) -> int:
        """Events in all logs."""
        return self.positions.total if self.positions else 0


Told = Callable[[Sight, frozenset[str]], Awaitable[None]]


class Watch:
    """Watches the positions.

    Args:
        ask: a gateway with a token that may read positions. now: the clock that pages show. every: seconds.
    """

    def __init__(self, ask: Callable[[], Gateway], now: Callable[[], datetime], every: float = EVERY) -> None:
        self._ask = ask
        self._now = now
        self._every = every
        self._listeners: dict[int, Told] = {}
        self._next = 0
        self._caught_up = time.monotonic()
        self.sight = Sight()

    def subscribe(self, told: Told) -> Callable[[], None]:
        """Calls `told` with what is seen and the names of the read models that moved; the answer ends it."""
        number, self._next = self._next, self._next + 1
        self._listeners[number] = told

        def end() -> None:
            self._listeners.pop(number, None)

        return end

    async def run(self) -> None:
        """Watches until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self._every)

    async def look(self) -> None:
        """Asks once, and tells the listeners where something changed."""
        before = self.sight
        try:
            positions = await self._ask().get(Positions, "/analytics/positions")
        except Refusal as refusal:
            self.sight = Sight(before.positions, live=False, since=before.since or self._now())
            if before.live:
                await logger.awarning("positions_unreadable", reason=str(refusal))
        else:
            self.sight = self._judged(positions, before)
        moved = moved_models(before.positions, self.sight.positions)
        if moved or before.live != self.sight.live:
            await self._tell(moved)

    def _judged(self, positions: Positions, before: Sight) -> Sight:
        if not trailing(positions):
            self._caught_up = time.monotonic()
        live = time.monotonic() - self._caught_up < BEHIND_AFTER
        return Sight(positions, live=live, since=None if live else before.since or positions.as_of)

    async def _tell(self, moved: frozenset[str]) -> None:
        listeners = list(self._listeners.values())
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*(told(self.sight, moved) for told in listeners))


def trailing(positions: Positions) -> bool:
    """Whether a read model has not read what its logs hold."""
    return any(
        position < positions.logs.get(source, 0)
        for read in positions.read.values()
        for source, position in read.items()
    )


def moved_models(before: Positions | None, after: Positions | None) -> frozenset[str]:
    """The read models that have read on; the logs that grew, by the name of their service."""
    if after is None:
        return frozenset()
    old_read: Mapping[str, Mapping[str, int]] = before.read if before else {}
    old_logs: Mapping[str, int] = before.logs if before else {}
    models = {name for name, read in after.read.items() if old_read.get(name) != read}
    return frozenset(models | {name for name, position in after.logs.items() if old_logs.get(name) != position})
