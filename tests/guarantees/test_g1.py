"""G1: no committed event is skipped by any subscription, under forced interleavings of real transactions."""

import asyncio
import contextlib

import asyncpg
from hypothesis import strategies as st

from services.chassis.eventstore.store import EventStore
from services.chassis.subscriptions.wake import CHANNEL
from tests.guarantees.counting import counted
from tests.guarantees.interleaving import Run, Schedule, Theatre, schedules
from tests.guarantees.laboratory import Doubled, Skipped, guarantee, judge
from tests.guarantees.logs import GapTimeoutLog, HeadRowLog, SequenceLog
from tests.guarantees.waking import NotifyAlone, NotifyAndPoll
from tests.proxy import CuttingProxy

PATIENCE = 5
STEPS = st.lists(st.sampled_from(["append", "cut", "mend"]), min_size=1, max_size=5).filter(lambda it: "append" in it)


def every_committed_event_was_delivered_once(run: Run) -> None:
    delivered = [event.id for event in run.delivered]
    if missing := set(run.committed) - set(delivered):
        raise Skipped(f"{len(missing)} of {len(run.committed)} committed events")
    if len(set(delivered)) != len(delivered):
        raise Doubled(f"{len(delivered) - len(set(delivered))} events")
    assert set(delivered) == set(run.committed), "an event that was rolled back was delivered"


@guarantee(HeadRowLog, {SequenceLog: Skipped, GapTimeoutLog: Skipped})
def test_g1_no_committed_event_is_skipped_in_whatever_order_transactions_end(laboratory, kind, broken):
    if kind.TABLES:
        laboratory.execute(kind.TABLES)
    theatre = Theatre(kind, laboratory.app)

    async def holds(schedule: Schedule) -> None:
        every_committed_event_was_delivered_once(await theatre.play(schedule))

    judge(laboratory, schedules(), holds, broken)


async def delivered(subscription, after: int, wanted: int, seen: list[int]) -> None:
    """Reads until the position wanted."""
    async with contextlib.aclosing(subscription.batches(after)) as batches:
        async for batch in batches:
            seen += [event.position for event in batch.events]
            if seen[-1] >= wanted:
                return


@guarantee(NotifyAndPoll, {NotifyAlone: Skipped})
def test_g1_a_notification_that_nobody_heard_delays_and_skips_nothing(laboratory, kind, broken):
    async def holds(steps: list[str]) -> None:
        async with (
            asyncpg.create_pool(laboratory.app, min_size=1, max_size=2) as pool,
            CuttingProxy(laboratory.app) as proxy,
        ):
            store = EventStore("registry", pool)
            before = (await store.head()).position
            subscription, seen = kind(store, proxy.dsn), []
            wanted = before + steps.count("append")
            reading = asyncio.create_task(delivered(subscription, before, wanted, seen))
            await subscription.listening()
            for step in [*steps, "mend"]:
                if step == "append":
                    await store.append(counted("s-1", [1]))
                    await pool.execute(f"notify {CHANNEL}")
                else:
                    proxy.away = step == "cut"
                    proxy.cut_all()
            try:
                await asyncio.wait_for(reading, PATIENCE)
            except TimeoutError:
                raise Skipped(f"{wanted - before - len(seen)} events until another one comes") from None

    judge(laboratory, STEPS, holds, broken, examples=10)
