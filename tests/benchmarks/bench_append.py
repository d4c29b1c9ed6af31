"""Single events from 64 concurrent writers: group commit beside one transaction each."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence

from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append
from services.chassis.subscriptions.log import LogSubscription
from services.chassis.subscriptions.subscription import WHOLE, Mark
from services.chassis.subscriptions.wake import Signal
from tests.benchmarks.a_log import ABOUT, NOON, PAYLOAD, LogMeasure, an_event
from tests.benchmarks.measure import sized
from tests.benchmarks.peer import PeerLog, environment
from tests.benchmarks.timing import while_running

WRITERS, EACH, FOLLOWERS = 64, sized(400, 4), sized(50, 5)
INSERT = "insert into plain values ($1, $2, $6, gen_random_uuid(), 'x', $3, $4, $5, $5, $3)"


class AppendSingle(LogMeasure):
    """Every append has a position, a version check, a hash, and is on disk when it answers."""

    name = "append-single"
    unit = "events/s"
    against = "asyncpg insert, a commit each, same writers"

    async def ours(self) -> int:
        """Through the store."""
        self.round += 1

        async def write(writer: int) -> None:
            for number in range(EACH):
                await self.store.append(Append(f"s-{self.round}-{writer}", number, (an_event(),), NOON))

        await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
        return WRITERS * EACH

    async def reference(self) -> int:
        """Without positions in order, versions, hashes or idempotency."""
        self.round += 1

        async def write(writer: int) -> None:
            for number in range(EACH):
                position = self.round * 1_000_000 + writer * 1000 + number
                await self.database.pool.execute(
                    INSERT, position, f"s-{self.round}-{writer}", PAYLOAD, ABOUT, NOON, number
                )

        await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
        return WRITERS * EACH


class AppendBesidePeer(AppendSingle):
    """Beside the best known event store of Python, which notifies in each appending transaction."""

    name = "append-peer"
    against = "eventsourcing on PostgreSQL, same writers"
    target = 5.0
    least = 12_000

    async def prepare(self) -> None:
        """Makes the peer's log too."""
        await super().prepare()
        self.peer = PeerLog(await environment(self.server), WRITERS)
        self.stack.callback(self.peer.close)

    async def reference(self) -> int:
        """Through the peer."""
        each = EACH // 4
        await self.peer.append(PAYLOAD + ABOUT, each)
        return WRITERS * each


class AtTheEnd:
    """The marks of somebody who has read all that there is."""

    name = "follower"

    def __init__(self, store: EventStore) -> None:
        self._store = store

    async def begin(self, source: str, partitions: Sequence[int]) -> None:
        """Nothing is kept."""

    async def held(self, source: str) -> dict[int, Mark]:
        """The end of the log."""
        head = await self._store.head()
        return {WHOLE: Mark(head.position, head.lineage)}


class AppendFollowed(AppendSingle):
    """The same while fifty subscriptions follow the log in the process that appends, and each reads every event."""

    name = "append-followed"
    against = "the same, nobody follows"
    target = 0.9

    async def prepare(self) -> None:
        """Appends wake who follows."""
        await super().prepare()
        self.signal = Signal()
        self.store = EventStore("bench", self.database.pool, self.signal.set)
        self.stack.push_async_callback(self.store.close)

    async def ours(self) -> int:
        """Followed."""
        began = time.perf_counter()
        async with self._followed() as read:
            self.idle = time.perf_counter() - began
            appended = await super().ours()
            ended = time.perf_counter()
            await self._until(read, appended)
        self.idle += time.perf_counter() - ended
        return appended

    async def reference(self) -> int:
        """Not followed."""
        self.idle = 0.0
        return await super().ours()

    async def _until(self, read: Sequence[int], appended: int) -> None:
        async def all_read() -> None:
            while min(read) < appended:  # noqa: ASYNC110 - what was written must have been read, too
                await asyncio.sleep(0.01)

        await while_running(all_read(), *self._following)

    @contextlib.asynccontextmanager
    async def _followed(self) -> AsyncIterator[list[int]]:
        read, subscription = [0] * FOLLOWERS, LogSubscription(self.store, self.signal)

        async def follow(number: int) -> None:
            async with subscription.reading(AtTheEnd(self.store)) as reading:  # type: ignore[arg-type]
                begun[number].set()
                while True:
                    read[number] += len((await reading.batch()).events)

        begun = [asyncio.Event() for _ in read]
        self._following = following = [asyncio.create_task(follow(number)) for number in range(FOLLOWERS)]
        await while_running(asyncio.gather(*(each.wait() for each in begun)), *following)
        try:
            yield read
        finally:
            for each in following:
                each.cancel()
            await asyncio.gather(*following, return_exceptions=True)
