"""Who is on duty: officers come and go with one command each, and the desk sees them and what they are on."""

from collections.abc import Mapping
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query

from contracts.common import Identifier, Place
from services.chassis.access import OutsideScope, Principal, permit, place_filter
from services.chassis.http import Asked, Caller, Context, Listed, Noun, View, reads
from services.chassis.reading import rows
from services.incidents.answers import DutyAnswer, on_duty
from services.incidents.deciders import DUTY as DECIDER
from services.incidents.domain.duty import EndDuty, StartDuty
from services.incidents.permissions import DUTY, DUTY_FOR_OTHERS, READ_ROSTER
from services.incidents.sight import officer_id, tasks_of
from services.incidents.views.cases import Wanted, listed
from services.incidents.views.roster import current, duties
from services.incidents.views.roster import listed as on_roster

router = APIRouter(tags=["duty"])


def of_the_caller(caller: Caller, body: Any) -> None:
    """Lets the duty of the caller pass, or of another officer where the desk says so; raises OutsideScope."""
    own = body.officer in {None, officer_id(caller.principal)}
    if not own and caller.principal.role not in DUTY_FOR_OTHERS.roles:
        raise OutsideScope


DUTIES = Noun(DECIDER, "/duties/{officer}", router, of_the_caller)


@DUTIES.creation(
    StartDuty,
    DUTY,
    rule=of_the_caller,
    summary="Come on duty",
    describes="""An officer is there from now on, until the duty is ended or 12 hours have passed.

    Left out: ``officer``, the caller; ``place``, the first of the caller's places.""",
    takes={"officer": Identifier | None, "place": Place | None},
    example={"place": "yinchuan/jinfeng/beijing-zhonglu/wanda"},
).completed
async def begin(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives the officer and the place."""
    place = asked.body.place or asked.principal.places[0]
    asked.principal.require(place)
    return {"officer": asked.body.officer or officer_id(asked.principal), "place": place}


@DUTIES.creation(
    EndDuty,
    DUTY,
    address="/duties/end",
    rule=of_the_caller,
    summary="Go off duty",
    describes="An officer is there no longer; left out: the caller.",
    takes={"officer": Identifier | None},
    example={"officer": "officer-li"},
).completed
async def end(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives the officer; the desk ends duties in its places."""
    own = officer_id(asked.principal)
    officer = asked.body.officer or own
    if officer != own:
        state, _ = await asked.service.handler.state(DECIDER, officer)
        if state.started is not None:
            asked.principal.require(state.started.place)
    return {"officer": officer}


@router.get("/duties", summary="Who is on duty")
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
