"""An issue: a resident's item or a building's pain point, what was promised, and what the resident says."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from contracts.common import Event
from contracts.mediation import (
    CommitmentFulfilled,
    CommitmentMade,
    CommitmentMissed,
    IssueKind,
    IssueRaised,
    IssueResolved,
    IssueTitleReleased,
    ResolutionConfirmed,
    ResolutionDisputed,
)


class IssuePhase(StrEnum):
    """How far an issue has come."""

    RAISED = "raised"
    COMMITTED = "committed"
    RESOLVED = "resolved"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Commitment:
    """A promise.

    Attributes:
        id: within the issue. owner: the organisation. promise: in its words. due_on: the last day.
        made_at: when. fulfilled: it is done. missed: the day passed before it was.
    """

    id: str
    owner: str
    promise: str
    due_on: date
    made_at: datetime
    fulfilled: bool = False
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Issue:
    """What the rules need to know.

    Attributes:
        raised: how it was raised, None where nobody did. released: the title that the desk gave it, if it did.
        phase: how far it has come.
        commitments: what was promised, in order. resolved_at: when it was called done, where it is.
    """

    raised: IssueRaised | None = None
    released: str | None = None
    phase: IssuePhase = IssuePhase.RAISED
    commitments: tuple[Commitment, ...] = ()
    resolved_at: datetime | None = None

    @property
    def place(self) -> str:
        """Where it is; empty where nobody raised it."""
        return self.raised.place if self.raised else ""

    def commitment(self, commitment: str) -> Commitment | None:
        """The promise of this id."""
        return next((made for made in self.commitments if made.id == commitment), None)

    @property
    def nobodys(self) -> bool:
        """Whether it is a pain point that no resident raised: a look at the spot confirms it, not a resident."""
        return self.raised is not None and self.raised.kind is IssueKind.PAIN_POINT and self.raised.raised_by is None

    @property
    def done(self) -> bool:
        """Whether it was called done and nobody disputes that."""
        return self.phase in {IssuePhase.RESOLVED, IssuePhase.CONFIRMED}


def evolve(issue: Issue, event: Event) -> Issue:  # noqa: PLR0911 - one answer an event
    """The issue after one more event."""
    match event:
        case IssueRaised():
            return Issue(raised=event)
        case IssueTitleReleased():
            return replace(issue, released=event.title)
        case CommitmentMade():
            made = Commitment(event.commitment, event.owner, event.promise, event.due_on, event.effective_at)
            return replace(issue, phase=IssuePhase.COMMITTED, commitments=(*issue.commitments, made))
        case CommitmentFulfilled():
            return _changed(issue, event.commitment, fulfilled=True)
        case CommitmentMissed():
            return _changed(issue, event.commitment, missed=True)
        case IssueResolved():
            return replace(issue, phase=IssuePhase.RESOLVED, resolved_at=event.effective_at)
        case ResolutionConfirmed():
            return replace(issue, phase=IssuePhase.CONFIRMED)
        case ResolutionDisputed():
            return replace(issue, phase=IssuePhase.DISPUTED, resolved_at=None)
        case _:
            return issue


def _changed(issue: Issue, commitment: str, *, fulfilled: bool = False, missed: bool = False) -> Issue:
    changed = (
        replace(made, fulfilled=made.fulfilled or fulfilled, missed=made.missed or missed)
        if made.id == commitment
        else made
        for made in issue.commitments
    )
    return replace(issue, commitments=tuple(changed))
