"""Ordered import with positions and hash chain beside COPY of the same bytes."""

from services.chassis.eventstore.bulk import BulkEvent, BulkWriter
from services.chassis.eventstore.types import EVENT_COLUMNS
from tests.benchmarks.a_log import NOON, LogMeasure, an_event

ROWS = 100_000
"""Ten of our transactions; the other side has one."""


class BulkImport(LogMeasure):
    """Each row gets its position, version check and hash under the head's lock."""

    name = "bulk-import"
    unit = "events/s"
    target = 0.90
    against = "COPY into a plain table, same columns and indexes"

    async def ours(self) -> int:
        """Through the bulk writer."""
        self.round += 1
        rows = [BulkEvent(f"b-{self.round}-{number}", 1, an_event(), NOON) for number in range(ROWS)]
        await BulkWriter(self.database.pool).write(rows)
        return ROWS

    async def reference(self) -> int:
        """The same number of rows of the same size, no order and no chain."""
        self.round += 1
        start = self.round * ROWS
        events = [(f"b-{self.round}-{number}", an_event()) for number in range(ROWS)]
        records = [
            (start + n, stream, 1, e.id, e.type, e.data, e.metadata, e.effective_at, NOON, bytes(32))
            for n, (stream, e) in enumerate(events)
        ]
        await self.database.pool.copy_records_to_table("plain", columns=EVENT_COLUMNS, records=records)
        return ROWS
