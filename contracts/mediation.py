"""Events of mediation: disputes, sessions, and the issues that a teahouse or a meeting resolves."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.common import Category, ErasureGround, Event, Frozen, Headline, Identifier, Instant, Label, Place, Sealed
from contracts.registry import Floor


class Party(Frozen):
    """Who is in a dispute.

    Attributes:
        subject: the person, as an id. household: the unit or household that they belong to.
    """

    subject: Identifier
    household: Identifier | None = None


class IssueKind(StrEnum):
    """Where an issue was raised."""

    AGENDA_ITEM = "agenda-item"
    PAIN_POINT = "pain-point"


class SessionKind(StrEnum):
    """What kind of meeting it is."""

    TEAHOUSE = "teahouse"
    COORDINATION = "coordination"


WITHHELD: Headline = "居民事项 · A resident's item"
"""The public title of an item whose own was not released yet."""


class DisputeLogged(Event):
    """Two or more parties disagree, and somebody wrote it down.

    Attributes:
        dispute: its id. category: what about. place: where. source_unit: the unit it comes from.
        parties: who. summary: what about, under the case's key. incident: the call that led to it.
    """

    type: ClassVar[str] = "mediation.dispute-logged.v1"
    dispute: Identifier
    category: Category
    place: Place
    source_unit: Identifier | None = None
    parties: Annotated[tuple[Party, ...], Field(min_length=2, max_length=20)]
    summary: Sealed | None = None
    incident: Identifier | None = None


class MediatorAssigned(Event):
    """A neutral person takes the case; never a party, nor of a party's household.

    Attributes:
        dispute, place: which, where. mediator: who, as an id.
    """

    type: ClassVar[str] = "mediation.mediator-assigned.v1"
    dispute: Identifier
    place: Place
    mediator: Identifier


class SessionHeld(Event):
    """The parties, or some of them, met the mediator.

    Attributes:
        dispute, place: which, where. present: which parties. minutes: what was said, under the case's key.
        sealed_from: parties who may not read these minutes (a private meeting).
    """

    type: ClassVar[str] = "mediation.session-held.v1"
    dispute: Identifier
    place: Place
    present: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    minutes: Sealed | None = None
    sealed_from: tuple[Identifier, ...] = ()


class AgreementReached(Event):
    """The parties agreed.

    Attributes:
        dispute, place: which, where. terms: on what, under the case's key.
    """

    type: ClassVar[str] = "mediation.agreement-reached.v1"
    dispute: Identifier
    place: Place
    terms: Sealed | None = None


class DisputeResolved(Event):
    """The dispute is over.

    Attributes:
        dispute, place: which, where. outcome: how.
    """

    type: ClassVar[str] = "mediation.dispute-resolved.v1"
    dispute: Identifier
    place: Place
    outcome: Literal["agreement-kept", "withdrawn", "referred", "no-agreement"]


class DisputeReopened(Event):
    """It was not over.

    Attributes:
        dispute, place: which, where. reason: why, under the case's key.
    """

    type: ClassVar[str] = "mediation.dispute-reopened.v1"
    dispute: Identifier
    place: Place
    reason: Sealed | None = None


class SessionAnnounced(Event):
    """A teahouse or a coordination meeting is called.

    Attributes:
        session: its id. kind: which of the two. place: for whom. starts_at: when. venue: where it sits.
    """

    type: ClassVar[str] = "mediation.session-announced.v1"
    session: Identifier
    kind: SessionKind
    place: Place
    starts_at: Instant
    venue: Label


class ItemPlacedOnAgenda(Event):
    """An issue will be talked about.

    Attributes:
        session, place: which, for whom. issue: what.
    """

    type: ClassVar[str] = "mediation.item-placed-on-agenda.v1"
    session: Identifier
    place: Place
    issue: Identifier


class AttendanceRecorded(Event):
    """Who came, as organisations.

    Attributes:
        session, place: which, for whom. organisations: which came. residents: how many.
    """

    type: ClassVar[str] = "mediation.attendance-recorded.v1"
    session: Identifier
    place: Place
    organisations: tuple[Identifier, ...]
    residents: Annotated[int, Field(ge=0, le=10000)] = 0


class SessionClosed(Event):
    """The meeting ended.

    Attributes:
        session, place: which, for whom. kind: which of the two. minutes: under the case's key.
    """

    type: ClassVar[str] = "mediation.session-closed.v1"
    session: Identifier
    place: Place
    kind: SessionKind
    minutes: Sealed | None = None


class IssueRaised(Event):
    """A resident's item or a building's pain point stands on the list.

    Attributes:
        issue: its id. kind: where it was raised. title: for the notice board. place: where.
        building, floor: where exactly, if so. raised_by: the resident, as a subject id.
        description: more, under the case's key. category: what about.
        title_withheld: the title stands for one that a resident wrote, which is the first line of the description until
        somebody at the desk releases a title.
    """

    type: ClassVar[str] = "mediation.issue-raised.v1"
    issue: Identifier
    kind: IssueKind
    title: Headline
    place: Place
    category: Category
    building: Identifier | None = None
    floor: Floor | None = None
    raised_by: Identifier | None = None
    description: Sealed | None = None
    title_withheld: bool = False


class IssueTitleReleased(Event):
    """Somebody at the desk has read what a resident wrote, and gave the item its public title.

    Attributes:
        issue, place: which, where. title: for the notice board; it names nobody.
    """

    type: ClassVar[str] = "mediation.issue-title-released.v1"
    issue: Identifier
    place: Place
    title: Headline


class CommitmentMade(Event):
    """An organisation promised to do something by a day.

    Attributes:
        issue, place: which, where. commitment: its id within the issue. owner: the organisation's id.
        promise: what, for the notice board. due_on: the last day, in the place's calendar.
    """

    type: ClassVar[str] = "mediation.commitment-made.v1"
    issue: Identifier
    place: Place
    commitment: Identifier
    owner: Identifier
    promise: Headline
    due_on: date


class CommitmentFulfilled(Event):
    """What was promised is done.

    Attributes:
        issue, place: which, where. commitment: its id. late_days: days after the due day; 0 in time.
    """

    type: ClassVar[str] = "mediation.commitment-fulfilled.v1"
    issue: Identifier
    place: Place
    commitment: Identifier
    late_days: Annotated[int, Field(ge=0)] = 0


class CommitmentMissed(Event):
    """The due day passed and the promise was open; it stays open.

    Attributes:
        issue, place: which, where. commitment: its id. owner: whose.
    """

    type: ClassVar[str] = "mediation.commitment-missed.v1"
    issue: Identifier
    place: Place
    commitment: Identifier
    owner: Identifier


class IssueResolved(Event):
    """All that was promised is done, says who did it; the resident, or who looks at the spot, has yet to say so.

    Attributes:
        issue, place, kind: which, where, of which kind.
    """

    type: ClassVar[str] = "mediation.issue-resolved.v1"
    issue: Identifier
    place: Place
    kind: IssueKind


class ResolutionConfirmed(Event):
    """The resident says that it is done.

    Attributes:
        issue, place, kind: which, where, of which kind. by: the resident, as a subject id; of a pain point that no
        resident raised, who looked at the spot.
    """

    type: ClassVar[str] = "mediation.resolution-confirmed.v1"
    issue: Identifier
    place: Place
    kind: IssueKind
    by: Identifier


class ResolutionDisputed(Event):
    """The resident says that it is not done; the issue is open again.

    Attributes:
        issue, place, kind: which, where, of which kind. by: as in ``ResolutionConfirmed``.
        reason: why, under the case's key.
    """

    type: ClassVar[str] = "mediation.resolution-disputed.v1"
    issue: Identifier
    place: Place
    kind: IssueKind
    by: Identifier
    reason: Sealed | None = None


class CaseOpened(Event):
    """Somebody read what was written about a dispute, an issue or a session; the envelope says who.

    Attributes:
        kind, case, place: of which of the three, its id, where. purpose: why, as stated or from the reader's own task.
        own_task: it was the reader's own then, as the assigned mediator, a party, or the resident who raised it.
        fields: what was shown.
    """

    type: ClassVar[str] = "mediation.case-opened.v1"
    kind: Literal["dispute", "issue", "session"]
    case: Identifier
    place: Place
    purpose: Literal["mediation", "follow-up", "incident", "review", "resident-request", "emergency"]
    own_task: bool
    fields: Annotated[tuple[Literal["summary", "minutes", "terms", "reason", "description"], ...], Field(min_length=1)]


class TextErased(Event):
    """The key of what was written about a case was destroyed; the envelope says by whom.

    Attributes:
        kind, case, place: of which kind, which, where. ground: why it may and must be.
    """

    type: ClassVar[str] = "mediation.text-erased.v1"
    kind: Literal["dispute", "issue", "session"]
    case: Identifier
    place: Place
    ground: ErasureGround


EVENTS: tuple[type[Event], ...] = (
    DisputeLogged,
    MediatorAssigned,
    SessionHeld,
    AgreementReached,
    DisputeResolved,
    DisputeReopened,
    SessionAnnounced,
    ItemPlacedOnAgenda,
    AttendanceRecorded,
    SessionClosed,
    IssueRaised,
    IssueTitleReleased,
    CommitmentMade,
    CommitmentFulfilled,
    CommitmentMissed,
    IssueResolved,
    ResolutionConfirmed,
    ResolutionDisputed,
    CaseOpened,
    TextErased,
)
