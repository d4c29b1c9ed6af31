"""Whether the figures hold all that the logs hold: before that they would show a part as if it were all."""

import asyncio
from collections.abc import Mapping

from services.analytics.views.kpi import KPI
from services.chassis.http.lag import head_of
from services.chassis.http.refusals import RequestRefused
from services.chassis.service import ServiceContext


class FiguresIncomplete(RequestRefused):
    """The read model of the figures has not read the logs to their ends since this process began.

    Attributes:
        read, of: events.
    """

    def __init__(self, read: int, of: int) -> None:
        super().__init__(f"The figures are still being counted: {read:,} of {of:,} events are read. Ask again soon.")
        self.read = read
        self.of = of


class LogAway(RequestRefused):
    """How much there is to count cannot be known yet."""

    def __init__(self, source: str) -> None:
        super().__init__(f"The figures may not be whole: the log of {source} does not answer. Ask again soon.")


class Wholeness:
    """Lets figures be read once they have been whole; remembers that they were.

    Args:
        context: of analytics, whose logs are asked for their ends until then.
    """

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._whole = False
        self._ends: Mapping[str, int] | None = None
        self._looking = asyncio.Lock()

    async def require(self) -> None:
        """Returns where the figures hold all that the logs held at the look before, or at this one if it is the first.

        Raises:
            FiguresIncomplete, LogAway: they do not, or it cannot be known.
        """
        if self._whole:
            return
        async with self._looking:
            ends = {source: await self._end(source) for source in KPI.sources}
            read = await self._context.checkpoints.position(KPI.name)
            # a city that goes on living has always written something since it was last asked
            goal = ends if self._ends is None else self._ends
            self._ends = ends
            if any(read.get(source, 0) < end for source, end in goal.items()):
                done = sum(min(read.get(source, 0), end) for source, end in ends.items())
                raise FiguresIncomplete(done, sum(ends.values()))
            self._whole = True

    async def _end(self, source: str) -> int:
        end = await head_of(self._context, source)
        if end is None:
            raise LogAway(source)
        return end
