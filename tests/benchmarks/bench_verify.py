"""Checking the hash chain beside a raw fetch of the same rows, one process each."""

from services.chassis.eventstore.bulk import BulkEvent, BulkWriter
from services.chassis.eventstore.store import READ
from services.chassis.eventstore.verify import verify
from tests.benchmarks.a_log import NOON, LogMeasure, an_event
from tests.benchmarks.measure import sized

ROWS = sized(50_000, 2_000)
BATCH = 5000


class VerifyChain(LogMeasure):
    """Each row is fetched and hashed over its predecessor."""

    name = "verify-chain"
    unit = "events/s"
    against = "asyncpg fetch of the same rows, all columns"
    target = 0.70

    async def prepare(self) -> None:
        """Fills the log once."""
        await super().prepare()
        rows = [BulkEvent(f"b-{number}", 1, an_event(), NOON) for number in range(ROWS)]
        await BulkWriter(self.database.pool).write(rows)

    async def ours(self) -> int:
        """By the check."""
        reached = 0
        async for known in verify(self.store, batch=BATCH):
            reached = known.position
        assert reached == ROWS
        return ROWS

    async def reference(self) -> int:
        """By the driver alone."""
        after = 0
        while rows := await self.database.pool.fetch(READ, after, BATCH):
            after = rows[-1]["position"]
        return ROWS
