"""A dispute: who disagrees, who mediates, how far it has come."""

from dataclasses import dataclass, replace
from enum import StrEnum

from contracts.common import Event
from contracts.mediation import (
    AgreementReached,
    DisputeLogged,
    DisputeReopened,
    DisputeResolved,
    MediatorAssigned,
    SessionHeld,
)


class DisputePhase(StrEnum):
    """How far a dispute has come."""

    LOGGED = "logged"
    ASSIGNED = "assigned"
    MEDIATING = "mediating"
    AGREED = "agreed"
    RESOLVED = "resolved"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Dispute:
    """What the rules need to know.

    Attributes:
        log: how it was logged, None where nobody did. phase: how far it has come. mediator: who, if anybody.
        last_session: the last one since it was opened (again). agreed: an agreement stands.
        met_since: a session was held since the agreement. resolved: how, where it is.
    """

    log: DisputeLogged | None = None
    phase: DisputePhase = DisputePhase.LOGGED
    mediator: str | None = None
    last_session: SessionHeld | None = None
    agreed: bool = False
    met_since: bool = False
    resolved: DisputeResolved | None = None

    @property
    def place(self) -> str:
        """Where it is; empty where nobody logged it."""
        return self.log.place if self.log else ""

    @property
    def subjects(self) -> tuple[str, ...]:
        """The parties, as subject ids."""
        return tuple(party.subject for party in self.log.parties) if self.log else ()


def evolve(dispute: Dispute, event: Event) -> Dispute:  # noqa: PLR0911 - one answer an event
    """The dispute after one more event."""
    match event:
        case DisputeLogged():
            return Dispute(log=event)
        case MediatorAssigned():
            waiting = dispute.phase in {DisputePhase.LOGGED, DisputePhase.REOPENED}
            phase = DisputePhase.ASSIGNED if waiting else dispute.phase
            return replace(dispute, phase=phase, mediator=event.mediator)
        case SessionHeld():
            phase = dispute.phase if dispute.agreed else DisputePhase.MEDIATING
            return replace(dispute, phase=phase, last_session=event, met_since=True)
        case AgreementReached():
            return replace(dispute, phase=DisputePhase.AGREED, agreed=True, met_since=False)
        case DisputeResolved():
            return replace(dispute, phase=DisputePhase.RESOLVED, resolved=event)
        case DisputeReopened():
            return replace(
                dispute,
                phase=DisputePhase.REOPENED,
                last_session=None,
                agreed=False,
                met_since=False,
                resolved=None,
            )
        case _:
            return dispute
