"""Questions to the registry: the ledger in four colours, as of any date on both axes of time."""

from datetime import date, datetime
from itertools import groupby
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as PathParameter

from contracts.common import Identifier, Instant, Place
from contracts.registry import UseClass
from services.chassis.access import Principal, permit, place_filter, within
from services.chassis.http import Caller, Context, Listed, NotFound, Paging, View, reads
from services.chassis.reading import paged, rows
from services.chassis.zones import end_of_day, zone_of
from services.registry import answers, permissions
from services.registry.deciders import BUILDING, UNIT
from services.registry.domain.timeline import overlap
from services.registry.sight import buildings_seen, may_do, time_seen, units_seen
from services.registry.views import buildings as building_view
from services.registry.views.households import occupants_of, tenancies_of
from services.registry.views.moment import Moment
from services.registry.views.tables import buildings, units
from services.registry.views.units import Condition, labelled, of_colour, states, with_names
from services.registry.views.verifications import TaskState, tasks

router = APIRouter()
BuildingId = Annotated[Identifier, PathParameter(examples=["wanda-a"])]
UnitId = Annotated[Identifier, PathParameter(examples=["wanda-a-1812"])]
Register = Annotated[View, reads("register")]
When = Annotated[
    Instant | date | None,
    Query(
        description="A moment with a zone, or a day, which means its end at the place asked about.",
        examples=["2024-06-30", "2024-06-30T20:00:00+08:00"],
    ),
]


async def asked(
    request: Request, context: Context, as_of: When = None, known_at: When = None, place: Place | None = None
) -> Moment:
    """The moment that a question is about: what was true at ``as_of``, as far as it was known at ``known_at``."""
    zone = await _zone(request, context, place)
    at, known = (
        said if said is None or isinstance(said, datetime) else end_of_day(said, zone) for said in (as_of, known_at)
    )
    return Moment(at or context.clock.now(), known)


async def _zone(request: Request, context: Context, place: str | None) -> str:
    """Where the days of a question are counted: of its building, else of its place."""
    building = request.path_params.get("building")
    if unit := request.path_params.get("unit"):
        building = (await context.handler.state(UNIT, unit))[0].building
    known = (await context.handler.state(BUILDING, building))[0] if building else None
    return known.zone if known and known.place else zone_of(place)


Asked = Annotated[Moment, Depends(asked)]


@router.get("/buildings", tags=["buildings"], summary="List buildings")
async def list_buildings(
    context: Context,
    principal: Annotated[Principal, permit(permissions.READ_BUILDINGS)],
    page: Paging,
    register: Register,
    moment: Asked,
    place: Place | None = None,
) -> Listed[answers.BuildingAnswer]:
    """Buildings that the caller may see, with how many of their units are of each colour."""
    now = context.clock.now()
    seen = units_seen(permissions.READ_BUILDINGS, principal, now, moment.as_of)
    which = buildings_seen(permissions.READ_BUILDINGS, principal, now, moment.as_of)
    if place is not None:
        which &= within(buildings.c.place, (place,))
    engine, query = context.database.engine, building_view.listed(moment, which)
    found = await rows(engine, paged(query, ["place", "id"], page.after(str, str), page.limit))
    sums = await rows(engine, building_view.sums(moment, seen, [row["id"] for row in found]))
    summed = {row["building"]: row for row in sums}
    items = [answers.BuildingAnswer.model_validate(answers.building(row, summed.get(row["id"]))) for row in found]
    return register.listed(items, page, key=lambda item: (item.place, item.id))


@router.get("/buildings/{building}", tags=["buildings"], summary="Read a building floor by floor")
async def read_building(
    building: BuildingId,
    context: Context,
    principal: Annotated[Principal, permit(permissions.READ_BUILDINGS)],
    register: Register,
    moment: Asked,
) -> answers.FloorsAnswer:
    """The building as a stack of floors with each unit in its colour."""
    now, engine = context.clock.now(), context.database.engine
    seen = units_seen(permissions.READ_BUILDINGS, principal, now, moment.as_of) & (units.c.building == building)
    which = buildings_seen(permissions.READ_BUILDINGS, principal, now, moment.as_of) & (buildings.c.id == building)
    found = await rows(engine, building_view.listed(moment, which))
    if not found:
        raise NotFound("building", "Check its id, the moment asked about and your places.")
    sums = next(iter(await rows(engine, building_view.sums(moment, seen, [building]))), None)
    doors = [answers.unit(row) for row in await rows(engine, states(moment, seen))]
    doors.sort(key=lambda unit: (-unit.floor, unit.number))
    return answers.FloorsAnswer(
        **answers.building(found[0], sums),
        as_of=moment.as_of,
        known_at=moment.known_at,
        position=register.position,
        floors=[
            answers.FloorAnswer(floor=floor, units=list(there))
            for floor, there in groupby(doors, key=lambda unit: unit.floor)
        ],
    )


@router.get("/units", tags=["units"], summary="List units")
async def list_units(
    *,
    context: Context,
    principal: Annotated[Principal, permit(permissions.READ_BUILDINGS)],
    page: Paging,
    register: Register,
    moment: Asked,
    building: Identifier | None = None,
    place: Place | None = None,
    colour: answers.Colour | None = None,
    use_class: UseClass | None = None,
    operator: Identifier | None = None,
    differs: bool | None = None,
    label: Annotated[
        str | None, Query(max_length=80, description="A part of the label, such as A-1812 or 1812.", examples=["1812"])
    ] = None,
) -> Listed[answers.UnitAnswer]:
    """Units that the caller may see; with ``differs``, those used otherwise than registered."""
    seen = units_seen(permissions.READ_BUILDINGS, principal, context.clock.now(), moment.as_of)
    if building is not None:
        seen &= units.c.building == building
    if place is not None:
        seen &= within(units.c.place, (place,))
    if label is not None:
        seen &= labelled(label)
    query = of_colour(states(moment, seen), colour=colour, use_class=use_class, operator=operator, differs=differs)
    key = ["building", "floor", "number"]
    found = await rows(context.database.engine, paged(query, key, page.after(str, int, str), page.limit))
    return register.listed(
        [answers.unit(row) for row in found], page, key=lambda item: (item.building, item.floor, item.number)
    )


@router.get("/units/{unit}", tags=["units"], summary="Read a unit")
async def read_unit(
    unit: UnitId,
    context: Context,
    principal: Annotated[Principal, permit(permissions.READ_UNIT)],
    register: Register,
    moment: Asked,
) -> answers.UnitStateAnswer:
    """A unit with its tenancies and what became of each verification; occupants are ids."""
    engine = context.database.engine
    now = context.clock.now()
    seen: Condition = units_seen(permissions.READ_UNIT, principal, now, moment.as_of) & (units.c.id == unit)
    found = await rows(engine, with_names(states(moment, seen)))
    if not found:
        raise NotFound("unit", "Check its id, the moment asked about and your places.")
    state, _ = await context.handler.state(UNIT, unit)
    theirs = time_seen(permissions.READ_UNIT, principal, state)
    lived = [
        row
        for row in await rows(engine, tenancies_of(moment, unit))
        if any(overlap(row["since"], row["ended_at"], *span) for span in theirs)
    ]
    people = await rows(engine, occupants_of(moment, unit))
    register.version(found[0]["version"])
    return answers.unit_state(found[0], lived, people, moment, register.position)


@router.get("/units/{unit}/history", tags=["units"], summary="Read a unit's history")
async def read_history(
    unit: UnitId,
    context: Context,
    principal: Annotated[Principal, permit(permissions.READ_UNIT)],
    page: Paging,
    register: Register,
) -> Listed[answers.HistoryAnswer]:
    """Every event of the unit in words, the latest known first, with when it was true and when it became known.

    An operator sees what happened while it ran the unit.
    """
    recorded = await context.store.load(UNIT.stream(unit))
    state = UNIT.fold(UNIT.initial, [past.event for past in recorded])
    may_do(Caller(principal, permissions.READ_UNIT, context.clock.now()), state)
    theirs = time_seen(permissions.READ_UNIT, principal, state)
    after = page.after(int)
    before = len(recorded) + 1 if after is None else after[0]
    items = [
        answers.history(past)
        for past in reversed(recorded)
        if past.version < before
        and any(begin <= past.effective_at and (end is None or past.effective_at < end) for begin, end in theirs)
    ]
    return register.listed(items[: page.limit + 1], page, key=lambda item: (item.version,))


@router.get("/verifications", tags=["tenancies"], summary="List verification tasks")
async def list_verifications(
    context: Context,
    principal: Annotated[Principal, permit(permissions.READ_TASKS)],
    page: Paging,
    register: Register,
    state: TaskState = "open",
    place: Place | None = None,
    unit: Identifier | None = None,
) -> Listed[answers.TaskAnswer]:
    """Who is to be verified, the most urgent first; those of ended tenancies have lapsed."""
    which = place_filter(units.c.place, principal)
    if place is not None:
        which &= within(units.c.place, (place,))
    if unit is not None:
        which &= units.c.id == unit
    moment = Moment(register.as_of)
    key = ["due_at", "unit", "tenancy", "subject"]
    query = tasks(moment, sa.and_(which), state)
    after = page.after(datetime, str, str, str)
    found = await rows(context.database.engine, paged(query, key, after, page.limit))
    items = [answers.task(row, moment.as_of) for row in found]
    return register.listed(items, page, key=lambda item: (item.due_at, item.unit, item.tenancy, item.subject))
