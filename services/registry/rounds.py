"""Visit rounds: commands and questions about a day's doors."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as PathParameter
from pydantic import TypeAdapter, ValidationError

from contracts.common import Identifier, Place
from services.chassis.access import Principal, covers, permit, place_filter, within
from services.chassis.http import Asked, Caller, Context, Listed, NotFound, Noun, Paging, View, reads
from services.chassis.reading import paged, rows
from services.chassis.service import ServiceContext
from services.registry import answers, permissions
from services.registry.deciders import UNIT, VISIT_ROUND
from services.registry.domain.refusals import RoundUnknown
from services.registry.domain.visit_round import VisitRound
from services.registry.domain.visit_round_commands import CloseVisitRound, PlanVisitRound, RecordVisit
from services.registry.views import rounds as view
from services.registry.views.moment import Moment
from services.registry.views.tables import rounds, units
from services.registry.views.units import places_of, states

router = APIRouter(tags=["visit rounds"])
RoundId = Annotated[Identifier, PathParameter(examples=["0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e"])]
Register = Annotated[View, reads("register")]
IDENTIFIER: TypeAdapter[str] = TypeAdapter(Identifier)


def may_visit(caller: Caller, visit_round: VisitRound) -> None:
    """Lets a command through to its round.

    Raises:
        RoundUnknown: nobody planned it. OutsideScope: it lies elsewhere.
    """
    if not visit_round.id:
        raise RoundUnknown
    caller.principal.require(visit_round.place)


ROUNDS = Noun(VISIT_ROUND, "/visit-rounds/{visit_round}", router, may_visit, named="round")


@ROUNDS.creation(
    PlanVisitRound,
    permissions.VISIT,
    summary="Plan a visit round",
    describes="Set a round of doors in a place, by day or in the evening; ``effective_at`` is when it begins, and may "
    "lie ahead. The officer is the caller where left out.",
    given=("elsewhere",),
    takes={"officer": Identifier | None},
    example={
        "place": "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a",
        "units": ["wanda-a-1812"],
        "day_part": "evening",
    },
).completed
async def plan_visit_round(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives the officer, and which of the units lie elsewhere."""
    body = asked.body
    places = await _places(body.units, asked.service)
    return {
        "officer": body.officer or _as_identifier(asked.principal.id),
        "elsewhere": frozenset(unit for unit in body.units if not covers(body.place, places[unit])),
    }


ROUNDS.command(
    RecordVisit,
    "visits",
    permissions.VISIT,
    summary="Record a visit",
    describes="Say what a knock at one of the round's doors met.",
    example={"unit": "wanda-a-1812", "outcome": "met"},
)
ROUNDS.command(
    CloseVisitRound,
    "closing",
    permissions.VISIT,
    summary="Close a visit round",
    describes="End the round; doors knocked at and doors that opened are counted.",
    example={"effective_at": "2024-06-30T12:00:00+08:00"},
)


async def _places(units_: Sequence[str], service: ServiceContext) -> dict[str, str]:
    """Where units are, which never changes; empty for those that nobody registered.

    What the register does not know may have been registered a moment ago: the log is asked before anybody is refused.
    """
    places = {row["id"]: row["place"] for row in await rows(service.database.engine, places_of(units_))}
    for unit in set(units_) - places.keys():
        state, _ = await service.handler.state(UNIT, unit)
        places[unit] = state.place
    return places


def _as_identifier(actor: str) -> str | None:
    try:
        return IDENTIFIER.validate_python(actor)
    except ValidationError:
        return None


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
