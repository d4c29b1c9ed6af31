"""Commands of the registry: parse, call, return."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as PathParameter

from contracts.common import Identifier
from services.chassis import zones
from services.chassis.access import Permission, Principal, permit
from services.chassis.handler import Allowed
from services.chassis.http import Command, CommandAnswer, Context
from services.chassis.reading import rows
from services.registry import bodies, permissions
from services.registry.arrivals import MoveInAnswer, welcome
from services.registry.corrections import wrong_since
from services.registry.deciders import BUILDING, SUBJECT, UNIT
from services.registry.domain.building import Building
from services.registry.domain.building_commands import RegisterBuilding, SurveyFloors
from services.registry.domain.refusals import BuildingUnknown, SubjectWasErased
from services.registry.domain.tenancy_commands import (
    CorrectTenancy,
    MoveOut,
    RecordVerificationFailure,
    VerifyOccupant,
)
from services.registry.domain.unit import Unit
from services.registry.domain.unit_commands import (
    AssignOperator,
    ClassifyUnit,
    CorrectRecord,
    ObserveUse,
    RegisterUnit,
    StandingBuilding,
    is_another_door,
    spare_unit_id,
    unit_id,
)
from services.registry.sight import require_unit
from services.registry.views.buildings import floors_with_units

router = APIRouter()
BuildingId = Annotated[Identifier, PathParameter(examples=["wanda-a"])]
UnitId = Annotated[Identifier, PathParameter(examples=["wanda-a-1812"])]
TenancyId = Annotated[Identifier, PathParameter(examples=["0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e"])]


def at(said: bodies.Happened, context: Context) -> datetime:
    """When it became true: as said, else now."""
    return said.effective_at or context.clock.now()


async def reached(unit: str, permission: Permission, principal: Principal, context: Context) -> Unit:
    """The unit, where the caller may do this to it.

    Raises:
        UnitUnknown: nobody registered it. OutsideScope: it is not the caller's.
    """
    state, _ = await context.handler.state(UNIT, unit)
    require_unit(permission, principal, state, context.clock.now())
    return state


async def zone_of(unit: str, context: Context) -> str:
    """Where the calendar days of a unit are counted."""
    state, _ = await context.handler.state(UNIT, unit)
    building, _ = await context.handler.state(BUILDING, state.building)
    return building.zone


def may(permission: Permission, principal: Principal, context: Context) -> Allowed:
    """Lets the command through where the caller may do this to the unit; raises what ``reached`` raises."""
    return lambda unit: require_unit(permission, principal, unit, context.clock.now())


async def standing(building: str, principal: Principal, context: Context) -> Building:
    """The building, where it lies in the caller's places.

    Raises:
        BuildingUnknown: nobody registered it. OutsideScope: it lies elsewhere.
    """
    state, _ = await context.handler.state(BUILDING, building)
    if state.since is None:
        raise BuildingUnknown(building)
    principal.require(state.place)
    return state


@router.post("/buildings", status_code=201, tags=["buildings"], summary="Register a building")
async def register_building(
    body: bodies.BuildingBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.REGISTER)],
    call: Command,
) -> CommandAnswer:
    """Enters a building in the ledger, with its storeys."""
    principal.require(body.place)
    command = RegisterBuilding(
        **{**dict(body), "effective_at": at(body, context), "zone": body.zone or zones.zone_of(body.place)}
    )
    return await call.apply(BUILDING, body.building, command, principal, id=body.building)


@router.post("/buildings/{building}/surveys", status_code=201, tags=["buildings"], summary="Survey the floors")
async def survey_floors(
    building: BuildingId,
    body: bodies.SurveyBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.REGISTER)],
    call: Command,
) -> CommandAnswer:
    """Records how many storeys somebody counted; floors with units cannot be lost."""
    await standing(building, principal, context)
    [between] = await rows(context.database.engine, floors_with_units(building))
    command = SurveyFloors(
        building=building,
        lowest_floor=body.lowest_floor,
        highest_floor=body.highest_floor,
        units_between=None if between["lowest"] is None else (between["lowest"], between["highest"]),
        effective_at=at(body, context),
    )
    return await call.apply(BUILDING, building, command, principal, id=building)


@router.post("/buildings/{building}/units", status_code=201, tags=["units"], summary="Register a unit")
async def register_unit(
    building: BuildingId,
    body: bodies.UnitBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.REGISTER)],
    call: Command,
) -> CommandAnswer:
    """Enters a unit of the building in the ledger; the answer says its id.

    The id is the building's, a hyphen and the number; another one where that is the id of another building's door.
    """
    known = await standing(building, principal, context)
    unit = unit_id(building, body.number)
    if is_another_door((await context.handler.state(UNIT, unit))[0], building, body.number):
        unit = spare_unit_id(building, body.number)
    command = RegisterUnit(
        unit=unit,
        building=building,
        number=body.number,
        floor=body.floor,
        capacity=body.capacity,
        standing=StandingBuilding(
            place=known.place,
            since=known.since,
            lowest_floor=known.lowest_floor,
            highest_floor=known.highest_floor,
        ),
        effective_at=at(body, context),
    )
    return await call.apply(UNIT, unit, command, principal, id=unit)


@router.post("/units/{unit}/classifications", status_code=201, tags=["units"], summary="Classify a unit")
async def classify_unit(
    unit: UnitId,
    body: bodies.ClassificationBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.CLASSIFY)],
    call: Command,
) -> CommandAnswer:
    """Registers what the unit is for from a date on: hotel, studio, rental or owner-occupied."""
    zone = await zone_of(unit, context)
    command = ClassifyUnit(use_class=body.use_class, effective_at=at(body, context), zone=zone)
    allowed = may(permissions.CLASSIFY, principal, context)
    return await call.apply(UNIT, unit, command, principal, id=unit, allowed=allowed)


@router.post("/units/{unit}/observations", status_code=201, tags=["units"], summary="Observe the use of a unit")
async def observe_use(
    unit: UnitId,
    body: bodies.ObservationBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.OBSERVE)],
    call: Command,
) -> CommandAnswer:
    """Records what somebody saw there; a use other than the registered one is a finding, the class stays."""
    command = ObserveUse(observed_use=body.observed_use, organisation=body.organisation, effective_at=at(body, context))
    allowed = may(permissions.OBSERVE, principal, context)
    return await call.apply(UNIT, unit, command, principal, id=unit, allowed=allowed)


@router.post("/units/{unit}/operators", status_code=201, tags=["units"], summary="Assign the operator")
async def assign_operator(
    unit: UnitId,
    body: bodies.OperatorBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.ASSIGN_OPERATOR)],
    call: Command,
) -> CommandAnswer:
    """Says which organisation runs the unit from now on, or that none does; the organisation sees it from then on."""
    command = AssignOperator(operator=body.operator, effective_at=at(body, context))
    allowed = may(permissions.ASSIGN_OPERATOR, principal, context)
    return await call.apply(UNIT, unit, command, principal, id=unit, allowed=allowed)


@router.post("/units/{unit}/corrections", status_code=201, tags=["units"], summary="Correct a classification")
async def correct_record(
    unit: UnitId,
    body: bodies.CorrectionBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.CORRECT)],
    call: Command,
) -> CommandAnswer:
    """Says that the ledger was wrong about a class; the error stays visible beside the correction."""
    await reached(unit, permissions.CORRECT, principal, context)
    since = await wrong_since(context.store, unit, body.corrects)
    command = CorrectRecord(**dict(body), effective_at=since, zone=await zone_of(unit, context))
    return await call.apply(UNIT, unit, command, principal, id=unit)


@router.post("/units/{unit}/move-ins", status_code=201, tags=["tenancies"], summary="Move in")
async def move_in(
    unit: UnitId,
    body: bodies.MoveInBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.MOVE)],
    call: Command,
) -> MoveInAnswer:
    """Registers a household; each occupant becomes a subject, and their verification falls due by working days.

    Names, telephone and document numbers are sealed under the person's own key before anything is decided.
    """
    state = await reached(unit, permissions.MOVE, principal, context)
    return await welcome(context, call, principal, state, body)


@router.post(
    "/units/{unit}/tenancies/{tenancy}/verifications", status_code=201, tags=["tenancies"], summary="Verify an occupant"
)
async def verify_occupant(
    unit: UnitId,
    tenancy: TenancyId,
    body: bodies.VerificationBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.VERIFY)],
    call: Command,
) -> CommandAnswer:
    """Records that an occupant was verified and how, or that an attempt failed and why; the due time stays."""
    await reached(unit, permissions.VERIFY, principal, context)
    person, _ = await context.handler.state(SUBJECT, body.subject)
    if person.erased_at is not None:
        raise SubjectWasErased(person.erased_at)
    who = {"tenancy": tenancy, "subject": body.subject, "effective_at": at(body, context)}
    command: VerifyOccupant | RecordVerificationFailure
    if body.method is not None:
        command = VerifyOccupant.model_validate({**who, "method": body.method})
    else:
        command = RecordVerificationFailure.model_validate({**who, "reason": body.failed})
    return await call.apply(UNIT, unit, command, principal, id=tenancy)


@router.post("/units/{unit}/tenancies/{tenancy}/move-out", status_code=201, tags=["tenancies"], summary="Move out")
async def move_out(
    unit: UnitId,
    tenancy: TenancyId,
    body: bodies.MoveOutBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.MOVE)],
    call: Command,
) -> CommandAnswer:
    """Ends a tenancy; what was still to verify lapses with it."""
    command = MoveOut(tenancy=tenancy, effective_at=at(body, context))
    allowed = may(permissions.MOVE, principal, context)
    return await call.apply(UNIT, unit, command, principal, id=tenancy, allowed=allowed)


@router.post(
    "/units/{unit}/tenancies/{tenancy}/corrections", status_code=201, tags=["tenancies"], summary="Correct a tenancy"
)
async def correct_tenancy(
    unit: UnitId,
    tenancy: TenancyId,
    body: bodies.TenancyCorrectionBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.MOVE)],
    call: Command,
) -> CommandAnswer:
    """Says when the household really moved in and out; with ``ended_at`` null a mistaken move-out is undone.

    The error stays visible beside the correction. The time by which to verify follows a corrected move-in.
    """
    command = CorrectTenancy(tenancy=tenancy, **dict(body), zone=await zone_of(unit, context))
    allowed = may(permissions.MOVE, principal, context)
    return await call.apply(UNIT, unit, command, principal, id=tenancy, allowed=allowed)
