"""What was written about an incident: opened for a purpose, and each opening is on record before it is shown.

Text opens only by a request that gives a ``purpose``. Who may read texts at all states one; the officer who was sent
to an incident that is not resolved yet may say ``task``, and the task gives it. What a resident opens of their own is
always at the resident's request. Each such request is a reading of its own, however soon after another: merging them
would need a look at the past for every reading, and would hide how often somebody looked.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Query

from contracts.common import Identifier, Instant, Place, Sealed
from contracts.incidents import IncidentReopened, IncidentReported, IncidentResolved
from services.chassis.access import Principal, Scope, permit, place_filter, within
from services.chassis.eventstore.types import Recorded
from services.chassis.http import Asked, Context, Listed, Noun, Paging, View, reads, ruled_below
from services.chassis.reading import paged, rows
from services.incidents.answers import CaseOpenedAnswer, HistoryAnswer, OpeningAnswer, opening
from services.incidents.deciders import INCIDENT, OPENING
from services.incidents.domain.opening import OpenCase, Written
from services.incidents.permissions import READ_ACCESS_LOG, READ_TEXT
from services.incidents.sight import may_read, own_task
from services.incidents.views.openings import listed, openings
from services.incidents.words import said

router = APIRouter(tags=["records"])
OPENINGS = Noun(OPENING, "/cases/{incident}", router, ruled_below)


class Text(NamedTuple):
    """What somebody wrote, sealed: in which field, and the seal."""

    field: Written
    sealed: Sealed


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


def history(log: Sequence[Recorded], texts: Mapping[int, str | None]) -> list[HistoryAnswer]:
    """Each event with its words, and with the text that was opened for this reader, by version of the event."""
    return [
        HistoryAnswer(
            id=str(past.id),
            version=past.version,
            type=past.type,
            effective_at=past.effective_at,
            recorded_at=past.recorded_at,
            actor=past.actor,
            words=said(past.event)._asdict(),
            text=texts.get(past.version),
            sealed=written(past) is not None and texts.get(past.version) is None,
        )
        for past in log
    ]


@OPENINGS.command(
    OpenCase,
    "openings",
    READ_TEXT,
    summary="Open what was written about an incident",
    describes="Put on record who reads what was written and why, then show it with all that happened, the oldest "
    "first. ``task``: you were sent there. Each request is a reading of its own; where nothing was written, none is.",
    given=("place", "own_task", "fields"),
    example={"purpose": "response"},
    answer=CaseOpenedAnswer,
    repeatable=False,
).answered
async def open_case(asked: Asked[Any]) -> CaseOpenedAnswer:
    """Writes the reading down, then opens; where it cannot be written, nothing is opened.

    Raises:
        IncidentUnknown: nobody reported it. OutsideScope: it is not the caller's to read.
        NotYourTask: the task that they name is not theirs.
    """
    incident, _ = await asked.service.handler.state(INCIDENT, asked.aggregate)
    may_read(asked.caller, incident)
    log = await asked.service.store.load(INCIDENT.stream(asked.aggregate))
    texts = {past.version: text for past in log if (text := written(past)) is not None}
    command = OpenCase(
        incident=asked.aggregate,
        place=incident.place,
        purpose="resident-request" if asked.caller.scope is Scope.SUBJECT else asked.body.purpose,
        own_task=own_task(asked.caller, incident),
        fields=tuple(dict.fromkeys(text.field for text in texts.values())),
    )
    handled = await asked.call.handle(OPENING, asked.aggregate, command, asked.principal)
    shown = await asked.service.vault.open_many([text.sealed for text in texts.values()])
    told = history(log, dict(zip(texts, shown, strict=True)))
    return asked.call.answer_as(CaseOpenedAnswer, handled, id=asked.aggregate, history=told)


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
