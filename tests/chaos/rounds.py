"""What one round of chaos is: somebody gets a signal, and flow is there again; in the end all must be well."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import httpx

from services.runtime.folder import DataFolder
from tests.chaos.aftermath import (
    an_embedded_replay_comes_to_the_same,
    each_command_is_in_its_log_once,
    each_event_is_on_its_topic,
    each_unit_is_told_of_once,
)
from tests.chaos.flow import Flow, Waits, settled
from tests.chaos.instance import Instance, kafka_of
from tests.chaos.traffic import Traffic
from tests.chaos.victims import kill

LOCKED = "requirements-kafka.lock"
RESUMES_WITHIN = 10.0
"""Seconds after a kill that flow may take to resume; a restart of the broker takes longer."""
PATIENCE = 180.0

T = TypeVar("T")


@dataclass(frozen=True)
class Round:
    """One signal.

    Attributes:
        victim: who got it. resumed: seconds from the kill, or from the end of the pause, until flow was there again.
        paused: seconds that it was stopped; 0: it was killed.
    """

    victim: str
    resumed: Waits
    paused: float = 0.0


async def resumed(flow: Flow, sent: Traffic, since: float) -> Waits:
    """Waits until flow is there again."""
    try:
        async with asyncio.timeout(PATIENCE):
            while (waits := flow.resumed(sent.commands, since)) is None:  # noqa: ASYNC110 - others' work sets no event
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"Flow does not resume within {PATIENCE:.0f} s: {flow.come_to(sent.commands)}") from None
    return waits


async def until(so: Callable[[], T]) -> T:
    """Asks until it is so; what does not answer now is asked again."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if found := await asyncio.to_thread(so):
                    return found
            await asyncio.sleep(0.2)


async def killed(running: Instance, victim: str, how: signal.Signals = signal.SIGKILL) -> float:
    """Sends somebody a signal; answers when."""
    await until(lambda: kill(running, victim, how))
    return time.monotonic()


async def all_is_well(running: Instance, flow: Flow, sent: Traffic) -> None:
    """Comes to rest, and holds what was promised."""
    await until(lambda: httpx.get(running.url, timeout=20).is_success)  # the pages are there too
    heads = await settled(flow, sent, PATIENCE)
    await each_command_is_in_its_log_once(flow, sent)
    await each_unit_is_told_of_once(flow, sent)
    await each_event_is_on_its_topic(kafka_of(running.data), heads)
    await an_embedded_replay_comes_to_the_same(DataFolder.open(running.data), heads, sent)
