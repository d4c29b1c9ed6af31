"""What was written about a case: opened for a purpose, and each opening is on record before it is shown.

Text opens only by a request that gives a ``purpose``. Who may read texts at all states one; the mediator of a dispute
that is not resolved yet may say ``task``, and the task gives it. What a resident opens, of an issue that they raised or
of a dispute that they are a party of, is always at the resident's request. Each such request is a reading of its own,
however soon after another: merging them would need a look at the past for every reading, and would hide how often
somebody looked.
"""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query

from contracts.common import Actor, Identifier, Instant, Place
from services.chassis.access import Permission, Principal, Scope, permit, place_filter, within
from services.chassis.decider import Decider
from services.chassis.http import (
    Asked,
    CommandAnswer,
    Context,
    Listed,
    Noun,
    Paging,
    Rule,
    View,
    reads,
    ruled_below,
)
from services.chassis.reading import paged, rows
from services.mediation.answers import Answer, HistoryAnswer, Row
from services.mediation.deciders import DISPUTE, ISSUE, OPENING, SESSION
from services.mediation.domain.opening import Kind, OpenCase
from services.mediation.examples import OPENING as OPENING_SHOWN
from services.mediation.examples import example
from services.mediation.histories import history, kept_from, readable
from services.mediation.permissions import READ_ACCESS_LOG, READ_DISPUTE_TEXT, READ_ISSUE_TEXT, READ_MINUTES
from services.mediation.sight import may_hold, may_read_dispute, may_work_on, own_dispute
from services.mediation.views.openings import listed, openings

router = APIRouter(tags=["records"])


class CaseOpenedAnswer(CommandAnswer):
    """All that happened, the oldest first, with what was written; the event has the reading on record."""

    history: list[HistoryAnswer]


async def _open(kind: Kind, decider: Decider[Any], rule: Rule, asked: Asked[Any]) -> CaseOpenedAnswer:
    """Writes the reading down, then opens; where it cannot be written, nothing is opened."""
    case, _ = await asked.service.handler.state(decider, asked.aggregate)
    rule(asked.caller, case)
    log = await asked.service.store.load(decider.stream(asked.aggregate))
    texts = readable(log, lambda past: not kept_from(past, asked.principal))
    own = asked.caller.scope is Scope.SUBJECT
    command = OpenCase(
        kind=kind,
        case=asked.aggregate,
        place=case.place,
        purpose="resident-request" if own else asked.body.purpose,
        own_task=own or (kind == "dispute" and own_dispute(asked.caller, case)),
        fields=tuple(dict.fromkeys(text.field for text in texts.values())),
    )
    handled = await asked.call.handle(OPENING, f"{kind}-{asked.aggregate}", command, asked.principal)
    shown = await asked.service.vault.open_many([text.sealed for text in texts.values()])
    told = history(log, dict(zip(texts, shown, strict=True)))
    return asked.call.answer_as(CaseOpenedAnswer, handled, id=asked.aggregate, history=told)


def _opens(kind: Kind, decider: Decider[Any], permission: Permission, rule: Rule, more: str = "") -> None:
    """Declares the reading of one kind of case; ``rule`` looks at its state."""
    Noun(OPENING, f"/{kind}s/{{{kind}}}", router, ruled_below).command(
        OpenCase,
        "openings",
        permission,
        summary=f"Open what was written about {'an' if kind == 'issue' else 'a'} {kind}",
        describes="Put on record who reads what was written and why, then show it with all that happened, the oldest "
        f"first.{more} Each request is a reading of its own; where nothing was written, none is.",
        given=("kind", "case", "place", "own_task", "fields"),
        example={"purpose": "follow-up"},
        answer=CaseOpenedAnswer,
        repeatable=False,
    ).answered(partial(_open, kind, decider, rule))


_opens(
    "dispute",
    DISPUTE,
    READ_DISPUTE_TEXT,
    may_read_dispute,
    " ``task``: you mediate it. Minutes are never opened for a party from whom they are sealed.",
)
_opens("issue", ISSUE, READ_ISSUE_TEXT, may_work_on)
_opens("session", SESSION, READ_MINUTES, may_hold)


class OpeningAnswer(Answer):
    """One reading of what was written about a case: who, which, why, what.

    Attributes:
        own_task: the reader mediated it, was a party of it, or had raised it. fields: what was shown.
    """

    model_config = example(OPENING_SHOWN)
    id: int
    at: datetime
    kind: str
    case: str
    place: str
    purpose: str
    own_task: bool
    fields: list[str]
    actor: Actor


def opening(row: Row) -> OpeningAnswer:
    """A line of the access log from a row of ``views.openings``."""
    return OpeningAnswer(
        **{name: row[name] for name in ("kind", "case", "place", "purpose", "own_task", "fields")},
        id=row["position"],
        at=row["effective_at"],
        actor=Actor(role=row["actor_role"], id=row["actor_id"]),
    )


@router.get("/access-log", summary="Read the access log")
async def access_log(
    *,
    context: Context,
    principal: Annotated[Principal, permit(READ_ACCESS_LOG)],
    page: Paging,
    view: Annotated[View, reads("openings")],
    kind: Kind | None = None,
    case: Identifier | None = None,
    place: Place | None = None,
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
) -> Listed[OpeningAnswer]:
    """Who read what was written about cases in the caller's places, which and why; the latest first."""
    which = place_filter(openings.c.place, principal)
    if kind is not None:
        which &= openings.c.kind == kind
    if case is not None:
        which &= openings.c.case == case
    if place is not None:
        which &= within(openings.c.place, (place,))
    if since is not None:
        which &= openings.c.effective_at >= since
    if until is not None:
        which &= openings.c.effective_at < until
    query = paged(listed(which), ["position"], page.after(int), page.limit, descending=True)
    found = await rows(context.database.engine, query)
    return view.listed([opening(row) for row in found], page, key=lambda item: (item.id,))
