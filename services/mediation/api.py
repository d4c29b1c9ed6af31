"""Commands of mediation: parse, call, return."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as PathParameter

from contracts.common import Identifier, Sealed
from contracts.mediation import WITHHELD, CommitmentMade
from services.chassis.access import Principal, Scope, permit, require_own, require_recent
from services.chassis.handler import Handled
from services.chassis.http import Command, CommandAnswer, Context
from services.chassis.service import ServiceContext
from services.chassis.vault import case_key
from services.chassis.zones import zone_of
from services.mediation.bodies import (
    AgendaBody,
    AgreementBody,
    AttendanceBody,
    ClosingBody,
    CommitmentBody,
    ConfirmationBody,
    DisputeBody,
    DoneBody,
    EndBody,
    FulfilmentBody,
    HeldSessionBody,
    IssueBody,
    MediatorBody,
    ObjectionBody,
    ReopeningBody,
    SessionBody,
    TitleBody,
)
from services.mediation.deciders import DISPUTE, ISSUE, SESSION
from services.mediation.domain.dispute_commands import (
    AssignMediator,
    HoldSession,
    LogDispute,
    ReachAgreement,
    ReopenDispute,
    ResolveDispute,
)
from services.mediation.domain.issue import Issue
from services.mediation.domain.issue_commands import (
    ConfirmResolution,
    DisputeResolution,
    FulfilCommitment,
    MakeCommitment,
    RaiseIssue,
    Recorder,
    ReleaseTitle,
    ResolveIssue,
)
from services.mediation.domain.refusals import BuildingElsewhere, CommitmentUnknown, DisputeUnknown, WordOfNobody
from services.mediation.domain.session_commands import AnnounceSession, CloseSession, PlaceItem, RecordAttendance
from services.mediation.permissions import (
    ANSWER,
    ASSIGN_MEDIATOR,
    COMMIT,
    FULFIL,
    HOLD_SESSION,
    LOG_DISPUTE,
    MEDIATE,
    RAISE_ISSUE,
    RELEASE_TITLE,
    RESOLVE_ISSUE,
)
from services.mediation.sight import require_dispute, require_issue, require_mediated, require_session

disputes = APIRouter(prefix="/disputes", tags=["disputes"])
issues = APIRouter(prefix="/issues", tags=["issues"])
sessions = APIRouter(prefix="/sessions", tags=["sessions"])
DisputeId = Annotated[Identifier, PathParameter(examples=["0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e"])]
IssueId = Annotated[Identifier, PathParameter(examples=["0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e"])]
SessionId = Annotated[Identifier, PathParameter(examples=["0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e"])]
CommitmentId = Annotated[Identifier, PathParameter(examples=["0190a7c2-9a10-7c55-9d0e-0b1c2d3e4f50"])]
Mediating = Annotated[Principal, permit(MEDIATE)]
Answering = Annotated[Principal, permit(ANSWER)]
Holding = Annotated[Principal, permit(HOLD_SESSION)]


@disputes.post("", status_code=201, summary="Log a dispute")
async def log_dispute(
    body: DisputeBody, context: Context, call: Command, principal: Annotated[Principal, permit(LOG_DISPUTE)]
) -> CommandAnswer:
    """Write a dispute down."""
    principal.require(body.place)
    dispute = body.dispute or str(context.new_id())
    told = dict(body) | {"dispute": dispute, "summary": await _sealed(context, dispute, body.summary)}
    handled = await call.handle(DISPUTE, dispute, LogDispute(**told), principal)
    # a repeat without an id of its own has another one made here; what counts is the first
    return call.answer(handled, id=handled.stream.removeprefix("dispute-"))


@disputes.post("/{dispute}/mediator", status_code=201, summary="Assign a mediator")
async def assign_mediator(
    dispute: DisputeId,
    body: MediatorBody,
    call: Command,
    principal: Annotated[Principal, permit(ASSIGN_MEDIATOR)],
) -> CommandAnswer:
    """Give the case to a neutral person: not a party, nor of a party's household."""
    own = principal.subject if body.mediator == principal.id else None
    command = AssignMediator(mediator=body.mediator, subject=body.subject or own, household=body.household)
    return await call.apply(DISPUTE, dispute, command, principal, allowed=partial(require_dispute, principal))


@disputes.post("/{dispute}/sessions", status_code=201, summary="Hold a session with the parties")
async def hold_session(
    dispute: DisputeId, body: HeldSessionBody, context: Context, call: Command, principal: Mediating
) -> CommandAnswer:
    """Record a session; minutes of a private one are sealed from the parties who were not there."""
    await _logged(context, dispute)
    told = dict(body) | {"minutes": await _sealed(context, dispute, body.minutes)}
    return await call.apply(
        DISPUTE, dispute, HoldSession(**told), principal, allowed=partial(require_mediated, principal)
    )


@disputes.post("/{dispute}/agreement", status_code=201, summary="Record an agreement")
async def reach_agreement(
    dispute: DisputeId, body: AgreementBody, context: Context, call: Command, principal: Mediating
) -> CommandAnswer:
    """Record what the parties agreed on."""
    await _logged(context, dispute)
    told = dict(body) | {"terms": await _sealed(context, dispute, body.terms)}
    return await call.apply(
        DISPUTE, dispute, ReachAgreement(**told), principal, allowed=partial(require_mediated, principal)
    )


@disputes.post("/{dispute}/resolution", status_code=201, summary="Resolve a dispute")
async def resolve_dispute(dispute: DisputeId, body: EndBody, call: Command, principal: Mediating) -> CommandAnswer:
    """Say that the dispute is over, and how."""
    return await call.apply(
        DISPUTE, dispute, ResolveDispute(**dict(body)), principal, allowed=partial(require_mediated, principal)
    )


@disputes.post("/{dispute}/reopening", status_code=201, summary="Reopen a dispute")
async def reopen_dispute(
    dispute: DisputeId, body: ReopeningBody, context: Context, call: Command, principal: Mediating
) -> CommandAnswer:
    """Say that it was not over."""
    state, _ = await context.handler.state(DISPUTE, dispute)
    require_dispute(principal, state)
    command = ReopenDispute(reason=await _sealed(context, dispute, body.reason))
    return await call.apply(DISPUTE, dispute, command, principal)


async def _logged(context: ServiceContext, dispute: str) -> None:
    """Lets a dispute pass that was logged, before anything is sealed under its key."""
    state, _ = await context.handler.state(DISPUTE, dispute)
    if state.log is None:
        raise DisputeUnknown


@issues.post("", status_code=201, summary="Raise an issue")
async def raise_issue(
    body: IssueBody, context: Context, call: Command, principal: Annotated[Principal, permit(RAISE_ISSUE)]
) -> CommandAnswer:
    """Raise an item for the teahouse, or a pain point of a building; a resident's title waits for its release."""
    own = RAISE_ISSUE.scope(principal.role) is Scope.SUBJECT
    if own:
        require_own(principal, body.place, body.issue, "/issue")
        require_recent(body.effective_at, context.clock.now(), "/effective_at")
    else:
        principal.require(body.place)
    if body.building is not None and body.building not in body.place.split("/"):
        raise BuildingElsewhere(body.building, body.place)
    issue = body.issue or str(context.new_id())
    # residents name people: their title is sealed with the rest until the desk has read it
    text = "\n".join(filter(None, [body.title, body.description])) if own else body.description
    told = dict(body) | {
        "issue": issue,
        "title": WITHHELD if own else body.title,
        "title_withheld": own,
        "raised_by": principal.subject if own else body.raised_by,
        "description": await _sealed(context, issue, text),
    }
    handled = await call.handle(ISSUE, issue, RaiseIssue(**told), principal)
    return call.answer(handled, id=handled.stream.removeprefix("issue-"))


@issues.post("/{issue}/title", status_code=201, summary="Release the title of a resident's item")
async def release_title(
    issue: IssueId, body: TitleBody, call: Command, principal: Annotated[Principal, permit(RELEASE_TITLE)]
) -> CommandAnswer:
    """Give an item its public title, once you have read what the resident wrote; it names nobody."""
    allowed = partial(require_issue, RELEASE_TITLE, principal)
    return await call.apply(ISSUE, issue, ReleaseTitle(title=body.title), principal, allowed=allowed)


@issues.post("/{issue}/commitments", status_code=201, summary="Promise something")
async def make_commitment(
    issue: IssueId,
    body: CommitmentBody,
    context: Context,
    call: Command,
    principal: Annotated[Principal, permit(COMMIT)],
) -> CommandAnswer:
    """Promise something by a day; a partner for its own organisation, where it has promised something before."""
    state, _ = await context.handler.state(ISSUE, issue)
    require_issue(COMMIT, principal, state)
    if COMMIT.scope(principal.role) is Scope.ORGANISATION:
        principal.require_organisation(body.owner)
    told = dict(body) | {"commitment": body.commitment or str(context.new_id())}
    handled = await call.handle(ISSUE, issue, MakeCommitment(**told, zone=_zone(state)), principal)
    return call.answer(handled, id=await _promise_made(context, handled, told["commitment"]))


def _zone(issue: Issue) -> str:
    return zone_of(issue.raised.place if issue.raised else None)


async def _promise_made(context: ServiceContext, handled: Handled, made_here: str) -> str:
    """The id of the commitment; a repeat without an id of its own is answered with the first's."""
    if not handled.repeated:
        return made_here
    events = {event for event, _ in handled.events}
    log = await context.store.load(handled.stream)
    promises = [past.event for past in log if str(past.id) in events]
    return next((made.commitment for made in promises if isinstance(made, CommitmentMade)), made_here)


@issues.post("/{issue}/commitments/{commitment}/fulfilment", status_code=201, summary="Keep a promise")
async def fulfil_commitment(
    issue: IssueId,
    commitment: CommitmentId,
    body: FulfilmentBody,
    context: Context,
    call: Command,
    principal: Annotated[Principal, permit(FULFIL)],
) -> CommandAnswer:
    """Say that what was promised is done."""
    state, _ = await context.handler.state(ISSUE, issue)
    require_issue(FULFIL, principal, state)
    made = state.commitment(commitment)
    if made is None:
        raise CommitmentUnknown(commitment)
    if FULFIL.scope(principal.role) is Scope.ORGANISATION:
        principal.require_organisation(made.owner)
    command = FulfilCommitment(commitment=commitment, effective_at=body.effective_at, zone=_zone(state))
    return await call.apply(ISSUE, issue, command, principal)


@issues.post("/{issue}/resolution", status_code=201, summary="Resolve an issue")
async def resolve_issue(
    issue: IssueId,
    body: DoneBody,
    context: Context,
    call: Command,
    principal: Annotated[Principal, permit(RESOLVE_ISSUE)],
) -> CommandAnswer:
    """Say that all that was promised is done; the resident has the word then."""
    state, _ = await context.handler.state(ISSUE, issue)
    require_issue(RESOLVE_ISSUE, principal, state)
    return await call.apply(ISSUE, issue, ResolveIssue(effective_at=body.effective_at), principal)


@issues.post("/{issue}/confirmation", status_code=201, summary="Confirm that it is resolved")
async def confirm_resolution(
    issue: IssueId, body: ConfirmationBody, context: Context, call: Command, principal: Answering
) -> CommandAnswer:
    """The resident says that it is done; of a pain point that no resident raised, who looked at the spot."""
    state, _ = await context.handler.state(ISSUE, issue)
    require_issue(ANSWER, principal, state)
    by, recorder = _word(body, principal, state)
    word = ConfirmResolution(by=by, recorder=recorder, organisation=principal.org, effective_at=body.effective_at)
    return await call.apply(ISSUE, issue, word, principal)


@issues.post("/{issue}/objection", status_code=201, summary="Say that it is not resolved")
async def dispute_resolution(
    issue: IssueId, body: ObjectionBody, context: Context, call: Command, principal: Answering
) -> CommandAnswer:
    """The resident says that it is not done, which opens it again."""
    state, _ = await context.handler.state(ISSUE, issue)
    require_issue(ANSWER, principal, state)
    by, recorder = _word(body, principal, state)
    told = {"reason": await _sealed(context, issue, body.reason), "effective_at": body.effective_at}
    word = DisputeResolution(by=by, recorder=recorder, organisation=principal.org, **told)
    return await call.apply(ISSUE, issue, word, principal)


def _word(body: ConfirmationBody, principal: Principal, issue: Issue) -> tuple[str, Recorder]:
    """Whose word it is, and who writes it down: residents speak for themselves, staff of what they saw at a spot."""
    if ANSWER.scope(principal.role) is Scope.SUBJECT:
        return principal.subject or "", "resident"
    if body.by is None:
        if issue.nobodys:
            return principal.identifier, "staff"
        raise WordOfNobody
    return body.by, "staff"


@sessions.post("", status_code=201, summary="Announce a session")
async def announce_session(body: SessionBody, context: Context, call: Command, principal: Holding) -> CommandAnswer:
    """Call a teahouse or a coordination meeting."""
    principal.require(body.place)
    session = body.session or str(context.new_id())
    command = AnnounceSession(**(dict(body) | {"session": session}))
    handled = await call.handle(SESSION, session, command, principal)
    return call.answer(handled, id=handled.stream.removeprefix("session-"))


@sessions.post("/{session}/agenda", status_code=201, summary="Place an item on the agenda")
async def place_item(
    session: SessionId, body: AgendaBody, context: Context, call: Command, principal: Holding
) -> CommandAnswer:
    """Put an issue on the agenda."""
    state, _ = await context.handler.state(SESSION, session)
    require_session(principal, state)
    about, _ = await context.handler.state(ISSUE, body.issue)
    require_issue(HOLD_SESSION, principal, about)
    return await call.apply(SESSION, session, PlaceItem(issue=body.issue), principal)


@sessions.post("/{session}/attendance", status_code=201, summary="Record who came")
async def record_attendance(
    session: SessionId, body: AttendanceBody, context: Context, call: Command, principal: Holding
) -> CommandAnswer:
    """Write down who came."""
    state, _ = await context.handler.state(SESSION, session)
    require_session(principal, state)
    return await call.apply(SESSION, session, RecordAttendance(**dict(body)), principal)


@sessions.post("/{session}/closing", status_code=201, summary="Close a session")
async def close_session(
    session: SessionId, body: ClosingBody, context: Context, call: Command, principal: Holding
) -> CommandAnswer:
    """End the meeting."""
    state, _ = await context.handler.state(SESSION, session)
    require_session(principal, state)
    told = dict(body) | {"minutes": await _sealed(context, session, body.minutes)}
    return await call.apply(SESSION, session, CloseSession(**told), principal)


async def _sealed(context: ServiceContext, case: str, text: str | None) -> Sealed | None:
    return None if text is None else await context.vault.seal(case_key(case), text)
