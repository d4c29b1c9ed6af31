"""Which HTTP status each refusal of the registry has; a test sees that none is left out."""

from collections.abc import Mapping
from http import HTTPStatus

from contracts.refusals import Refused
from services.registry.domain import refusals

STATUSES: Mapping[type[Refused], HTTPStatus] = {
    refusals.NotYetHappened: HTTPStatus.UNPROCESSABLE_ENTITY,
    # buildings
    refusals.BuildingUnknown: HTTPStatus.NOT_FOUND,
    refusals.BuildingExists: HTTPStatus.CONFLICT,
    refusals.BuildingPlaceUnlikeItsId: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.BuildingPlaceTooDeep: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.ZoneUnknown: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.FloorsUpsideDown: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.SurveyBeforeBuilding: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.UnitsBeyondFloors: HTTPStatus.CONFLICT,
    # units
    refusals.UnitUnknown: HTTPStatus.NOT_FOUND,
    refusals.UnitExists: HTTPStatus.CONFLICT,
    refusals.DoorIsAnother: HTTPStatus.CONFLICT,
    refusals.UnitIdNotItsDoor: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.FloorOutsideBuilding: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.UnitBeforeBuilding: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.DateBeforeUnit: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.AlreadyClassified: HTTPStatus.CONFLICT,
    refusals.ClassifiedOtherwise: HTTPStatus.CONFLICT,
    refusals.TenantsStillThere: HTTPStatus.CONFLICT,
    refusals.NothingToCorrect: HTTPStatus.UNPROCESSABLE_ENTITY,
    # tenancies
    refusals.UnitUnclassified: HTTPStatus.CONFLICT,
    refusals.HotelHasNoTenants: HTTPStatus.CONFLICT,
    refusals.TenancyOverlaps: HTTPStatus.CONFLICT,
    refusals.TenancyExists: HTTPStatus.CONFLICT,
    refusals.TenancyUnknown: HTTPStatus.NOT_FOUND,
    refusals.TenancyEndedBefore: HTTPStatus.CONFLICT,
    refusals.MoveOutBeforeMoveIn: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.CategoryUnlikeClass: HTTPStatus.CONFLICT,
    # occupants
    refusals.NobodyMovesIn: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.OccupantTwice: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.OccupantAlreadyThere: HTTPStatus.CONFLICT,
    refusals.OccupantUnknown: HTTPStatus.NOT_FOUND,
    refusals.VerificationBeforeMoveIn: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.VerificationLapsed: HTTPStatus.CONFLICT,
    refusals.AlreadyVerified: HTTPStatus.CONFLICT,
    # rounds
    refusals.RoundUnknown: HTTPStatus.NOT_FOUND,
    refusals.RoundExists: HTTPStatus.CONFLICT,
    refusals.RoundWithoutUnits: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.UnitElsewhere: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.OfficerUnnamed: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.UnitTwiceInRound: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.UnitNotInRound: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.RoundClosed: HTTPStatus.CONFLICT,
    # subjects
    refusals.SubjectUnknown: HTTPStatus.NOT_FOUND,
    refusals.SubjectWasErased: HTTPStatus.GONE,
    refusals.PurposeMissing: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.NothingOpened: HTTPStatus.UNPROCESSABLE_ENTITY,
}
