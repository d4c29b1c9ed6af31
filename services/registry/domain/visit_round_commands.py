"""What can be asked of a visit round, and what follows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.common import Event, Frozen, Identifier, Instant, NamedPlace
from contracts.registry import VisitOutcome, VisitRecorded, VisitRoundClosed, VisitRoundPlanned
from services.registry.domain.happened import happened
from services.registry.domain.refusals import (
    OfficerUnnamed,
    RoundClosed,
    RoundExists,
    RoundUnknown,
    RoundWithoutUnits,
    UnitElsewhere,
    UnitNotInRound,
    UnitTwiceInRound,
)
from services.registry.domain.visit_round import VisitRound

DayPart = Literal["day", "evening"]


class PlanVisitRound(Frozen):
    """Set a day's door-to-door round; it may lie ahead.

    Attributes:
        round: its id. place: where. officer: whose; None where nobody was named. units: which, in order.
        day_part: when people are home. elsewhere: those of the units that are not registered in the place; the shell
        knows.
    """

    round: Identifier
    place: NamedPlace
    officer: Identifier | None
    units: Annotated[tuple[Identifier, ...], Field(max_length=500)]
    day_part: DayPart
    elsewhere: frozenset[Identifier] = frozenset()
    effective_at: Instant


class RecordVisit(Frozen):
    """Say what a knock at a door met."""

    unit: Identifier
    outcome: VisitOutcome
    effective_at: Instant


class CloseVisitRound(Frozen):
    """End the round."""

    effective_at: Instant


def plan_visit_round(visit_round: VisitRound, command: PlanVisitRound, now: datetime) -> list[Event]:  # noqa: ARG001
    """A round is set. Repeating it changes nothing."""
    if visit_round.id:
        if (visit_round.units, visit_round.since) == (command.units, command.effective_at):
            return []
        raise RoundExists(command.round)
    if not command.units:
        raise RoundWithoutUnits
    for place, unit in enumerate(command.units):
        if unit in command.units[:place]:
            raise UnitTwiceInRound(unit, place)
        if unit in command.elsewhere:
            raise UnitElsewhere(unit, place)
    if command.officer is None:
        raise OfficerUnnamed
    return [VisitRoundPlanned(**command.model_dump(exclude={"elsewhere"}))]


def record_visit(visit_round: VisitRound, command: RecordVisit, now: datetime) -> list[Event]:
    """A door was knocked at; the very same knock counts once."""
    _known(visit_round)
    if (command.unit, command.outcome, command.effective_at) in visit_round.visits:
        return []
    if visit_round.closed_at is not None:
        raise RoundClosed(visit_round.closed_at)
    happened(command.effective_at, now)
    if command.unit not in visit_round.units:
        raise UnitNotInRound(command.unit)
    return [
        VisitRecorded(
            round=visit_round.id,
            place=visit_round.place,
            unit=command.unit,
            outcome=command.outcome,
            effective_at=command.effective_at,
        )
    ]


def close_visit_round(visit_round: VisitRound, command: CloseVisitRound, now: datetime) -> list[Event]:
    """The round ends with what it met. Repeating it changes nothing."""
    _known(visit_round)
    if visit_round.closed_at is not None:
        return []
    happened(command.effective_at, now)
    return [
        VisitRoundClosed(
            round=visit_round.id,
            place=visit_round.place,
            visited=visit_round.visited,
            met=visit_round.met,
            effective_at=command.effective_at,
        )
    ]


def _known(visit_round: VisitRound) -> None:
    if not visit_round.id:
        raise RoundUnknown


DECISIONS: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {
    PlanVisitRound: plan_visit_round,
    RecordVisit: record_visit,
    CloseVisitRound: close_visit_round,
}
