"""What can be asked of an issue, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from contracts.common import (
    HOME_ZONE,
    Category,
    Event,
    Frozen,
    Headline,
    Identifier,
    Instant,
    NamedPlace,
    Sealed,
    ZoneName,
)
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
from contracts.registry import Floor
from services.mediation.domain.happened import happened
from services.mediation.domain.issue import Commitment, Issue, IssuePhase
from services.mediation.domain.refusals import (
    AlreadyConfirmed,
    CheckedByItsOwner,
    CommitmentExists,
    CommitmentNotOverdue,
    CommitmentsOpen,
    CommitmentUnknown,
    DueDayHasPassed,
    FloorWithoutBuilding,
    IssueExists,
    IssueIsResolved,
    IssueNotResolved,
    IssueUnknown,
    NotTheResidentWhoRaisedIt,
    PainPointWithoutBuilding,
    TitleIsPublic,
)

Recorder = Literal["resident", "staff"]
"""Who wrote the resident's word down: the resident, or staff to whom it was said."""


class RaiseIssue(Frozen):
    """Puts an issue on the list; the fields are those of ``IssueRaised``."""

    issue: Identifier
    kind: IssueKind
    title: Headline
    place: NamedPlace
    category: Category
    building: Identifier | None = None
    floor: Floor | None = None
    raised_by: Identifier | None = None
    description: Sealed | None = None
    title_withheld: bool = False
    effective_at: Instant | None = None


class ReleaseTitle(Frozen):
    """Gives an item of a resident its public title."""

    title: Headline


class MakeCommitment(Frozen):
    """Promises something by a day; ``zone`` is whose calendar the day is of."""

    commitment: Identifier
    owner: Identifier
    promise: Headline
    due_on: date
    zone: ZoneName = HOME_ZONE


class FulfilCommitment(Frozen):
    """Says that what was promised is done; ``zone`` is whose calendar lateness is counted by."""

    commitment: Identifier
    effective_at: Instant | None = None
    zone: ZoneName = HOME_ZONE


class MissCommitment(Frozen):
    """Says that the due day has passed and the promise is open."""

    commitment: Identifier
    zone: ZoneName = HOME_ZONE


class ResolveIssue(Frozen):
    """Says that all that was promised is done."""

    effective_at: Instant | None = None


class ConfirmResolution(Frozen):
    """The resident says that it is done.

    Attributes:
        by: the resident, as a subject id; of a pain point that no resident raised, who looked at the spot.
        recorder: who wrote it down. organisation: for which the recorder works.
    """

    by: Identifier
    recorder: Recorder = "resident"
    organisation: Identifier | None = None
    effective_at: Instant | None = None


class DisputeResolution(Frozen):
    """The resident says that it is not done; fields as in ``ConfirmResolution``."""

    by: Identifier
    recorder: Recorder = "resident"
    organisation: Identifier | None = None
    reason: Sealed | None = None
    effective_at: Instant | None = None


def raise_issue(issue: Issue, command: RaiseIssue, now: datetime) -> list[Event]:
    """An issue enters the list. Repeating it changes nothing."""
    if issue.raised is not None:
        if _particulars(issue.raised, command):
            return []
        raise IssueExists(command.issue)
    if command.floor is not None and command.building is None:
        raise FloorWithoutBuilding
    if command.kind is IssueKind.PAIN_POINT and command.building is None:
        raise PainPointWithoutBuilding
    return [IssueRaised(**{**vars(command), "effective_at": happened(command.effective_at, now)})]


def release_title(issue: Issue, command: ReleaseTitle, now: datetime) -> list[Event]:
    """The desk gives a title that names nobody; the same again changes nothing, another one corrects it."""
    known = _known(issue)
    if not known.title_withheld:
        raise TitleIsPublic
    if issue.released == command.title:
        return []
    return [IssueTitleReleased(issue=known.issue, place=known.place, title=command.title, effective_at=now)]


def _particulars(raised: IssueRaised, command: RaiseIssue) -> bool:
    """Whether both say the same; the same words sealed twice give two ciphertexts, so these are left out."""
    compared = set(RaiseIssue.model_fields) - {"description", "effective_at"}
    return all(getattr(raised, name) == getattr(command, name) for name in compared)


def _known(issue: Issue) -> IssueRaised:
    if issue.raised is None:
        raise IssueUnknown
    return issue.raised


def _promised(issue: Issue, commitment: str) -> Commitment:
    made = issue.commitment(commitment)
    if made is None:
        raise CommitmentUnknown(commitment)
    return made


def local_day(moment: datetime, zone: str) -> date:
    """The calendar day of a moment, where the zone is."""
    return moment.astimezone(ZoneInfo(zone)).date()


def make_commitment(issue: Issue, command: MakeCommitment, now: datetime) -> list[Event]:
    """An organisation promises something; the very same promise counts once."""
    known = _known(issue)
    made = issue.commitment(command.commitment)
    if made is not None:
        if (made.owner, made.promise, made.due_on) == (command.owner, command.promise, command.due_on):
            return []
        raise CommitmentExists(command.commitment)
    if issue.done:
        raise IssueIsResolved(known.issue)
    today = local_day(now, command.zone)
    if command.due_on < today:
        raise DueDayHasPassed(command.due_on, today)
    return [
        CommitmentMade(
            issue=known.issue,
            place=known.place,
            commitment=command.commitment,
            owner=command.owner,
            promise=command.promise,
            due_on=command.due_on,
            effective_at=now,
        )
    ]


def fulfil_commitment(issue: Issue, command: FulfilCommitment, now: datetime) -> list[Event]:
    """A promise is kept, late or in time. Repeating it changes nothing."""
    known = _known(issue)
    made = _promised(issue, command.commitment)
    if made.fulfilled:
        return []
    at = happened(command.effective_at, now, since=made.made_at)
    late = local_day(at, command.zone) - made.due_on
    return [
        CommitmentFulfilled(
            issue=known.issue,
            place=known.place,
            commitment=made.id,
            late_days=max(0, late.days),
            effective_at=at,
        )
    ]


def miss_commitment(issue: Issue, command: MissCommitment, now: datetime) -> list[Event]:
    """The due day has passed and the promise is open; said once, true from the midnight after the day."""
    known = _known(issue)
    made = _promised(issue, command.commitment)
    if made.fulfilled or made.missed:
        return []
    if local_day(now, command.zone) <= made.due_on:
        raise CommitmentNotOverdue(made.id, made.due_on)
    midnight = datetime.combine(made.due_on + timedelta(days=1), time(), ZoneInfo(command.zone)).astimezone(UTC)
    return [
        CommitmentMissed(
            issue=known.issue, place=known.place, commitment=made.id, owner=made.owner, effective_at=midnight
        )
    ]


def resolve_issue(issue: Issue, command: ResolveIssue, now: datetime) -> list[Event]:
    """All that was promised is done. Saying so again changes nothing."""
    known = _known(issue)
    if issue.done:
        return []
    waiting = [made.id for made in issue.commitments if not made.fulfilled]
    if waiting:
        raise CommitmentsOpen(waiting)
    at = happened(command.effective_at, now, since=known.effective_at)
    return [IssueResolved(issue=known.issue, place=known.place, kind=known.kind, effective_at=at)]


def _heard(issue: Issue, known: IssueRaised, command: ConfirmResolution | DisputeResolution) -> None:
    """Only who raised it has the word; where nobody is on record, staff write down what a resident says or they saw."""
    entitled = ("staff", command.by) if known.raised_by is None else ("resident", known.raised_by)
    if (command.recorder, command.by) != entitled:
        raise NotTheResidentWhoRaisedIt
    if issue.nobodys and command.organisation in {made.owner for made in issue.commitments}:
        raise CheckedByItsOwner


def confirm_resolution(issue: Issue, command: ConfirmResolution, now: datetime) -> list[Event]:
    """It is done, says the resident, or who looked at the spot. Saying so again changes nothing."""
    known = _known(issue)
    _heard(issue, known, command)
    if issue.phase is IssuePhase.CONFIRMED:
        return []
    if issue.resolved_at is None:
        raise IssueNotResolved(known.issue)
    at = happened(command.effective_at, now, since=issue.resolved_at)
    return [ResolutionConfirmed(issue=known.issue, place=known.place, kind=known.kind, by=command.by, effective_at=at)]


def dispute_resolution(issue: Issue, command: DisputeResolution, now: datetime) -> list[Event]:
    """The resident says that it is not done, which opens it again. Saying so again changes nothing."""
    known = _known(issue)
    _heard(issue, known, command)
    if issue.phase is IssuePhase.DISPUTED:
        return []
    if issue.phase is IssuePhase.CONFIRMED:
        raise AlreadyConfirmed(known.issue)
    if issue.resolved_at is None:
        raise IssueNotResolved(known.issue)
    at = happened(command.effective_at, now, since=issue.resolved_at)
    return [
        ResolutionDisputed(
            issue=known.issue,
            place=known.place,
            kind=known.kind,
            by=command.by,
            reason=command.reason,
            effective_at=at,
        )
    ]


DECISIONS: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {
    RaiseIssue: raise_issue,
    ReleaseTitle: release_title,
    MakeCommitment: make_commitment,
    FulfilCommitment: fulfil_commitment,
    MissCommitment: miss_commitment,
    ResolveIssue: resolve_issue,
    ConfirmResolution: confirm_resolution,
    DisputeResolution: dispute_resolution,
}
"""The decision for each command."""
