"""Loading a long stream from its snapshot beside folding all of it."""

from contracts.registry import UnitRegistered, UseObserved
from services.chassis.clock import SystemClock
from services.chassis.eventstore.bulk import BulkEvent, BulkWriter
from services.chassis.eventstore.types import new_event
from services.chassis.handler import CommandHandler
from services.chassis.ids import uuid7
from services.chassis.snapshots import Snapshots
from services.registry.deciders import UNIT
from tests.benchmarks.a_log import ABOUT, NOON, LogMeasure
from tests.benchmarks.measure import sized

EVENTS, LOADS = sized(10_000, 600), sized(50, 2)
PLACE = "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a/1"
REGISTERED = UnitRegistered(
    unit="wanda-a-1", building="wanda-a", number="1", floor=1, capacity=1, place=PLACE, effective_at=NOON
)
SEEN = UseObserved(unit="wanda-a-1", place=PLACE, observed_use="hotel", differs=True, effective_at=NOON)


class LoadLongStream(LogMeasure):
    """A unit that was looked at ten thousand times, loaded by a process that has not seen it yet."""

    name = "load-long-stream"
    unit = "loads/s"
    against = "without snapshots"
    target = 50

    async def prepare(self) -> None:
        """Fills the stream once, and lets a first load take the snapshot."""
        await super().prepare()
        events = [REGISTERED] + [SEEN] * (EVENTS - 1)
        rows = [
            BulkEvent("unit-wanda-a-1", version, new_event(uuid7(), event, ABOUT), NOON)
            for version, event in enumerate(events, 1)
        ]
        await BulkWriter(self.database.pool).write(rows)
        self.snapshots = Snapshots(self.store, 500)
        await self.load(self.snapshots)
        await self.snapshots.close()

    async def load(self, snapshots: Snapshots | None) -> None:
        """By a handler that remembers nothing."""
        _, version = await CommandHandler(self.store, SystemClock(), uuid7, snapshots).state(UNIT, "wanda-a-1")
        assert version == EVENTS

    async def ours(self) -> int:
        """From the snapshot."""
        for _ in range(LOADS):
            await self.load(self.snapshots)
        return LOADS

    async def reference(self) -> int:
        """From the first event."""
        await self.load(None)
        return 1
