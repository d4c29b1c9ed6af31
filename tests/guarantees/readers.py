"""Readers of one partition under test: the product's core, and one that knows no lineage."""

from collections.abc import Sequence
from uuid import UUID

from services.chassis.eventstore.lineage import Lineage
from services.chassis.subscriptions.continuity import Held, Turn, Verdict, turn
from services.chassis.subscriptions.folding import fold
from tests.guarantees.topic import Record


class KnowsLineages:
    """The real one: a message of another history is followed only where all that was read is part of it too."""

    def __init__(self) -> None:
        self._held = Held()
        self.taken: list[UUID] = []
        self.stopped = False

    def read(self, records: Sequence[Record], lineages: Sequence[Lineage]) -> None:
        """Takes in what continues; stops where something that was read is no part of the log any more."""
        while records and not self.stopped:
            folded = fold(self._held, records)
            self.taken += [event.id for event in folded.events]
            self._held = folded.held
            records = records[folded.offset - records[0].offset :] if folded.stopped else []
            if folded.stopped is Verdict.FOREIGN and folded.message is not None:
                self._turn(folded.message.lineage, lineages)
            elif folded.stopped is Verdict.HOLE:
                self.stopped = True

    def _turn(self, lineage: UUID, lineages: Sequence[Lineage]) -> None:
        match turn(self._held, lineage, lineages):
            case Turn.STOP:
                self.stopped = True
            case Turn.FOLLOW:
                self._held = self._held.follow(lineage)
            case Turn.DROP:
                self._held = self._held.leave(lineage)


class KnowsPositionsAlone(KnowsLineages):
    """Wrong: a position that it has read is a repeat, whichever history it is of."""

    def _turn(self, lineage: UUID, lineages: Sequence[Lineage]) -> None:
        self._held = self._held.follow(lineage)
