"""Marks of a reader that keeps nothing: for tests that read a log from a position."""

from collections.abc import AsyncGenerator, Sequence

from services.chassis.subscriptions.layout import Layout
from services.chassis.subscriptions.subscription import WHOLE, Batch, Mark, Subscription


class FixedMarks:
    """It always stands where it began."""

    name = "test"

    def __init__(self, position: int) -> None:
        self._mark = Mark(position)

    async def begin(self, source: str, partitions: Sequence[int]) -> None:
        """They are there."""

    async def held(self, source: str) -> dict[int, Mark]:
        """The one."""
        return {WHOLE: self._mark}

    async def divided(self, source: str, began_after: int, before: int, partitions: int) -> None:
        """A log is not divided."""

    async def layout(self, source: str) -> Layout:
        """A log is not divided."""
        return Layout([(0, 1)])


async def batches(subscription: Subscription, after: int) -> AsyncGenerator[Batch, None]:
    """What comes after a position, for ever; batches that move nothing are left out."""
    async with subscription.reading(FixedMarks(after)) as reading:
        while True:
            if (batch := await reading.batch()).moved:
                yield batch
