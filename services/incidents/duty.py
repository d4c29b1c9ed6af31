"""Who is on duty: officers come and go with one command each, and the desk sees them and what they are on."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query

from services.chassis.access import OutsideScope, Principal, permit, place_filter
from services.chassis.http import Command, CommandAnswer, Context, Listed, View, reads
from services.chassis.reading import rows
from services.incidents.answers import DutyAnswer, on_duty
from services.incidents.bodies import DutyBody, DutyEndBody
from services.incidents.deciders import DUTY as DECIDER
from services.incidents.domain.duty import EndDuty, StartDuty
from services.incidents.permissions import DUTY, DUTY_FOR_OTHERS, READ_ROSTER
from services.incidents.sight import officer_id, tasks_of
from services.incidents.views.cases import Wanted, listed
from services.incidents.views.roster import current, duties
from services.incidents.views.roster import listed as on_roster

router = APIRouter(prefix="/duties", tags=["duty"])
OnDuty = Annotated[Principal, permit(DUTY)]


@router.post("", status_code=201, summary="Come on duty")
async def begin(body: DutyBody, call: Command, principal: OnDuty) -> CommandAnswer:
    """An officer is there from now on, until the duty is ended or 12 hours have passed."""
    officer = _officer(body.officer, principal)
    place = body.place or principal.places[0]
    principal.require(place)
    return await call.apply(DECIDER, officer, StartDuty(officer=officer, place=place), principal, id=officer)


@router.post("/end", status_code=201, summary="Go off duty")
async def end(body: DutyEndBody, context: Context, call: Command, principal: OnDuty) -> CommandAnswer:
    """An officer is there no longer."""
    officer = _officer(body.officer, principal)
    if officer != officer_id(principal):
        state, _ = await context.handler.state(DECIDER, officer)
        if state.started is not None:
            principal.require(state.started.place)
    return await call.apply(DECIDER, officer, EndDuty(officer=officer), principal, id=officer)


@router.get("", summary="Who is on duty")
async def roster(
    context: Context,
    view: Annotated[View, reads("roster", "casebook")],
    principal: Annotated[Principal, permit(READ_ROSTER)],
    mine: Annotated[bool, Query(description="Only the caller's own.")] = False,
) -> Listed[DutyAnswer]:
    """The officers on duty in the caller's places, or for a larger place around them, and what each was sent to."""
    engine = context.database.engine
    around = [duties.c.place == larger for place in principal.places for larger in _around(place)]
    seen = sa.or_(place_filter(duties.c.place, principal), *around)
    if mine:
        seen = duties.c.officer == officer_id(principal)
    there = await rows(engine, on_roster(sa.and_(current(view.as_of), seen)))
    sent = await rows(engine, listed(Wanted(), tasks_of(row["officer"] for row in there)))
    return Listed(items=[on_duty(row, sent, principal.sees) for row in there], as_of=view.as_of, position=view.position)


def _around(place: str) -> list[str]:
    segments = place.split("/")
    return ["/".join(segments[:end]) for end in range(1, len(segments))]


def _officer(named: str | None, principal: Principal) -> str:
    """The officer named, or the caller; only the desk speaks for others."""
    own = officer_id(principal)
    if named not in {None, own} and principal.role not in DUTY_FOR_OTHERS.roles:
        raise OutsideScope
    return named or own
