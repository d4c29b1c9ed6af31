"""The port: batches of events of one source, after the marks of who reads."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.chassis.eventstore.lineage import Lineage
from services.chassis.eventstore.types import Head, Recorded
from services.chassis.subscriptions.layout import Layout

WHOLE = -1
"""The partition of a log that is read whole; topics count theirs from 0."""


class SourceAway(ConnectionError):
    """What is read does not answer now: wait and try again."""


class SourceRefused(SourceAway):
    """What is read does not let this reader read it: somebody has to allow it."""


class MustRebuild(Exception):
    """A reader cannot go on from its marks: what it holds must be made anew, from the log.

    Attributes:
        source: whose log.
    """

    source: str

    def reason(self, reader: str) -> str:
        """What is put on record of the reader that stopped."""
        return f"{self} Build it anew with maplebridge projections rebuild {reader}."


class ReadByPartition(MustRebuild):
    """The marks are those of a topic's partitions; the log cannot be read whole from there."""

    def __init__(self, source: str) -> None:
        super().__init__(f"{source} was read by topic so far and is read from its log now.")
        self.source = source


class LineageReplaced(MustRebuild):
    """The log was restored or failed over, and lacks something that was read of it."""

    def __init__(self, source: str, position: int, kept: int) -> None:
        super().__init__(
            f"The log of {source} was restored or failed over: of {position:,} positions that were read here it "
            f"kept {kept:,}."
        )
        self.source = source
        self.position = position
        self.kept = kept


class BarrierMissing(MustRebuild):
    """A topic has grown and has lost messages, with them the record of where it grew."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"The topic of {source} has lost messages, and where it was given more partitions is not known."
        )
        self.source = source


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a reader stands in one partition.

    Attributes:
        position: everything up to it is taken in. lineage: of which history of the log; None where that is not known.
        offset: where in the topic to go on; a hint, checked by what is found there.
    """

    position: int = 0
    lineage: UUID | None = None
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """The way of one mark through a batch.

    Attributes:
        partition: which; ``WHOLE`` for a log itself. held: where the mark must stand now. to: where it stands then.
    """

    partition: int
    held: Mark
    to: Mark


@dataclass(frozen=True, slots=True)
class Batch:
    """Events of one source, in order within each stream, to be taken in whole or not at all.

    Attributes:
        source: whose. moves: the marks that it moves, by partition; nothing up to where they move is missing. One that
            stays where it is asks whether it still does.
        events: may be fewer than the positions passed, where types were left out at the source.
    """

    source: str
    moves: tuple[Move, ...]
    events: Sequence[Recorded]

    @property
    def moved(self) -> bool:
        """Whether any mark moves."""
        return any(move.held.position != move.to.position for move in self.moves)


def whole(source: str, after: int, upto: int, events: Sequence[Recorded], lineage: UUID | None = None) -> Batch:
    """A batch of a log that is read whole, within one lineage."""
    return Batch(source, (Move(WHOLE, Mark(after, lineage), Mark(upto, lineage)),), events)


class LogReader(Protocol):
    """Reads a log: the store itself in one process, the owner's HTTP elsewhere."""

    source: str

    async def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        """Events after a position, in commit order, without gaps."""
        ...

    async def head(self) -> Head:
        """The end of the log."""
        ...

    async def lineages(self) -> Sequence[Lineage]:
        """The histories of the log, the first first; the last is the present one."""
        ...


class Marks(Protocol):
    """The marks of one reader; replicas of it share them."""

    name: str

    async def begin(self, source: str, partitions: Sequence[int]) -> None:
        """Makes the marks of these partitions where they are missing, at what was read of the log whole.

        Args:
            partitions: all of a topic, or ``WHOLE`` alone.
        """
        ...

    async def held(self, source: str) -> Mapping[int, Mark]:
        """All marks of a source, by partition."""
        ...

    async def divided(self, source: str, began_after: int, before: int, partitions: int) -> None:
        """A topic that had ``before`` partitions has so many from a position on."""
        ...

    async def layout(self, source: str) -> Layout:
        """How a source's topic is divided."""
        ...


class Reading(Protocol):
    """A source while somebody reads it, one task at a time."""

    async def batch(self) -> Batch:
        """The next batch, as soon as there is one; after some quiet seconds, one that moves nothing.

        Raises:
            LineageReplaced: the log lacks something that was read of it.
        """
        ...

    async def again(self) -> None:
        """The marks were moved by somebody else: goes on from where they stand now."""
        ...


class Subscription(Protocol):
    """A source that can be read.

    Attributes:
        source: whose log. whole: it is read whole; else by the partitions of a topic.
    """

    source: str
    whole: bool

    def reading(self, marks: Marks, types: AbstractSet[str] | None = None) -> AbstractAsyncContextManager[Reading]:
        """Opens it for one reader, from its marks; ``types`` are those that it wants at least, None: all."""
        ...
