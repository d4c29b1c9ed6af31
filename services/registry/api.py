"""The commands of the registry about buildings, units and tenancies, one declaration each."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Self

from fastapi import APIRouter
from pydantic import AfterValidator, ConfigDict, StringConstraints, model_validator

from contracts.common import Frozen, Identifier, Instant, ZoneName
from contracts.registry import UnitNumber
from services.chassis import zones
from services.chassis.access import Principal
from services.chassis.http import Asked, CommandAnswer, Noun, ruled_below
from services.chassis.http.texts import VisibleHeadline, VisibleLabel, visible
from services.chassis.reading import rows
from services.chassis.service import ServiceContext
from services.registry import permissions
from services.registry.corrections import wrong_since
from services.registry.deciders import BUILDING, SUBJECT, UNIT
from services.registry.domain.building import Building
from services.registry.domain.building_commands import RegisterBuilding, SurveyFloors
from services.registry.domain.refusals import BuildingUnknown, SubjectWasErased
from services.registry.domain.tenancy_commands import (
    CorrectTenancy,
    Method,
    MoveOut,
    Reason,
    RecordVerificationFailure,
    VerifyOccupant,
)
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
from services.registry.sight import may_do
from services.registry.views.buildings import floors_with_units

router = APIRouter()
BUILDINGS = Noun(BUILDING, "/buildings/{building}", router, ruled_below, example="wanda-a", tags=("buildings",))
UNITS = Noun(
    UNIT, "/units/{unit}", router, may_do, example="wanda-a-1812", examples={"building": "wanda-a"}, tags=("units",)
)
TENANCIES = replace(UNITS, tags=("tenancies",))


async def standing(building: str, principal: Principal, service: ServiceContext) -> Building:
    """The building, where it lies in the caller's places.

    Raises:
        BuildingUnknown: nobody registered it. OutsideScope: it lies elsewhere.
    """
    state, _ = await service.handler.state(BUILDING, building)
    if state.since is None:
        raise BuildingUnknown(building)
    principal.require(state.place)
    return state


async def zoned(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives the zone in which the calendar days of a unit are counted."""
    unit, _ = await asked.service.handler.state(UNIT, asked.aggregate)
    building, _ = await asked.service.handler.state(BUILDING, unit.building)
    return {"zone": building.zone}


@BUILDINGS.creation(
    RegisterBuilding,
    permissions.REGISTER,
    summary="Register a building",
    takes={
        "building": Annotated[Identifier, StringConstraints(max_length=58)],
        "name": VisibleLabel,
        "zone": ZoneName | None,
    },
    example={
        "building": "wanda-a",
        "name": "万达公寓 A 座",
        "place": "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a",
        "lowest_floor": -2,
        "highest_floor": 30,
        "location": {"longitude": 106.2324, "latitude": 38.4872, "system": "CGCS2000"},
        "effective_at": "2024-01-01T00:00:00+08:00",
    },
).completed
async def register_building(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives the zone of the place, where none is said."""
    return {"zone": asked.body.zone or zones.zone_of(asked.body.place)}


@BUILDINGS.command(
    SurveyFloors,
    "surveys",
    permissions.REGISTER,
    summary="Survey the floors",
    describes="Record how many storeys somebody counted; floors with units cannot be lost.",
    given=("units_between",),
    example={"lowest_floor": -2, "highest_floor": 30},
).completed
async def survey_floors(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives the floors that units lie on."""
    await standing(asked.aggregate, asked.principal, asked.service)
    [between] = await rows(asked.service.database.engine, floors_with_units(asked.aggregate))
    return {"units_between": None if between["lowest"] is None else (between["lowest"], between["highest"])}


@UNITS.creation(
    RegisterUnit,
    permissions.REGISTER,
    address="/buildings/{building}/units",
    rule=ruled_below,
    summary="Register a unit",
    describes="""Enter a unit of the building in the ledger; the answer says its id.

    The id is the building's, a hyphen and the number; another one where that is the id of another building's door.""",
    given=("unit", "standing"),
    takes={"number": Annotated[UnitNumber, AfterValidator(visible)]},
    example={"number": "1812", "floor": 18, "effective_at": "2024-01-01T00:00:00+08:00"},
).completed
async def register_unit(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives the id, and what is known of the building."""
    building, number = asked.path["building"], asked.body.number
    known = await standing(building, asked.principal, asked.service)
    unit = unit_id(building, number)
    if is_another_door((await asked.service.handler.state(UNIT, unit))[0], building, number):
        unit = spare_unit_id(building, number)
    about = StandingBuilding(
        place=known.place, since=known.since, lowest_floor=known.lowest_floor, highest_floor=known.highest_floor
    )
    return {"unit": unit, "standing": about}


UNITS.command(
    ClassifyUnit,
    "classifications",
    permissions.CLASSIFY,
    summary="Classify a unit",
    describes="Register what the unit is for from a date on: hotel, studio, rental or owner-occupied; "
    "``effective_at`` may lie ahead.",
    given=("zone",),
    example={"use_class": "rental", "effective_at": "2024-03-01T00:00:00+08:00"},
).completed(zoned)
OBSERVE = UNITS.command(
    ObserveUse,
    "observations",
    permissions.OBSERVE,
    summary="Observe the use of a unit",
    describes="Record what somebody saw there; a use other than the registered one is a finding, the class stays.",
    takes={"organisation": VisibleLabel | None},
    example={"observed_use": "hotel", "organisation": "星河民宿"},
)
UNITS.command(
    AssignOperator,
    "operators",
    permissions.ASSIGN_OPERATOR,
    summary="Assign the operator",
    describes="Say which organisation runs the unit from now on, or that none does (null); it sees the unit from then "
    "on.",
    example={"operator": "hotel-xinghe"},
)


@UNITS.command(
    CorrectRecord,
    "corrections",
    permissions.CORRECT,
    summary="Correct a classification",
    describes="Say that the ledger was wrong about a class, from its own date on; the error stays visible beside the "
    "correction.",
    given=("effective_at", "zone"),
    takes={"corrects": Identifier, "reason": VisibleHeadline},
    example={"corrects": "0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e", "use_class": "studio", "reason": "登记时看错一行"},
).completed
async def correct_record(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives when the wrong record took effect."""
    await asked.state()
    since = await wrong_since(asked.service.store, asked.aggregate, asked.body.corrects)
    return {"effective_at": since, **await zoned(asked)}


class VerificationBody(Frozen):
    """What became of an attempt to verify: either ``method``, by which it succeeded, or ``failed``, why not."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"subject": "0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e", "method": "document-seen"}]}
    )
    subject: Identifier
    method: Method | None = None
    failed: Reason | None = None
    effective_at: Instant | None = None

    @model_validator(mode="after")
    def _one_outcome(self) -> Self:
        if (self.method is None) == (self.failed is None):
            raise ValueError("say either the method by which it succeeded or why it failed")
        return self


@TENANCIES.command(
    VerifyOccupant,
    "tenancies/{tenancy}/verifications",
    permissions.VERIFY,
    summary="Verify an occupant",
    describes="Record that an occupant was verified and how, or that an attempt failed and why; the due time stays.",
    body=VerificationBody,
).answered
async def verify_occupant(asked: Asked[VerificationBody]) -> CommandAnswer:
    """Applies the command that the outcome asks for."""
    body = asked.body
    await asked.state()
    person, _ = await asked.service.handler.state(SUBJECT, body.subject)
    if person.erased_at is not None:
        raise SubjectWasErased(person.erased_at)
    told = {
        "tenancy": asked.path["tenancy"],
        "subject": body.subject,
        "effective_at": body.effective_at or asked.caller.now,
    }
    command = (
        VerifyOccupant.model_validate(told | {"method": body.method})
        if body.method is not None
        else RecordVerificationFailure.model_validate(told | {"reason": body.failed})
    )
    return await asked.apply(command)


TENANCIES.command(
    MoveOut,
    "tenancies/{tenancy}/move-out",
    permissions.MOVE,
    summary="Move out",
    describes="End a tenancy; what was still to verify lapses with it.",
    example={"effective_at": "2024-06-10T09:30:00+08:00"},
)
TENANCIES.command(
    CorrectTenancy,
    "tenancies/{tenancy}/corrections",
    permissions.MOVE,
    summary="Correct a tenancy",
    describes="""Say when the household really moved in (left out: as registered) and out (null: it lives there still,
    which undoes a mistaken move-out).

    The error stays visible beside the correction. The time by which to verify follows a corrected move-in.""",
    given=("zone",),
    takes={"reason": VisibleHeadline},
    example={"ended_at": "2024-06-10T09:30:00+08:00", "reason": "登记时写错年份"},
).completed(zoned)
