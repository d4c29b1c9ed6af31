"""Questions about mediation: parse, ask the docket, answer."""

from datetime import UTC, date, datetime, time
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query
from fastapi import Path as PathParameter

from contracts.common import Identifier, Place
from contracts.mediation import IssueKind, Party
from services.chassis import reading
from services.chassis.access import OutsideScope, Principal, Scope, permit
from services.chassis.eventstore.types import Recorded
from services.chassis.http import Context, Listed, NotFound, Paging, View, reads
from services.chassis.service import ServiceContext
from services.chassis.zones import local_day, zone_of
from services.mediation import answers
from services.mediation.answers import (
    DisputeAnswer,
    DisputeStateAnswer,
    FloorAnswer,
    IssueAnswer,
    IssueStateAnswer,
    OwedPromiseAnswer,
    OwnerAnswer,
    RatesAnswer,
    SessionAnswer,
    SessionStateAnswer,
)
from services.mediation.deciders import DISPUTE, ISSUE, SESSION
from services.mediation.examples import RATES, example
from services.mediation.histories import history, kept_from, readable
from services.mediation.permissions import (
    READ_DISPUTE_TEXT,
    READ_DISPUTES,
    READ_ISSUE_TEXT,
    READ_ISSUES,
    READ_MINUTES,
    READ_SESSIONS,
)
from services.mediation.questions import DisputeQuery, IssueQuery, PromiseQuery, SessionQuery
from services.mediation.sight import (
    disputes_mediated,
    disputes_seen,
    issues_seen,
    promises_seen,
    require_readable,
    sessions_seen,
)
from services.mediation.views import disputes, issues, meetings, promises

router = APIRouter()
DisputeId = Annotated[Identifier, PathParameter(examples=["0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e"])]
IssueId = DisputeId
SessionId = DisputeId
Item = TypeVar("Item")
Seen = Annotated[View, reads("docket")]
DisputeReader = Annotated[Principal, permit(READ_DISPUTES)]
IssueReader = Annotated[Principal, permit(READ_ISSUES)]
SessionReader = Annotated[Principal, permit(READ_SESSIONS)]


class IssuesListed(Listed[IssueAnswer]):
    """A page of issues, and the rates over all that match."""

    rates: RatesAnswer


class RatesNow(RatesAnswer):
    """The two rates, and how far they have read."""

    model_config = example(RATES, {"as_of": "2024-06-30T04:00:00Z", "position": {"mediation": 1234}})
    as_of: datetime
    position: dict[str, int]


@router.get("/disputes", tags=["disputes"], summary="List disputes")
async def list_disputes(
    wanted: Annotated[DisputeQuery, Query()], context: Context, page: Paging, view: Seen, principal: DisputeReader
) -> Listed[DisputeAnswer]:
    """Disputes, the latest first."""
    seen = disputes_seen(principal)
    if wanted.mine:
        seen &= disputes_mediated(principal)
    query = disputes.listed(disputes.WantedDisputes(**wanted.model_dump(exclude={"mine"})), seen)
    wanted_page = reading.paged(query, disputes.KEY, page.after(datetime, str), page.limit, descending=True)
    rows = await reading.rows(context.database.engine, wanted_page)
    return view.listed([answers.dispute(row) for row in rows], page, key=lambda found: (found.logged_at, found.id))


@router.get("/disputes/{dispute}", tags=["disputes"], summary="Read a dispute")
async def one_dispute(dispute: DisputeId, context: Context, view: Seen, principal: DisputeReader) -> DisputeStateAnswer:
    """A dispute with all that happened; what was written opens by a command of its own, which goes on record."""
    row = await reading.row(context.database.engine, disputes.one(dispute))
    if row is None:
        raise NotFound("dispute", "Check its id, or log it first.")
    require_readable(principal, row)
    view.version(row["version"])
    log = await _log(context, DISPUTE.stream(dispute), row["version"])
    reads_text = principal.role in READ_DISPUTE_TEXT.roles
    ask = answers.ask(readable(log, lambda past: reads_text and not kept_from(past, principal)))
    return answers.dispute_state(row, await _parties(context, dispute, principal), history(log, {}), ask)


async def _parties(context: ServiceContext, dispute: str, principal: Principal) -> list[Party]:
    """The parties, for who may know; where a party lives is not for the other."""
    if principal.role not in READ_DISPUTE_TEXT.roles:
        return []
    state, _ = await context.handler.state(DISPUTE, dispute)
    parties = state.log.parties if state.log else ()
    if READ_DISPUTES.scope(principal.role) is Scope.SUBJECT:
        return [Party(subject=party.subject) for party in parties]
    return list(parties)


@router.get("/issues", tags=["issues"], summary="List issues with both rates")
async def list_issues(
    wanted: Annotated[IssueQuery, Query()], context: Context, page: Paging, view: Seen, principal: IssueReader
) -> IssuesListed:
    """Issues, the latest first, and both rates over all that match."""
    engine, which, seen = context.database.engine, issues.WantedIssues(**wanted.model_dump()), issues_seen(principal)
    query = issues.listed(which, seen)
    rows = await reading.rows(
        engine, reading.paged(query, issues.KEY, page.after(datetime, str), page.limit, descending=True)
    )
    counts, *_ = await reading.rows(engine, issues.rates(which, seen, view.as_of))
    told = await _issues(context, rows, view.as_of)
    listed = view.listed(told, page, key=lambda found: (found.raised_at, found.id))
    return IssuesListed(**dict(listed), rates=answers.rates(counts))


async def _issues(context: ServiceContext, rows: list[reading.Row], now: datetime) -> list[IssueAnswer]:
    made, ahead = await _about(context, [row["issue"] for row in rows], now)
    return [answers.issue(row, made, ahead.get(row["issue"]), _today(row, now)) for row in rows]


def _today(row: reading.Row, now: datetime) -> date:
    return local_day(now, zone_of(row["place"]))


async def _about(
    context: ServiceContext, of: list[str], now: datetime
) -> tuple[list[reading.Row], dict[str, reading.Row]]:
    """What was promised about these issues, and when each is talked about next."""
    if not of:
        return [], {}
    made = await reading.rows(context.database.engine, issues.promises(of))
    ahead = await reading.rows(context.database.engine, issues.next_sessions(of, now))
    return made, {row["issue"]: row for row in ahead}


@router.get("/issues/{issue}", tags=["issues"], summary="Read an issue")
async def one_issue(issue: IssueId, context: Context, view: Seen, principal: IssueReader) -> IssueStateAnswer:
    """An issue with all that happened; what was written opens by a command of its own, which goes on record."""
    row = await _seen_issue(context, issue, principal)
    view.version(row["version"])
    reads_text = principal.role in READ_ISSUE_TEXT.roles
    log = await _log(context, ISSUE.stream(issue), row["version"])
    ask = answers.ask(readable(log, lambda _: reads_text))
    made, ahead = await _about(context, [issue], view.as_of)
    told = {**row, "raised_by": row["raised_by"] if reads_text else None}
    return answers.issue_state(told, made, ahead.get(issue), _today(row, view.as_of), history(log, {}), ask)


async def _seen_issue(context: ServiceContext, issue: str, principal: Principal) -> reading.Row:
    row = await reading.row(context.database.engine, issues.one(issue))
    if row is None:
        raise NotFound("issue", "Check its id, or raise it first.")
    if await reading.row(context.database.engine, issues.one(issue).where(issues_seen(principal))) is None:
        raise OutsideScope
    return row


@router.get("/rates", tags=["issues"], summary="Read both rates")
async def rates(
    context: Context,
    view: Seen,
    principal: IssueReader,
    kind: IssueKind | None = None,
    place: Place | None = None,
) -> RatesNow:
    """Called done, and confirmed by the resident: two rates that are never one."""
    wanted = issues.WantedIssues(kind=kind, place=place)
    counts, *_ = await reading.rows(context.database.engine, issues.rates(wanted, issues_seen(principal), view.as_of))
    return RatesNow(**dict(answers.rates(counts)), as_of=view.as_of, position=view.position)


@router.get("/commitments", tags=["issues"], summary="List commitments")
async def list_commitments(
    wanted: Annotated[PromiseQuery, Query()], context: Context, page: Paging, view: Seen, principal: IssueReader
) -> Listed[OwedPromiseAnswer]:
    """Who owes what by when, in the order of the due days."""
    query = promises.listed(promises.WantedPromises(view.as_of, **wanted.model_dump()), promises_seen(principal))
    rows = await reading.rows(context.database.engine, reading.paged(query, promises.KEY, _due(page), page.limit))
    told = [answers.owed_promise(row, _today(row, view.as_of)) for row in rows]
    return view.listed(told, page, key=lambda made: (datetime.combine(made.due_on, time(), UTC), made.issue, made.id))


def _due(page: Paging) -> tuple[date, str, str] | None:
    after = page.after(datetime, str, str)
    return None if after is None else (after[0].date(), after[1], after[2])


@router.get("/owed", tags=["issues"], summary="Who owes what")
async def owed(
    context: Context,
    view: Seen,
    principal: IssueReader,
    kind: IssueKind | None = None,
    place: Place | None = None,
) -> Listed[OwnerAnswer]:
    """For each organisation, what it owes and what of that is late."""
    query = promises.owed(place, kind, promises_seen(principal), view.as_of)
    rows = await reading.rows(context.database.engine, query)
    return _whole(view, [OwnerAnswer(**row) for row in rows])


@router.get("/problem-map", tags=["issues"], summary="Read the problem map")
async def problem_map(
    context: Context,
    view: Seen,
    principal: IssueReader,
    place: Place | None = None,
    building: Identifier | None = None,
) -> Listed[FloorAnswer]:
    """Pain points by building and floor, from the top."""
    rows = await reading.rows(context.database.engine, issues.problem_map(place, building, issues_seen(principal)))
    return _whole(view, answers.problem_map(rows))


@router.get("/sessions", tags=["sessions"], summary="List sessions")
async def list_sessions(
    wanted: Annotated[SessionQuery, Query()], context: Context, page: Paging, view: Seen, principal: SessionReader
) -> Listed[SessionAnswer]:
    """Teahouses and coordination meetings: the latest first, those ahead the soonest first."""
    query = meetings.listed(meetings.WantedSessions(view.as_of, **wanted.model_dump()), sessions_seen(principal))
    after, descending = page.after(datetime, str), wanted.state != "upcoming"
    rows = await reading.rows(
        context.database.engine, reading.paged(query, meetings.KEY, after, page.limit, descending=descending)
    )
    return view.listed([answers.session(row) for row in rows], page, key=lambda found: (found.starts_at, found.id))


@router.get("/sessions/{session}", tags=["sessions"], summary="Read a session")
async def one_session(session: SessionId, context: Context, view: Seen, principal: SessionReader) -> SessionStateAnswer:
    """A session, what it talks about, and all that happened; minutes open by a command of its own, on record."""
    engine = context.database.engine
    row = await reading.row(engine, meetings.one(session))
    if row is None:
        raise NotFound("session", "Check its id, or announce it first.")
    if await reading.row(engine, meetings.one(session).where(sessions_seen(principal))) is None:
        raise OutsideScope
    view.version(row["version"])
    items = await reading.rows(engine, meetings.agenda(row["agenda"]))
    log = await _log(context, SESSION.stream(session), row["version"])
    ask = answers.ask(readable(log, lambda _: principal.role in READ_MINUTES.roles))
    return answers.session_state(row, items, history(log, {}), ask)


def _whole(view: View, items: list[Item]) -> Listed[Item]:
    """A list that needs no pages."""
    return Listed(items=items, as_of=view.as_of, position=view.position)


async def _log(context: ServiceContext, stream: str, version: int) -> list[Recorded]:
    """The events of a stream as far as the docket has read them."""
    return [past for past in await context.store.load(stream) if past.version <= version]
