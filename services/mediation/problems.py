"""Which HTTP status each refusal of mediation has; a test sees that none is left out."""

from collections.abc import Mapping
from http import HTTPStatus

from contracts.refusals import Refused
from services.mediation.domain import refusals

STATUSES: Mapping[type[Refused], HTTPStatus] = {
    refusals.NotYetHappened: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.HappenedBeforeItsCause: HTTPStatus.UNPROCESSABLE_ENTITY,
    # disputes
    refusals.DisputeUnknown: HTTPStatus.NOT_FOUND,
    refusals.DisputeExists: HTTPStatus.CONFLICT,
    refusals.PartyNamedTwice: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.DisputeIsResolved: HTTPStatus.CONFLICT,
    refusals.DisputeNotResolved: HTTPStatus.CONFLICT,
    refusals.MediatorIsAParty: HTTPStatus.CONFLICT,
    refusals.MediatorIsOfAPartysHousehold: HTTPStatus.CONFLICT,
    refusals.NoMediatorYet: HTTPStatus.CONFLICT,
    refusals.NotAParty: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.SealedFromSomebodyPresent: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.NoSessionYet: HTTPStatus.CONFLICT,
    refusals.AgreementStands: HTTPStatus.CONFLICT,
    refusals.NoAgreementToKeep: HTTPStatus.CONFLICT,
    refusals.AgreementWasReached: HTTPStatus.CONFLICT,
    # issues
    refusals.IssueUnknown: HTTPStatus.NOT_FOUND,
    refusals.IssueExists: HTTPStatus.CONFLICT,
    refusals.BuildingElsewhere: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.TitleIsPublic: HTTPStatus.CONFLICT,
    refusals.PainPointWithoutBuilding: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.FloorWithoutBuilding: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.IssueIsResolved: HTTPStatus.CONFLICT,
    refusals.IssueNotResolved: HTTPStatus.CONFLICT,
    refusals.CommitmentUnknown: HTTPStatus.NOT_FOUND,
    refusals.CommitmentExists: HTTPStatus.CONFLICT,
    refusals.DueDayHasPassed: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.CommitmentNotOverdue: HTTPStatus.CONFLICT,
    refusals.CommitmentsOpen: HTTPStatus.CONFLICT,
    refusals.NotTheResidentWhoRaisedIt: HTTPStatus.FORBIDDEN,
    refusals.CheckedByItsOwner: HTTPStatus.FORBIDDEN,
    refusals.WordOfNobody: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.AlreadyConfirmed: HTTPStatus.CONFLICT,
    # sessions
    refusals.SessionUnknown: HTTPStatus.NOT_FOUND,
    refusals.SessionExists: HTTPStatus.CONFLICT,
    refusals.SessionIsClosed: HTTPStatus.CONFLICT,
    refusals.SessionHasNotBegun: HTTPStatus.CONFLICT,
    refusals.OrganisationNamedTwice: HTTPStatus.UNPROCESSABLE_ENTITY,
    # readings
    refusals.NotYourTask: HTTPStatus.UNPROCESSABLE_ENTITY,
}
