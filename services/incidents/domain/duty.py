"""Duty: which officer is there for which place, since when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.common import Event, Frozen, Identifier, NamedPlace
from contracts.incidents import DUTY_LASTS, DutyEnded, DutyStarted


@dataclass(frozen=True, slots=True)
class Duty:
    """The last duty of one officer.

    Attributes:
        started: how it began, None where the officer was never on duty. ended: whether the officer ended it.
    """

    started: DutyStarted | None = None
    ended: bool = False

    def current(self, now: datetime) -> DutyStarted | None:
        """The duty that the officer is on, if on any."""
        if self.started is None or self.ended or now >= self.started.effective_at + DUTY_LASTS:
            return None
        return self.started


class StartDuty(Frozen):
    """An officer comes on duty at a place."""

    officer: Identifier
    place: NamedPlace


class EndDuty(Frozen):
    """An officer goes off duty."""

    officer: Identifier


def evolve(duty: Duty, event: Event) -> Duty:
    """The duty after one more event."""
    match event:
        case DutyStarted():
            return Duty(started=event)
        case DutyEnded():
            return Duty(started=duty.started, ended=True)
        case _:
            return duty


def start(duty: Duty, command: StartDuty, now: datetime) -> list[Event]:
    """The duty begins; at another place it begins there. Saying so again while it lasts changes nothing."""
    current = duty.current(now)
    if current is not None and current.place == command.place:
        return []
    return [DutyStarted(officer=command.officer, place=command.place, effective_at=now)]


def end(duty: Duty, command: EndDuty, now: datetime) -> list[Event]:
    """The duty ends. Ending it again, or before it began, changes nothing."""
    current = duty.current(now)
    if current is None:
        return []
    return [DutyEnded(officer=command.officer, place=current.place, effective_at=now)]


DECISIONS: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {StartDuty: start, EndDuty: end}
"""The decision for each command."""
