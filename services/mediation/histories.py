"""What happened to a dispute, an issue or a session, and what was written with it."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from contracts.common import Event, Sealed
from contracts.mediation import (
    AgreementReached,
    DisputeLogged,
    DisputeReopened,
    IssueRaised,
    ResolutionDisputed,
    SessionClosed,
    SessionHeld,
)
from services.chassis.access import Principal
from services.chassis.eventstore.types import Recorded
from services.mediation.answers import HistoryAnswer
from services.mediation.domain.opening import Written
from services.mediation.words import said

MayRead = Callable[[Recorded], bool]
FIELDS: Mapping[type[Event], Written] = {
    DisputeLogged: "summary",
    SessionHeld: "minutes",
    AgreementReached: "terms",
    DisputeReopened: "reason",
    IssueRaised: "description",
    ResolutionDisputed: "reason",
    SessionClosed: "minutes",
}
"""In which field of an event somebody may have written something."""


class Text(NamedTuple):
    """What somebody wrote, sealed: in which field, and the seal."""

    field: Written
    sealed: Sealed


def written(past: Recorded) -> Text | None:
    """What somebody wrote with an event."""
    field = FIELDS.get(type(past.event))
    text: Sealed | None = getattr(past.event, field) if field else None
    return Text(field, text) if field and text else None


def readable(log: Sequence[Recorded], may_read: MayRead) -> dict[int, Text]:
    """What may be opened, by version."""
    return {past.version: text for past in log if (text := written(past)) is not None and may_read(past)}


def kept_from(past: Recorded, principal: Principal) -> bool:
    """Whether these are minutes that are sealed from the reader, who is a party, whatever else they are."""
    return isinstance(past.event, SessionHeld) and principal.subject in past.event.sealed_from


def history(log: Sequence[Recorded], texts: Mapping[int, str | None]) -> list[HistoryAnswer]:
    """Each event with its words, and with the text that was opened for this reader."""
    return [
        HistoryAnswer(
            id=str(past.id),
            version=past.version,
            type=past.type,
            effective_at=past.effective_at,
            recorded_at=past.recorded_at,
            actor=past.actor,
            words=said(past.event)._asdict(),
            text=texts.get(past.version),
            sealed=written(past) is not None and texts.get(past.version) is None,
        )
        for past in log
    ]
