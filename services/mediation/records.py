"""What was written about a case: opened for a purpose, and each opening is on record before it is shown.

Text opens only for a request that gives a ``purpose``. Who may read texts at all states one; the mediator of a dispute
that is not resolved yet may say ``task``, and the task gives it. What a resident opens, of an issue that they raised or
of a dispute that they are a party of, is always at the resident's request. Each such request is a reading of its own,
however soon after another: merging them would need a look at the past for every reading, and would hide how often
somebody looked.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query

from contracts.common import Actor, Identifier, Instant, Place, Role
from services.chassis.access import Principal, permit, place_filter, within
from services.chassis.handler import CommandContext
from services.chassis.http import Context, Listed, Paging, View, reads
from services.chassis.reading import paged, rows
from services.mediation.answers import Answer, Row
from services.mediation.deciders import OPENING
from services.mediation.domain.opening import Asked, Kind, OpenCase
from services.mediation.examples import OPENING as OPENING_SHOWN
from services.mediation.examples import example
from services.mediation.histories import Text
from services.mediation.permissions import READ_ACCESS_LOG
from services.mediation.sight import mediates
from services.mediation.views.openings import listed, openings

ASK = "What was written is left out: ask with ?purpose=… to open it; the reading goes on record."
router = APIRouter(tags=["records"])
Purpose = Annotated[
    Asked | None,
    Query(
        description="Why what was written is opened; `task`: you mediate it. Left out: nothing is opened.",
        examples=["mediation"],
    ),
]


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


class Case(NamedTuple):
    """What is read: of which kind, its id, where; ``own``: it is the reader's own to mediate, or about them."""

    kind: Kind
    id: str
    place: str
    own: bool = False


class Opened(NamedTuple):
    """What a reading shows, by version of the event.

    Attributes:
        event: where the reading stands on record. ask: how to have text opened that nobody has asked for.
    """

    texts: Mapping[int, str | None] = {}
    event: str | None = None
    ask: str | None = None


def own_dispute(row: Row, principal: Principal) -> bool:
    """Whether a dispute is the caller's own: they mediate it and it is not resolved, or they are a party of it."""
    if principal.role is Role.RESIDENT:
        return True
    return mediates(principal, row)


async def opened(
    case: Case, texts: Mapping[int, Text], purpose: Asked | None, principal: Principal, context: Context, sender: str
) -> Opened:
    """Writes the reading down, then opens; where it cannot be written, nothing is opened.

    Args:
        case: what the caller may read. texts: what of it may be opened. sender: the request's correlation id.

    Raises:
        NotYourTask: the task is not theirs.
    """
    if purpose is None or not texts:
        return Opened(ask=ASK if texts else None)
    command = OpenCase(
        kind=case.kind,
        case=case.id,
        place=case.place,
        purpose="resident-request" if principal.role is Role.RESIDENT else purpose,
        own_task=case.own,
        fields=tuple(dict.fromkeys(text.field for text in texts.values())),
    )
    # no idempotency key: a second reading is a second opening, whatever the sender says
    reader = CommandContext(principal.actor, correlation_id=sender)
    handled = await context.handler.handle(OPENING, f"{case.kind}-{case.id}", command, reader)
    shown = await context.vault.open_many([text.sealed for text in texts.values()])
    return Opened(dict(zip(texts, shown, strict=True)), handled.events[-1][0])


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
