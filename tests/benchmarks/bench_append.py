"""Single events from 64 concurrent writers: group commit beside one transaction each."""

import asyncio

from services.chassis.eventstore.types import Append
from tests.benchmarks.a_log import ABOUT, NOON, PAYLOAD, LogMeasure, an_event
from tests.benchmarks.peer import PeerLog, environment

WRITERS, EACH = 64, 40
INSERT = "insert into plain values ($1, $2, 1, gen_random_uuid(), 'x', $3, $4, $5, $5, $3)"


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
                await self.database.pool.execute(INSERT, position, f"s-{writer}", PAYLOAD, ABOUT, NOON)

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
