"""Reading the whole log beside a raw fetch of the same columns."""

from services.chassis.eventstore.bulk import BulkEvent, BulkWriter
from services.chassis.eventstore.store import READ
from tests.benchmarks.a_log import NOON, LogMeasure, an_event
from tests.benchmarks.measure import sized

ROWS = sized(50_000, 2_000)


class ReadAll(LogMeasure):
    """Payloads are parsed when they are touched, so reading does not pay for them."""

    name = "read-all"
    unit = "events/s"
    target = 0.80
    against = "asyncpg fetch of the same columns"

    async def prepare(self) -> None:
        """Fills the log once."""
        await super().prepare()
        rows = [BulkEvent(f"b-{number}", 1, an_event(), NOON) for number in range(ROWS)]
        await BulkWriter(self.database.pool).write(rows)

    async def ours(self) -> int:
        """Through the store."""
        after = 0
        while events := await self.store.read(after, 2000):
            after = events[-1].position
        return ROWS

    async def reference(self) -> int:
        """Rows as the driver gives them."""
        after = 0
        while rows := await self.database.pool.fetch(READ, after, 2000):
            after = rows[-1]["position"]
        return ROWS
