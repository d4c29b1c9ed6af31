"""An alert: what a rule found, who took it, and what they made of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from contracts.analytics import (
    AlertAcknowledged,
    AlertClosed,
    AlertEscalated,
    AlertRaised,
    AlertReopened,
    AlertRevised,
)
from contracts.common import Event, EventRef

Phase = Literal["raised", "acknowledged", "closed"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert.

    Attributes:
        phase: None while no rule has raised it. by: who took it, or closed it.
        answered: evidence that an officer had before them when it was closed, and all evidence of an open alert.
    """

    id: str = ""
    place: str = ""
    phase: Phase | None = None
    count: int = 0
    evidence: tuple[EventRef, ...] = ()
    window: tuple[datetime, datetime] | None = None
    by: str | None = None
    escalated_to: str | None = None
    feedback: str | None = None
    answered: frozenset[EventRef] = frozenset()


def evolve(alert: Alert, event: Event) -> Alert:  # noqa: PLR0911 - one answer an event
    """The alert after one more event."""
    match event:
        case AlertRaised():
            raised = Alert(id=event.alert, place=event.place, phase="raised")
            return _found(raised, event)
        case AlertRevised():
            return _found(alert, event)
        case AlertReopened():
            answered = alert.answered | set(alert.evidence)
            return replace(alert, phase="raised", by=None, escalated_to=None, feedback=None, answered=answered)
        case AlertAcknowledged():
            return replace(alert, phase="acknowledged", by=event.by)
        case AlertEscalated():
            return replace(alert, escalated_to=event.to)
        case AlertClosed():
            return replace(alert, phase="closed", by=event.by, feedback=event.feedback)
        case _:
            return alert


def _found(alert: Alert, event: AlertRaised | AlertRevised) -> Alert:
    answered = alert.answered if alert.phase == "closed" else alert.answered | set(event.evidence)
    window = (event.window_from, event.window_to)
    return replace(alert, count=event.count, evidence=event.evidence, window=window, answered=answered)
