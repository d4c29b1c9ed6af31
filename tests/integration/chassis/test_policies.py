"""A policy reacts to what the log says, also where the log was restored from an older copy."""

import asyncio
import contextlib

from services.chassis.policies import Policy, PolicyRunner
from services.chassis.subscriptions.log import LogSubscription
from tests.integration.chassis.conftest import an_event
from tests.restoring import put_back
from tests.versions import invented


@contextlib.asynccontextmanager
async def reacting(log):
    """A policy at work; what it has reacted to, in order."""
    reacted = []

    async def react(recorded):
        reacted.append((recorded.position, recorded.id))

    policy = Policy("noting", ("registry",), frozenset({invented(an_event().type)}), react)
    runner = PolicyRunner(policy, log.database.pool, {"registry": LogSubscription(log.store, log.signal, poll=0.05)})
    running = asyncio.create_task(runner.run())
    try:
        yield reacted
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def until(so):
    async with asyncio.timeout(20):
        while not so():  # noqa: ASYNC110 - a list sets no event
            await asyncio.sleep(0.02)


async def written(log):
    return [(event.position, event.id) for event in await log.store.read(0)]


async def test_it_reacts_to_each_event_in_order_and_goes_on_where_it_was(log):
    await log.put("s-1", "1", "2")
    async with reacting(log) as reacted:
        await until(lambda: len(reacted) == 2)
    await log.put("s-2", "3")
    async with reacting(log) as then:
        await until(lambda: then)
    assert reacted + then == await written(log)


async def test_of_a_restored_log_it_reacts_to_what_stands_there_now(log):
    await log.put("s-1", "1", "2", "3")
    async with reacting(log) as reacted:
        await until(lambda: len(reacted) == 3)
        await put_back(log.owner, 1)
        await log.put("s-1", "7")
        await until(lambda: len(reacted) == 4)
    assert [*reacted[:1], *reacted[3:]] == await written(log)
