"""Which HTTP status each refusal of incidents has; a test sees that none is left out."""

from collections.abc import Mapping
from http import HTTPStatus

from contracts.refusals import Refused
from services.incidents.domain import refusals

STATUSES: Mapping[type[Refused], HTTPStatus] = {
    refusals.IncidentUnknown: HTTPStatus.NOT_FOUND,
    refusals.IncidentExists: HTTPStatus.CONFLICT,
    refusals.OccurrenceEndsBeforeItBegins: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.OccurrenceInTheFuture: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.ZoneUnknown: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.NotYetHappened: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.HappenedBeforeItsCause: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.IncidentIsResolved: HTTPStatus.CONFLICT,
    refusals.IncidentNotResolved: HTTPStatus.CONFLICT,
    refusals.OfficerNotDispatched: HTTPStatus.CONFLICT,
    refusals.OfficersUnknown: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.ResidentsUseTheApp: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.NoDrillOfResidents: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.UnitElsewhere: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.SourceNamesIncident: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.NotYourTask: HTTPStatus.UNPROCESSABLE_ENTITY,
}
