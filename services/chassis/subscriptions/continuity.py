"""What continues what: the pure core of every reader that is not the log's own.

A reader holds one number for each source and partition, ``last``: everything up to it that belongs there has been
taken in. Each message names its own position and that of its predecessor in the same partition, so a repeat is known
by the one and a loss by the other. A log that was restored hands out positions a second time, under another lineage.
"""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from services.chassis.eventstore.lineage import Lineage, kept


class Verdict(Enum):
    """What a message is to a reader."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    HOLE = "hole"
    """Something between what is held and this message has not come."""
    FOREIGN = "foreign"
    """It is of another history of the log than what is held."""
    BEYOND = "beyond"
    """It names a position beyond the known end of the owner's log."""


class Turn(Enum):
    """What a reader does about another history."""

    FOLLOW = "follow"
    """All that was read is part of it too: go on there."""
    DROP = "drop"
    """It was left before, or is no part of the log any more."""
    STOP = "stop"
    """Something that was read is not part of it: the reader must begin anew."""


class Message(NamedTuple):
    """What a message says about its place.

    Attributes:
        sequence: its position; of a watermark, up to where everything has been sent. previous: position of the event
            before it in its partition, 0 for none. lineage: which history. epoch: of the relay that sent it.
    """

    sequence: int
    previous: int
    lineage: UUID
    epoch: int = 0


class Held(NamedTuple):
    """What a reader holds of one partition.

    Attributes:
        last: everything up to it is taken in. lineage: of which history; None before the first message.
        epoch: the highest that was seen; it tells of take-overs and decides nothing, continuity does.
        left: histories that this reader has left; their late messages are repeats.
    """

    last: int = 0
    lineage: UUID | None = None
    epoch: int = 0
    left: frozenset[UUID] = frozenset()

    def judge(self, message: Message, end: int | None = None) -> Verdict:
        """What the message is; nothing changes by looking.

        Args:
            end: position up to which the owner's log is known to go; None: any position is believed.
        """
        if message.lineage != self.lineage:
            if message.lineage in self.left:
                return Verdict.DUPLICATE
            if self.lineage is not None:
                return Verdict.FOREIGN
        if message.sequence <= self.last:
            return Verdict.DUPLICATE
        if end is not None and message.sequence > end:
            return Verdict.BEYOND
        return Verdict.HOLE if message.previous > self.last else Verdict.ACCEPTED

    def accept(self, message: Message) -> "Held":
        """What is held once an accepted message is taken in."""
        return Held(message.sequence, message.lineage, max(self.epoch, message.epoch), self.left)

    def mended(self, upto: int) -> "Held":
        """What is held once the log has given everything up to a position."""
        return self._replace(last=max(self.last, upto))

    def leave(self, lineage: UUID) -> "Held":
        """What is held once messages of that history are known for repeats."""
        return self._replace(left=self.left | {lineage})

    def follow(self, lineage: UUID) -> "Held":
        """What is held once the reader goes on in another history."""
        left = self.left if self.lineage is None else self.left | {self.lineage}
        return self._replace(lineage=lineage, left=left - {lineage})


def kept_of(held: Held, lineages: Sequence[Lineage]) -> int:
    """How much of what a reader holds is part of the log's present history."""
    still = kept(lineages, held.lineage) if held.lineage else None
    return held.last if still is None else min(held.last, still)


def turn(held: Held, lineage: UUID, lineages: Sequence[Lineage]) -> Turn:
    """What to do about a message of another history, by what the log says of its own.

    Args:
        held: what the reader holds. lineage: of the message. lineages: all of the log's, the first first.
    """
    if held.lineage is None:
        return Turn.FOLLOW
    if kept_of(held, lineages) < held.last:
        return Turn.STOP
    names = [each.id for each in lineages]
    if lineage not in names:
        return Turn.DROP
    known = held.lineage in names
    return Turn.DROP if known and names.index(lineage) < names.index(held.lineage) else Turn.FOLLOW


def turn_by_itself(held: Held, lineage: UUID, began_after: int) -> Turn:
    """The same for a reader that has nothing but the topic: by where the message's history began."""
    if held.lineage is None:
        return Turn.FOLLOW
    if lineage in held.left:
        return Turn.DROP
    return Turn.STOP if began_after < held.last else Turn.FOLLOW
