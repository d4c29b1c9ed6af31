"""A log that is read whole: what comes in a trickle is taken in together, and what waits is not waited for."""

import asyncio
import time
from datetime import UTC, datetime
from uuid import UUID

from services.chassis.eventstore.lineage import Lineage
from services.chassis.eventstore.types import Head, Recorded
from services.chassis.subscriptions import log as log_module
from services.chassis.subscriptions.log import PACE, LogSubscription
from services.chassis.subscriptions.subscription import WHOLE, Mark
from services.chassis.subscriptions.wake import Signal

NOON = datetime(2024, 5, 6, 4, tzinfo=UTC)
LINEAGE = UUID(int=1)


class Log:
    """In memory; notes how often it was read."""

    source = "registry"

    def __init__(self, events: int = 0) -> None:
        self.events, self.reads, self.signal = events, 0, Signal()

    def append(self) -> None:
        self.events += 1
        self.signal.set()

    async def read(self, after, limit=1000):
        self.reads += 1
        places = range(after + 1, min(self.events, after + limit) + 1)
        return [Recorded("registry", n, "s", n, UUID(int=n), "t", b"{}", b"{}", NOON, NOON, b"") for n in places]

    async def head(self):
        return Head(self.events, b"", NOON, LINEAGE)

    async def lineages(self):
        return [Lineage(LINEAGE, 0)]


class Marks:
    name = "one"

    async def begin(self, source, partitions):
        pass

    async def held(self, source):
        return {WHOLE: Mark(0, LINEAGE)}


async def test_what_comes_in_a_trickle_is_taken_in_together():
    log, batches, began = Log(), [], time.monotonic()
    async with LogSubscription(log, log.signal).reading(Marks()) as reading:

        async def read():
            while sum(map(len, batches)) < 50:
                batches.append((await reading.batch()).events)

        reader = asyncio.create_task(read())
        for _ in range(50):
            await asyncio.sleep(0.001)
            log.append()
        await reader
    assert [event.position for batch in batches for event in batch] == list(range(1, 51))
    assert len(batches) <= (time.monotonic() - began) / PACE + 2


async def test_who_is_far_behind_is_not_held_up(monkeypatch):
    monkeypatch.setattr(log_module, "PACE", 3600.0)
    log = Log(events=400)
    async with asyncio.timeout(60), LogSubscription(log, log.signal, size=2).reading(Marks()) as reading:
        for number in range(200):
            assert [event.position for event in (await reading.batch()).events] == [2 * number + 1, 2 * number + 2]
