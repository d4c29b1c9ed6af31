"""What was written about an incident: opened for a purpose, and each opening is on record before it is shown.

Text opens only for a request that gives a ``purpose``. Who may read texts at all states one; the officer who was sent
to an incident that is not resolved yet may say ``task``, and the task gives it. What a resident opens of their own is
always at the resident's request. Each such request is a reading of its own, however soon after another: merging them
would need a look at the past for every reading, and would hide how often somebody looked.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query

from contracts.common import Identifier, Instant, Place, Sealed
from contracts.incidents import IncidentReopened, IncidentReported, IncidentResolved
from services.chassis.access import Principal, Scope, permit, place_filter, within
from services.chassis.eventstore.types import Recorded
from services.chassis.handler import CommandContext
from services.chassis.http import Context, Listed, Paging, View, reads
from services.chassis.reading import Row, paged, rows
from services.incidents.answers import ASK, OpeningAnswer, opening
from services.incidents.deciders import OPENING
from services.incidents.domain.opening import Asked, OpenCase, Written
from services.incidents.permissions import READ, READ_ACCESS_LOG, READ_TEXT
from services.incidents.sight import sent
from services.incidents.views.openings import listed, openings

router = APIRouter(tags=["records"])
Purpose = Annotated[
    Asked | None,
    Query(
        description="Why what was written is opened; `task`: you were sent there. Left out: nothing is opened.",
        examples=["response"],
    ),
]


class Text(NamedTuple):
    """What somebody wrote, sealed: in which field, and the seal."""

    field: Written
    sealed: Sealed


class Opened(NamedTuple):
    """What a reading shows, by version of the event.

    Attributes:
        event: where the reading stands on record. ask: how to have text opened that nobody has asked for.
    """

    texts: Mapping[int, str | None] = {}
    event: str | None = None
    ask: str | None = None


def readable(log: Sequence[Recorded], principal: Principal) -> dict[int, Text]:
    """What may be opened for the caller, by version."""
    if principal.role not in READ_TEXT.roles:
        return {}
    return {past.version: text for past in log if (text := written(past)) is not None}


def written(past: Recorded) -> Text | None:
    """What somebody wrote with an event."""
    match past.event:
        case IncidentReported(description=Sealed() as text):
            return Text("description", text)
        case IncidentResolved(note=Sealed() as text):
            return Text("note", text)
        case IncidentReopened(reason=Sealed() as text):
            return Text("reason", text)
        case _:
            return None


def own_task(row: Row, principal: Principal) -> bool:
    """Whether the incident is the caller's own: they were sent there and it is not resolved, or they reported it."""
    if READ.scope(principal.role) is Scope.SUBJECT:
        return True
    return sent(principal, row)


async def opened(
    row: Row, texts: Mapping[int, Text], purpose: Asked | None, principal: Principal, context: Context, sender: str
) -> Opened:
    """Writes the reading down, then opens; where it cannot be written, nothing is opened.

    Args:
        row: the incident, which the caller may read. texts: what may be opened. sender: the request's correlation id.

    Raises:
        NotYourTask: the task is not theirs.
    """
    if purpose is None or not texts:
        return Opened(ask=ASK if texts else None)
    command = OpenCase(
        incident=row["incident"],
        place=row["place"],
        purpose="resident-request" if READ.scope(principal.role) is Scope.SUBJECT else purpose,
        own_task=own_task(row, principal),
        fields=tuple(dict.fromkeys(text.field for text in texts.values())),
    )
    # no idempotency key: a second reading is a second opening, whatever the sender says
    reader = CommandContext(principal.actor, correlation_id=sender)
    handled = await context.handler.handle(OPENING, row["incident"], command, reader)
    shown = await context.vault.open_many([text.sealed for text in texts.values()])
    return Opened(dict(zip(texts, shown, strict=True)), handled.events[-1][0])


@router.get("/access-log", summary="Read the access log")
async def access_log(
    context: Context,
    principal: Annotated[Principal, permit(READ_ACCESS_LOG)],
    page: Paging,
    view: Annotated[View, reads("openings")],
    incident: Identifier | None = None,
    place: Place | None = None,
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
) -> Listed[OpeningAnswer]:
    """Who read what was written about incidents in the caller's places, which and why; the latest first."""
    which = place_filter(openings.c.place, principal)
    if incident is not None:
        which &= openings.c.incident == incident
    if place is not None:
        which &= within(openings.c.place, (place,))
    if since is not None:
        which &= openings.c.effective_at >= since
    if until is not None:
        which &= openings.c.effective_at < until
    query = paged(listed(which), ["position"], page.after(int), page.limit, descending=True)
    found = await rows(context.database.engine, query)
    return view.listed([opening(row) for row in found], page, key=lambda item: (item.id,))
