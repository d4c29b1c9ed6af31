"""Commands at a steady rate, whatever became of those before, and how long each took; waiting for background tasks."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from statistics import quantiles
from typing import Any

STEP = 0.001
"""Seconds; commands that fall due within it are sent together."""


async def while_running(waited: Awaitable[object], *tasks: "asyncio.Task[Any]") -> None:
    """Wait for what background tasks bring about.

    Raises:
        Exception: what a task failed with, at once. RuntimeError: a task ended before it was done.
    """
    waiting = asyncio.ensure_future(waited)
    try:
        await asyncio.wait({waiting, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            ended = next(task for task in tasks if task.done())
            await ended
            raise RuntimeError(f"{ended.get_coro()} ended before the benchmark did.")
        await waiting
    finally:
        waiting.cancel()


async def paced(rate: float, seconds: float, one: Callable[[int], Awaitable[None]]) -> list[float]:
    """Sends so many a second for so long; answers the milliseconds that each took, from when it was due.

    Args:
        one: sends a command by its number, and waits for what is measured.
    """
    loop, took = asyncio.get_running_loop(), list[float]()
    began = loop.time()

    async def timed(number: int) -> None:
        due = began + number / rate
        await one(number)
        took.append((loop.time() - due) * 1000)

    async with asyncio.TaskGroup() as group:
        for number in count():
            due = number / rate
            if due >= seconds:
                break
            early = began + due - loop.time()
            if early > 0:
                await asyncio.sleep(max(early, STEP))
            group.create_task(timed(number))
    return took


def percentile(values: Sequence[float], of_hundred: int) -> float:
    """The value that so many of a hundred stay below."""
    return quantiles(values, n=100)[of_hundred - 1]
