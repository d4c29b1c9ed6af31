"""What happens although no record comes: partitions are told how far the sources are read, and asked what falls due."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping

import structlog

from services.analytics.rules.stream.line import Line
from services.analytics.rules.stream.parcel import Parcel, Tick
from services.analytics.rules.stream.sources import Sources
from services.analytics.rules.stream.units import Units
from services.chassis.clock import Clock
from services.chassis.subscriptions.subscription import LogReader

logger = structlog.get_logger(__name__)


class Ticker:
    """Sends what the clock brings.

    A tick says where the logs end, asked after its moment: when a partition is read as far, nothing that was recorded
    by then can be missing from it, and what is overdue then is overdue.

    Args:
        line: to the units. sources, units: the two steps. logs: whose ends are asked. clock: the rules' own.
        ours: the partitions of the units that are this worker's now; none while they are shared out.
        every: seconds.
    """

    def __init__(
        self,
        line: Line,
        sources: Sources,
        units: Units,
        logs: Mapping[str, LogReader],
        clock: Clock,
        ours: Callable[[], Awaitable[Collection[int]]],
        every: float = 1.0,
    ) -> None:
        self._line = line
        self._sources = sources
        self._units = units
        self._logs = logs
        self._clock = clock
        self._ours = ours
        self._every = every
        self._said = ""

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self.tick()
                self._said = ""
            except Exception as error:  # noqa: BLE001 - whatever does not answer now is asked again
                await self._say(f"{type(error).__name__}: {error}")
            await asyncio.sleep(self._every)

    async def tick(self) -> None:
        """Tells how far the sources are read, and asks the partitions that it is time for."""
        now = self._clock.now()
        ours = await self._ours()
        await self._sources.report()
        ringing = [partition for partition in ours if self._units.ringing(partition, now)]
        if not ringing:
            return
        heads = await asyncio.gather(*(log.head() for log in self._logs.values()))
        tick = Tick(now, {source: head.position for source, head in zip(self._logs, heads, strict=True)})
        await self._line.send({partition: [Parcel(tick=tick)] for partition in ringing})

    async def _say(self, what: str) -> None:
        if what != self._said:
            await logger.awarning("due_rules_unreadable", error=what)
        self._said = what
