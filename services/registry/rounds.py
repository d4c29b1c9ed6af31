"""Visit rounds: commands and questions about a day's doors."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as PathParameter
from pydantic import TypeAdapter, ValidationError

from contracts.common import Identifier, Place
from services.chassis.access import Principal, covers, permit, place_filter, within
from services.chassis.http import Command, CommandAnswer, Context, Listed, NotFound, Paging, View, reads
from services.chassis.reading import paged, rows
from services.chassis.service import ServiceContext
from services.registry import answers, bodies, permissions
from services.registry.api import at
from services.registry.deciders import UNIT, VISIT_ROUND
from services.registry.domain.refusals import RoundUnknown
from services.registry.domain.visit_round_commands import CloseVisitRound, PlanVisitRound, RecordVisit
from services.registry.naming import made
from services.registry.views import rounds as view
from services.registry.views.moment import Moment
from services.registry.views.tables import rounds, units
from services.registry.views.units import places_of, states

router = APIRouter(tags=["visit rounds"])
RoundId = Annotated[Identifier, PathParameter(examples=["0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e"])]
Register = Annotated[View, reads("register")]
IDENTIFIER: TypeAdapter[str] = TypeAdapter(Identifier)


@router.post("/visit-rounds", status_code=201, summary="Plan a visit round")
async def plan_visit_round(
    body: bodies.RoundBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.VISIT)],
    call: Command,
) -> CommandAnswer:
    """Sets a round of doors in a place, by day or in the evening; it may lie ahead."""
    principal.require(body.place)
    places = await _places(body.units, context)
    visit_round = body.round or made(context, call, principal, "round")
    command = PlanVisitRound(
        round=visit_round,
        place=body.place,
        officer=body.officer or _as_identifier(principal.id),
        units=body.units,
        day_part=body.day_part,
        elsewhere=frozenset(unit for unit in body.units if not covers(body.place, places[unit])),
        effective_at=at(body, context),
    )
    return await call.apply(VISIT_ROUND, visit_round, command, principal, id=visit_round)


async def _places(units_: Sequence[str], context: ServiceContext) -> dict[str, str]:
    """Where units are, which never changes; empty for those that nobody registered.

    What the register does not know may have been registered a moment ago: the log is asked before anybody is refused.
    """
    places = {row["id"]: row["place"] for row in await rows(context.database.engine, places_of(units_))}
    for unit in set(units_) - places.keys():
        state, _ = await context.handler.state(UNIT, unit)
        places[unit] = state.place
    return places


def _as_identifier(actor: str) -> str | None:
    try:
        return IDENTIFIER.validate_python(actor)
    except ValidationError:
        return None


async def _reached(visit_round: str, principal: Principal, context: Context) -> None:
    state, _ = await context.handler.state(VISIT_ROUND, visit_round)
    if not state.id:
        raise RoundUnknown
    principal.require(state.place)


@router.post("/visit-rounds/{visit_round}/visits", status_code=201, summary="Record a visit")
async def record_visit(
    visit_round: RoundId,
    body: bodies.VisitBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.VISIT)],
    call: Command,
) -> CommandAnswer:
    """Says what a knock at one of the round's doors met."""
    await _reached(visit_round, principal, context)
    command = RecordVisit(unit=body.unit, outcome=body.outcome, effective_at=at(body, context))
    return await call.apply(VISIT_ROUND, visit_round, command, principal, id=visit_round)


@router.post("/visit-rounds/{visit_round}/closing", status_code=201, summary="Close a visit round")
async def close_visit_round(
    visit_round: RoundId,
    body: bodies.ClosingBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.VISIT)],
    call: Command,
) -> CommandAnswer:
    """Ends the round; doors knocked at and doors that opened are counted."""
    await _reached(visit_round, principal, context)
    command = CloseVisitRound(effective_at=at(body, context))
    return await call.apply(VISIT_ROUND, visit_round, command, principal, id=visit_round)


@router.get("/visit-rounds", summary="List visit rounds")
async def list_rounds(
    context: Context,
    principal: Annotated[Principal, permit(permissions.VISIT)],
    page: Paging,
    register: Register,
    officer: Identifier | None = None,
    state: view.RoundState | None = None,
    place: Place | None = None,
) -> Listed[answers.RoundAnswer]:
    """Rounds in the caller's places, the earliest first."""
    which = place_filter(rounds.c.place, principal)
    if officer is not None:
        which &= rounds.c.officer == officer
    if place is not None:
        which &= within(rounds.c.place, (place,))
    after = page.after(str)
    found = await rows(context.database.engine, paged(view.listed(which, state), ["id"], after, page.limit))
    return register.listed([answers.visit_round(row) for row in found], page, key=lambda item: (item.id,))


@router.get("/visit-rounds/{visit_round}", summary="Read a visit round")
async def read_round(
    visit_round: RoundId,
    context: Context,
    principal: Annotated[Principal, permit(permissions.VISIT)],
    register: Register,
) -> answers.RoundStateAnswer:
    """A round door by door: what each met, when somebody last opened, what is still to verify."""
    engine = context.database.engine
    which = place_filter(rounds.c.place, principal) & (rounds.c.id == visit_round)
    found = await rows(engine, view.listed(which, None))
    if not found:
        raise NotFound("visit round", "Plan it first, or check its id.")
    doors: list[str] = found[0]["units"]
    seen = {row["id"]: row for row in await rows(engine, states(Moment(register.as_of), units.c.id.in_(doors)))}
    knocks = {row["unit"]: row for row in await rows(engine, view.knocks(visit_round))}
    met = {row["unit"]: row["met_at"] for row in await rows(engine, view.last_met(doors))}
    register.version(found[0]["version"])
    return answers.RoundStateAnswer(
        **dict(answers.visit_round(found[0])),
        doors=[answers.door(seen[door], knocks.get(door), met.get(door)) for door in doors if door in seen],
    )
