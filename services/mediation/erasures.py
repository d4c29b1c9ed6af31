"""Erasing what was written about disputes, issues and sessions, for a ground that goes on record."""

from typing import Annotated

from fastapi import APIRouter, Query

from contracts.common import ErasureGround
from services.chassis.access import Principal, permit
from services.chassis.http import Command, CommandAnswer, Context
from services.chassis.service import ServiceContext
from services.chassis.vault import case_key
from services.mediation.api import DisputeId, IssueId, SessionId
from services.mediation.deciders import DISPUTE, ERASURE, ISSUE, SESSION
from services.mediation.domain.erasure import EraseText
from services.mediation.permissions import ERASE_TEXT
from services.mediation.sight import require_dispute, require_issue, require_session

router = APIRouter(tags=["records"])
Erasing = Annotated[Principal, permit(ERASE_TEXT)]
Ground = Annotated[ErasureGround, Query(description="Why; it goes on record.", examples=["retention-ended"])]


@router.delete("/disputes/{dispute}/text", status_code=201, summary="Erase what was written about a dispute")
async def erase_dispute(
    dispute: DisputeId, ground: Ground, context: Context, call: Command, principal: Erasing
) -> CommandAnswer:
    """Destroy the key of its summary, minutes, terms and reasons: they can be read no more, anywhere."""
    state, _ = await context.handler.state(DISPUTE, dispute)
    require_dispute(principal, state)
    place = state.log.place if state.log else ""
    return await _erase(EraseText(kind="dispute", case=dispute, place=place, ground=ground), context, call, principal)


@router.delete("/issues/{issue}/text", status_code=201, summary="Erase what was written about an issue")
async def erase_issue(
    issue: IssueId, ground: Ground, context: Context, call: Command, principal: Erasing
) -> CommandAnswer:
    """Destroy the key of its description and reasons: they can be read no more, anywhere."""
    state, _ = await context.handler.state(ISSUE, issue)
    require_issue(ERASE_TEXT, principal, state)
    place = state.raised.place if state.raised else ""
    return await _erase(EraseText(kind="issue", case=issue, place=place, ground=ground), context, call, principal)


@router.delete("/sessions/{session}/text", status_code=201, summary="Erase the minutes of a session")
async def erase_session(
    session: SessionId, ground: Ground, context: Context, call: Command, principal: Erasing
) -> CommandAnswer:
    """Destroy the key of its minutes: they can be read no more, anywhere."""
    state, _ = await context.handler.state(SESSION, session)
    require_session(principal, state)
    place = state.announced.place if state.announced else ""
    return await _erase(EraseText(kind="session", case=session, place=place, ground=ground), context, call, principal)


async def _erase(command: EraseText, context: ServiceContext, call: Command, principal: Principal) -> CommandAnswer:
    stream = f"{command.kind}-{command.case}"
    answer = await call.apply(ERASURE, stream, command, principal, id=command.case)
    # the policy does it as well, should this process die here
    await context.vault.erase(case_key(command.case))
    return answer
