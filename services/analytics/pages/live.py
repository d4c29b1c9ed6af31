"""Wakes the parts of an open page when what they show has changed; nothing moves when nothing happened."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple

import structlog
from nicegui import Client, ui

from services.analytics.pages.drawing.clocks import Pulse
from services.analytics.pages.gateway import Refusal
from services.analytics.pages.watch import Sight, Watch

logger = structlog.get_logger(__name__)
Refresh = Callable[[], Awaitable[None]]
CLOCK_CHECK = 5.0
TOLERATED_DRIFT = 1.0
"""Seconds that the page's clock may be wrong before it is put right."""


class _Base(NamedTuple):
    """What the page's clock was last told: when, by our own clock; the instance's time then; its seconds a second."""

    at: float
    server: datetime
    rate: float


class Live:
    """The live half of one open page.

    Args:
        client: the browser. watch: what is seen of the positions. now: the instance's clock.
    """

    def __init__(self, client: Client, watch: Watch, now: Callable[[], datetime]) -> None:
        self._client = client
        self._watch = watch
        self._now = now
        self._parts: list[tuple[frozenset[str], Refresh]] = []
        self._sight_parts: list[Callable[[Sight], None]] = []
        self._waiting: set[str] = set()
        self._busy = asyncio.Lock()
        self._was_live = watch.sight.live
        client.on_delete(watch.subscribe(self._told))

    def when(self, names: set[str], refresh: Refresh) -> None:
        """Refreshes a part when one of these read models (or logs) has moved."""
        self._parts.append((frozenset(names), refresh))

    def at_each_sight(self, show: Callable[[Sight], None]) -> None:
        """Shows what is seen of the positions whenever that changes."""
        self._sight_parts.append(show)

    def keep_clock(self, pulse: Pulse) -> None:
        """Keeps the page's clock right, and only speaks when it has drifted."""
        base = _Base(time.monotonic(), self._now(), 1.0)

        def check() -> None:
            nonlocal base
            at, server = time.monotonic(), self._now()
            gone, moved = at - base.at, (server - base.server).total_seconds()
            if gone > 0 and abs(moved - gone * base.rate) > TOLERATED_DRIFT:
                base = _Base(at, server, max(0.0, moved / gone))
                pulse.sync(server, base.rate)

        self._client.on_connect(lambda: pulse.sync(self._now(), base.rate))
        ui.timer(CLOCK_CHECK, check)

    async def _told(self, sight: Sight, moved: frozenset[str]) -> None:
        came_back = sight.live and not self._was_live
        self._was_live = sight.live
        self._waiting |= {name for names, _ in self._parts for name in names} if came_back else moved
        with self._client:
            for show in self._sight_parts:
                show(sight)
        if self._busy.locked():
            return
        async with self._busy:
            while self._waiting:
                names, self._waiting = frozenset(self._waiting), set()
                await self._refresh(names)

    async def _refresh(self, names: frozenset[str]) -> None:
        await asyncio.gather(*(self._run(refresh) for wanted, refresh in self._parts if wanted & names))

    async def _run(self, refresh: Refresh) -> None:
        with self._client:
            try:
                await refresh()
            except Refusal as refusal:
                await logger.awarning("page_part_unrefreshed", reason=str(refusal))
            except Exception:  # noqa: BLE001 - one page must not end the watch that all pages live by
                await logger.aexception("page_part_failed")
