"""What can be asked of an alert, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from contracts.analytics import (
    AlertAcknowledged,
    AlertClosed,
    AlertEscalated,
    AlertRaised,
    AlertReopened,
    AlertRevised,
    Severity,
)
from contracts.common import LARGEST, Event, EventRef, Frozen, Identifier, Instant, Place, Sealed
from services.analytics.domain.alert import Alert
from services.analytics.domain.refusals import AlertIsClosed, AlertNotAcknowledged, AlertTaken, AlertUnknown

Feedback = Literal["acted", "no-action-needed", "false-alarm"]


class SettleAlert(Frozen):
    """Says what a rule finds now: raises the alert, or revises it where the finding has changed.

    Sending it again changes nothing, since it is compared with what the log holds; a crash between the log and the
    rule's own memory is mended by that.

    Attributes:
        evidence: none where nothing of the finding is left. again: how many new events reopen a closed alert.
    """

    alert: Identifier
    rule: Identifier
    rule_version: Annotated[int, Field(ge=1, le=LARGEST)]
    key: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    place: Place
    severity: Severity
    window_from: Instant
    window_to: Instant
    evidence: tuple[EventRef, ...]
    due_at: Instant | None = None
    again: Annotated[int, Field(ge=1, le=LARGEST)] = 1
    effective_at: Instant


class AcknowledgeAlert(Frozen):
    """Somebody takes it."""

    by: Identifier


class EscalateAlert(Frozen):
    """Nobody took it in time; the supervisor of the place is told."""

    to: Identifier


class CloseAlert(Frozen):
    """Whoever took it is done with it; ``supervisor``: they may close what another took."""

    by: Identifier
    feedback: Feedback
    note: Sealed | None = None
    supervisor: bool = False


def settle(alert: Alert, command: SettleAlert, now: datetime) -> list[Event]:
    """Raises it once; afterwards tells only of a change, and reopens it where new events ask for an officer again."""
    found = (command.evidence, (command.window_from, command.window_to))
    window = {"window_from": command.window_from, "window_to": command.window_to}
    if alert.phase is None:
        if not command.evidence:
            return []
        told = command.model_dump(exclude={"evidence", "effective_at", "again"})
        return [
            AlertRaised(
                **told, count=len(command.evidence), evidence=command.evidence, effective_at=command.effective_at
            )
        ]
    if (alert.evidence, alert.window) == found or (not alert.evidence and not command.evidence):
        return []
    count = len(command.evidence)
    revised = {"alert": alert.id, "place": alert.place, "count": count, "evidence": command.evidence}
    events: list[Event] = [AlertRevised.model_validate({**revised, **window, "effective_at": now})]
    if _rings_again(alert, command):
        events.append(AlertReopened(alert=alert.id, place=alert.place, count=count, effective_at=now))
    return events


def _rings_again(alert: Alert, command: SettleAlert) -> bool:
    """Whether an alert that is closed, or of which nothing was left, has got enough that it did not have before."""
    new = len(set(command.evidence) - alert.answered)
    return new >= command.again if alert.phase == "closed" else alert.count == 0 and new > 0


def acknowledge(alert: Alert, command: AcknowledgeAlert, now: datetime) -> list[Event]:
    """The first officer takes it; taking it again changes nothing, and a second officer is told who has it."""
    _raised(alert)
    if alert.phase == "closed":
        raise AlertIsClosed(str(alert.by))
    if alert.phase == "acknowledged":
        if alert.by == command.by:
            return []
        raise AlertTaken(str(alert.by))
    return [AlertAcknowledged(alert=alert.id, place=alert.place, by=command.by, effective_at=now)]


def escalate(alert: Alert, command: EscalateAlert, now: datetime) -> list[Event]:
    """The supervisor is told, once, while nobody has taken it."""
    _raised(alert)
    if alert.phase != "raised" or alert.escalated_to == command.to:
        return []
    return [AlertEscalated(alert=alert.id, place=alert.place, to=command.to, effective_at=now)]


def close(alert: Alert, command: CloseAlert, now: datetime) -> list[Event]:
    """Done, and was it right? The same answer again changes nothing."""
    _raised(alert)
    if alert.phase == "closed":
        if (alert.by, alert.feedback) == (command.by, command.feedback):
            return []
        raise AlertIsClosed(str(alert.by))
    if alert.phase == "raised":
        raise AlertNotAcknowledged
    if alert.by != command.by and not command.supervisor:
        raise AlertTaken(str(alert.by))
    return [
        AlertClosed(
            alert=alert.id,
            place=alert.place,
            by=command.by,
            feedback=command.feedback,
            note=command.note,
            effective_at=now,
        )
    ]


def _raised(alert: Alert) -> None:
    if alert.phase is None:
        raise AlertUnknown


DECISIONS: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {
    SettleAlert: settle,
    AcknowledgeAlert: acknowledge,
    EscalateAlert: escalate,
    CloseAlert: close,
}
