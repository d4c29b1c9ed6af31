"""A visit round: doors to knock at, and what they met."""

from dataclasses import dataclass, replace
from datetime import datetime

from contracts.common import Event
from contracts.registry import VisitOutcome, VisitRecorded, VisitRoundClosed, VisitRoundPlanned


@dataclass(frozen=True, slots=True)
class VisitRound:
    """A round; without an id nobody planned it.

    Attributes:
        id, place, officer, units, day_part: as planned. since: what it was planned for.
        visits: unit and outcome, in the order in which doors were knocked at. closed_at: when it ended.
    """

    id: str = ""
    place: str = ""
    officer: str = ""
    units: tuple[str, ...] = ()
    day_part: str = ""
    since: datetime | None = None
    visits: tuple[tuple[str, VisitOutcome, datetime], ...] = ()
    closed_at: datetime | None = None

    @property
    def visited(self) -> int:
        """Doors knocked at; a door counts once however often."""
        return len({unit for unit, _, _ in self.visits})

    @property
    def met(self) -> int:
        """Doors that opened at least once."""
        return len({unit for unit, outcome, _ in self.visits if outcome is VisitOutcome.MET})


def evolve(visit_round: VisitRound, event: Event) -> VisitRound:
    """The round after one more event."""
    match event:
        case VisitRoundPlanned():
            return VisitRound(
                event.round, event.place, event.officer, event.units, event.day_part, since=event.effective_at
            )
        case VisitRecorded():
            knock = (event.unit, event.outcome, event.effective_at)
            return replace(visit_round, visits=(*visit_round.visits, knock))
        case VisitRoundClosed():
            return replace(visit_round, closed_at=event.effective_at)
        case _:
            return visit_round
