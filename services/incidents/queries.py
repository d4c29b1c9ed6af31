"""Questions about incidents: parse, ask the casebook, answer."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi import Path as PathParameter
from pydantic import BaseModel, Field

from contracts.common import Category, Identifier, Instant, Place
from services.chassis import reading
from services.chassis.access import Principal, permit
from services.chassis.http import Context, Listed, NotFound, Paging, View, reads
from services.incidents import answers
from services.incidents.answers import CaseAnswer, CaseStateAnswer, OpenAnswer
from services.incidents.deciders import INCIDENT
from services.incidents.domain.incident import Phase
from services.incidents.permissions import READ, READ_TEXT
from services.incidents.records import history
from services.incidents.sight import incidents_seen, officer_id, require_readable, tasks_of
from services.incidents.views import cases

router = APIRouter(tags=["incidents"])
IncidentId = Annotated[Identifier, PathParameter(examples=["0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e"])]
Reader = Annotated[Principal, permit(READ)]
Seen = Annotated[View, reads("casebook")]
CASES_EACH = 20


class CaseQuery(BaseModel):
    """Which incidents are asked for; what is left out does not matter."""

    state: Annotated[Literal["open", "resolved", "all"], Field(description="What an import brought is never open.")] = (
        "all"
    )
    phase: Phase | None = None
    category: Annotated[Category | None, Field(description="This category and those below it.")] = None
    place: Annotated[Place | None, Field(description="This place and those inside it.")] = None
    since: Annotated[Instant | None, Field(alias="from", description="Happened then or later.")] = None
    until: Annotated[Instant | None, Field(alias="to", description="Happened before then.")] = None
    officer: Annotated[Identifier | None, Field(description="Sent there.")] = None
    mine: Annotated[bool, Field(description="Only those that the caller was sent to.")] = False
    source_unit: Annotated[Identifier | None, Field(description="The unit it comes from.")] = None
    source: Annotated[Identifier | None, Field(description="Whose figures it belongs to.")] = None
    drill: Annotated[bool | None, Field(description="Exercises only, or none of them.")] = None


@router.get("/cases", summary="List incidents")
async def listed(
    context: Context,
    page: Paging,
    view: Seen,
    principal: Reader,
    wanted: Annotated[CaseQuery, Query()],
) -> Listed[CaseAnswer]:
    """Incidents, the latest first; what an import brought is never open."""
    seen = incidents_seen(principal)
    if wanted.mine:
        seen &= tasks_of([officer_id(principal)])
    query = cases.listed(cases.Wanted(**wanted.model_dump(exclude={"mine"})), seen)
    after = page.after(datetime, str)
    rows = await reading.rows(
        context.database.engine, reading.paged(query, cases.KEY, after, page.limit, descending=True)
    )
    told = [answers.case(row, text=_reads_text(principal)) for row in rows]
    return view.listed(told, page, key=lambda case: (case.occurred.earliest, case.id))


@router.get("/cases/{incident}", summary="Read an incident")
async def one(
    incident: IncidentId,
    context: Context,
    view: Seen,
    principal: Reader,
) -> CaseStateAnswer:
    """An incident with all that happened; what was written opens by a command of its own, which goes on record."""
    row = await reading.row(context.database.engine, cases.one(incident))
    if row is None:
        raise NotFound("incident", "Check its id, or report it first.")
    require_readable(principal, row)
    view.version(row["version"])
    log = [past for past in await context.store.load(INCIDENT.stream(incident)) if past.version <= row["version"]]
    return answers.case_state(row, history(log, {}), text=_reads_text(principal))


@router.get("/open", summary="What is open, by place")
async def open_by_place(
    context: Context,
    view: Seen,
    principal: Reader,
    place: Place | None = None,
    level: Annotated[int, Query(ge=1, le=10, description="How many segments of a place to tell apart.")] = 5,
    each: Annotated[int, Query(ge=0, le=200, description="How many incidents to show of each place.")] = CASES_EACH,
) -> OpenAnswer:
    """What somebody has still to deal with, place by place; exercises are counted apart."""
    engine, scope = context.database.engine, incidents_seen(principal)
    counts = await reading.rows(engine, cases.open_by_place(place, scope, level))
    urgent = await reading.rows(engine, cases.most_urgent(place, scope, level, each))
    drills = await reading.row(engine, cases.drills(place, scope))
    return OpenAnswer(
        items=answers.open_places(counts, urgent, text=_reads_text(principal)),
        total=sum(row["count"] for row in counts),
        drills=drills["count"] if drills else 0,
        as_of=view.as_of,
        position=view.position,
    )


def _reads_text(principal: Principal) -> bool:
    return principal.role in READ_TEXT.roles
