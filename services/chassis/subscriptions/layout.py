"""Which partition of a topic a stream belongs to, also where the topic has grown."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.chassis.kafka.partitions import partition_of


@dataclass(frozen=True, slots=True)
class Barrier:
    """The end of one division of a topic and the beginning of the next.

    Attributes:
        position: events up to it lie in the old partitions. before, partitions: how many there were, and are.
    """

    position: int
    before: int
    partitions: int


@dataclass(frozen=True, slots=True)
class Layout:
    """How a topic is divided.

    Attributes:
        grown: where each division began and how many partitions it has, the first first, never none: positions above
            ``began_after`` belong to it, up to where the next one began.
    """

    grown: Sequence[tuple[int, int]]

    @property
    def partitions(self) -> int:
        """How many there are now."""
        return self.grown[-1][1]

    def partition(self, stream: str, position: int) -> int:
        """The partition of a stream's event at a position."""
        count = next((count for began, count in reversed(self.grown) if began < position), self.grown[0][1])
        return partition_of(stream, count)

    def barrier(self, position: int) -> Barrier | None:
        """The barrier at which a reader stands whose mark is at this position."""
        for (_, before), (began_after, partitions) in pairwise(self.grown):
            if began_after == position:
                return Barrier(began_after, before, partitions)
        return None
