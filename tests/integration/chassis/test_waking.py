"""Who waits for a read model or for a log is woken by what it waits for, and sleeps through nothing."""

import asyncio

import pytest

from services.chassis.projections import checkpoints
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.subscriptions.log import LogSubscription
from services.chassis.subscriptions.wake import READ_CHANNEL, Notifier, listen
from tests.integration.chassis.test_projections import kept as _kept
from tests.integration.chassis.test_projections import running

kept = _kept
LONG = 60.0
"""Seconds; a test that waited so long would have failed before."""


@pytest.fixture(autouse=True)
def nobody_polls(monkeypatch):
    monkeypatch.setattr(checkpoints, "POLL", LONG)


async def test_a_reader_in_another_process_is_told_of_a_commit(kept):
    pool = kept.log.database.pool
    notifier, elsewhere, listens = Notifier(pool, READ_CHANNEL), Checkpoints(pool), asyncio.Event()

    def hear(projection):
        listens.set()
        elsewhere.heard(projection)

    kept.checkpoints = Checkpoints(pool, notifier.notify)
    hearing = asyncio.create_task(listen(kept.log.database.dsn, {READ_CHANNEL: hear}))
    await asyncio.wait_for(listens.wait(), 10)
    waiting = asyncio.create_task(elsewhere.reached("tally", {"registry": 1}, LONG))
    async with running(kept.runner()):
        await kept.log.put("s-1", "1")
        assert (await asyncio.wait_for(waiting, 10)).positions == {"registry": 1}
    hearing.cancel()
    await notifier.close()


async def test_a_commit_while_a_reader_looks_is_not_slept_through(kept):
    seen, committed = asyncio.Event(), asyncio.Event()

    class Slow(Checkpoints):
        """Its first look takes until the commit."""

        async def _look(self, projection):
            rows = await super()._look(projection)
            seen.set()
            await committed.wait()
            return rows

    kept.checkpoints = Slow(kept.log.database.pool)
    waiting = asyncio.create_task(kept.checkpoints.reached("tally", {"registry": 1}, LONG))
    await asyncio.wait_for(seen.wait(), 10)
    async with running(kept.runner()):
        await kept.log.put("s-1", "1")
        while (await kept.rows()) != {"s-1": 1}:  # noqa: ASYNC110 - a row sets no event
            await asyncio.sleep(0.01)
        committed.set()
        assert (await asyncio.wait_for(waiting, 10)).positions == {"registry": 1}


async def test_an_append_while_a_log_is_read_is_not_slept_through(log):
    reads = 0

    class Appending:
        """Appends once, after the first read and before it is answered."""

        source = log.store.source
        head, lineages = log.store.head, log.store.lineages

        async def read(self, after, limit=1000):
            nonlocal reads
            found = await log.store.read(after, limit)
            reads += 1
            if reads == 1:
                await log.put("s-1", "1")
            return found

    marks = Checkpoints(log.database.pool).marks("tally")
    async with LogSubscription(Appending(), log.signal, size=10, poll=LONG).reading(marks) as reading:
        batch = await asyncio.wait_for(reading.batch(), 10)
    assert [event.stream for event in batch.events] == ["s-1"]
