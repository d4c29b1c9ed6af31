"""Waits until the read models hold what is in the logs, so that people do not come to half a city."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx

from contracts.common import Role
from services.chassis.access import Issuer, Principal

Step = Callable[[str], None]
FOLDING = "Folding the events into the read models"
COUNTING = "Counting the figures"
COUNTED = re.compile(r"([\d,]+) of ([\d,]+) events")
"""How far the figures are, in the sentence with which analytics refuses them."""
NEARLY = 100
"""Events. A city that lives adds some all the time."""
LOOK_EVERY = 0.2
NOT_YET = {502, 503, 504}
PATIENCE = 10.0
"""Seconds without any progress after which people may come all the same: what stands still says so on its page."""


async def figures_answer(client: httpx.AsyncClient, issuer: Issuer, step: Step) -> None:
    """Returns once the figures are whole, which analytics says by answering for them.

    Args:
        client: reaches the services at their names. issuer: of tokens that they take. step: told what is awaited.
    """
    reader = Principal(Role.OVERSEER, "instance", ("instance",))
    while True:
        headers = {"Authorization": f"Bearer {issuer.issue(reader, timedelta(minutes=5))}"}
        try:
            answer = await client.get("/analytics/kpis", params={"limit": 1}, headers=headers)
        except httpx.HTTPError as error:
            step(f"Analytics does not answer yet: {type(error).__name__}")
        else:
            if answer.status_code not in NOT_YET:
                return
            step(_why(answer))
        await asyncio.sleep(LOOK_EVERY)


def _why(answer: httpx.Response) -> str:
    """What is awaited; where analytics says how far it is, as a counted step."""
    try:
        detail = str(answer.json()["detail"])
    except (ValueError, KeyError):
        return f"Analytics does not answer yet: {answer.status_code}"
    counted = COUNTED.search(detail)
    return f"{COUNTING}: {counted[1]} of {counted[2]}" if counted else detail


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
