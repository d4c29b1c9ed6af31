"""Erasing what was written about disputes, issues and sessions, for a ground that goes on record."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Query
from fastapi import Path as PathParameter

from contracts.common import ErasureGround, Identifier
from services.chassis.access import Principal, permit
from services.chassis.decider import Decider
from services.chassis.http import Command, CommandAnswer, Context
from services.chassis.vault import case_key
from services.mediation.deciders import DISPUTE, ERASURE, ISSUE, SESSION
from services.mediation.domain.erasure import EraseText
from services.mediation.domain.opening import Kind
from services.mediation.domain.refusals import DisputeUnknown, IssueUnknown, SessionUnknown
from services.mediation.permissions import ERASE_TEXT

router = APIRouter(tags=["records"])
Ground = Annotated[ErasureGround, Query(description="Why; it goes on record.", examples=["retention-ended"])]
CaseId = Annotated[Identifier, PathParameter(examples=["0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e"])]


class _Written(NamedTuple):
    """About what was written. begun: the event that a case of this kind begins with. unknown: refuses one without."""

    kind: Kind
    decider: Decider[Any]
    begun: Callable[[Any], Any]
    unknown: type[Exception]


ABOUT: Mapping[str, _Written] = {
    "disputes": _Written("dispute", DISPUTE, lambda dispute: dispute.log, DisputeUnknown),
    "issues": _Written("issue", ISSUE, lambda issue: issue.raised, IssueUnknown),
    "sessions": _Written("session", SESSION, lambda session: session.announced, SessionUnknown),
}


@router.delete("/{about}/{case}/text", status_code=201, summary="Erase what was written about a case")
async def erase(
    about: Literal["disputes", "issues", "sessions"],
    case: CaseId,
    ground: Ground,
    context: Context,
    call: Command,
    principal: Annotated[Principal, permit(ERASE_TEXT)],
) -> CommandAnswer:
    """Destroy the key of its summary, description, minutes, terms and reasons: they can be read no more, anywhere."""
    written = ABOUT[about]
    state, _ = await context.handler.state(written.decider, case)
    begun = written.begun(state)
    if begun is None:
        raise written.unknown
    principal.require(begun.place)
    command = EraseText(kind=written.kind, case=case, place=begun.place, ground=ground)
    answer = await call.apply(ERASURE, f"{written.kind}-{case}", command, principal, id=case)
    # the policy does it as well, should this process die here
    await context.vault.erase(case_key(case))
    return answer
