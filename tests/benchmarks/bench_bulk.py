"""Ordered import with positions and hash chain beside COPY of the same bytes."""

import time
from collections.abc import AsyncIterator

from services.chassis.eventstore.bulk import BulkEvent, BulkWriter
from services.chassis.eventstore.chain import GENESIS
from services.chassis.eventstore.rows import COLUMNS, Chained, End
from tests.benchmarks.a_log import NOON, LogMeasure, an_event
from tests.benchmarks.measure import sized

ROWS = sized(100_000, 2_000)
"""Seven of our transactions; the other side has one."""
PART = 512 * 1024


class BulkImport(LogMeasure):
    """Each row gets its position, version check and hash under the head's lock."""

    name = "bulk-import"
    unit = "events/s"
    target = 0.90
    against = "COPY of the same bytes, encoded before, into a plain table with the same indexes"

    async def ours(self) -> int:
        """Through the bulk writer."""
        self.given = self.rows()  # until the next round: to let it go takes time that is not the writer's
        await BulkWriter(self.database.pool).write(self.given)
        return ROWS

    async def reference(self) -> int:
        """Rows of the same size, chained and encoded before the clock runs."""
        began = time.perf_counter()
        after = End(self.round * ROWS, GENESIS, NOON)
        encoded = b"".join([chunk async for chunk in Chained(after, self.rows()).chunks()])
        self.idle = time.perf_counter() - began
        await self.database.pool.copy_to_table("plain", columns=COLUMNS, source=parts(encoded), format="binary")
        return ROWS

    def rows(self) -> list[BulkEvent]:
        """Events of new streams; whoever imports has them already."""
        began = time.perf_counter()
        self.given = []
        self.round += 1
        rows = [BulkEvent(f"b-{self.round}-{number}", 1, an_event(), NOON) for number in range(ROWS)]
        self.idle = time.perf_counter() - began
        return rows


async def parts(encoded: bytes) -> AsyncIterator[bytes]:
    """In pieces of the size that asyncpg sends."""
    for start in range(0, len(encoded), PART):
        yield encoded[start : start + PART]
