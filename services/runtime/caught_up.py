"""Waits until the read models hold what is in the logs, so that people do not come to half a city."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

Step = Callable[[str], None]
FOLDING = "Folding the events into the read models"
NEARLY = 100
"""Events. A city that lives adds some all the time."""
LOOK_EVERY = 0.2
PATIENCE = 10.0
"""Seconds without any progress after which people may come all the same: what stands still says so on its page."""


async def caught_up(behind: Callable[[], Awaitable[int]], step: Step) -> None:
    """Returns once little is missing, or nothing more comes in.

    Args:
        behind: events that are not in yet, of all read models together. step: told what is being done.
    """
    most = least = await behind()
    moved_at, left = time.monotonic(), most
    while left > NEARLY and time.monotonic() - moved_at < PATIENCE:
        most = max(most, left)
        step(f"{FOLDING}: {most - left:,} of {most:,}")
        await asyncio.sleep(LOOK_EVERY)
        left = await behind()
        if left < least:
            least, moved_at = left, time.monotonic()
