"""What benchmarks wait for comes from background tasks; one that dies must not be waited for."""

import asyncio

import pytest

from tests.benchmarks.timing import while_running


async def test_a_benchmark_whose_task_fails_fails_at_once():
    async def fails() -> None:
        raise ValueError("observe takes three arguments")

    with pytest.raises(ValueError, match="three arguments"):
        await asyncio.wait_for(while_running(asyncio.Event().wait(), asyncio.create_task(fails())), 5)


async def test_a_benchmark_whose_task_ends_early_says_so():
    with pytest.raises(RuntimeError, match="ended before"):
        await asyncio.wait_for(while_running(asyncio.Event().wait(), asyncio.create_task(asyncio.sleep(0))), 5)


async def test_what_is_waited_for_ends_the_wait():
    done, forever = asyncio.Event(), asyncio.create_task(asyncio.Event().wait())
    done.set()
    await while_running(done.wait(), forever)
    forever.cancel()
