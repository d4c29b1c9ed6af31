"""Commands about incidents: parse, call, return."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as PathParameter

from contracts.common import Identifier, Occurred, Role, Sealed
from contracts.incidents import Channel, Officers
from services.chassis.access import OutsideScope, Principal, Scope, permit, require_own, require_recent
from services.chassis.http import Command, CommandAnswer, Context
from services.chassis.reading import row
from services.chassis.service import ServiceContext
from services.chassis.vault import case_key
from services.chassis.zones import zone_of
from services.incidents.bodies import (
    DispatchBody,
    MovementBody,
    OccurredBody,
    RecallBody,
    ReopeningBody,
    ReportBody,
    ResolutionBody,
    TriageBody,
)
from services.incidents.deciders import DUTY, INCIDENT
from services.incidents.domain.identity import city_of, digest_in, digest_of, incident_of
from services.incidents.domain.incident_commands import (
    Arrive,
    DispatchOfficers,
    RecallOfficers,
    ReopenIncident,
    ReportIncident,
    ResolveIncident,
    SetOut,
    TriageIncident,
)
from services.incidents.domain.refusals import (
    IncidentExists,
    IncidentUnknown,
    NoDrillOfResidents,
    OfficersUnknown,
    ResidentsUseTheApp,
    SourceNamesIncident,
    UnitElsewhere,
)
from services.incidents.permissions import (
    ATTEND,
    ATTEND_FOR_OTHERS,
    DISPATCH,
    RECALL,
    REOPEN,
    REPORT,
    REPORT_FOR_OTHERS,
    RESOLVE,
    TRIAGE,
)
from services.incidents.sight import in_places, in_places_or_sent, officer_id
from services.incidents.views.roster import ANY

router = APIRouter(prefix="/cases", tags=["incidents"])
IncidentId = Annotated[Identifier, PathParameter(examples=["0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e"])]


@router.post("", status_code=201, summary="Report an incident")
async def report(
    body: ReportBody, context: Context, call: Command, principal: Annotated[Principal, permit(REPORT)]
) -> CommandAnswer:
    """Something that happened enters the casebook; the same report again is answered with the first."""
    if REPORT.scope(principal.role) is Scope.SUBJECT:
        _of_a_resident(body, principal, context.clock.now())
    else:
        principal.require(body.place)
    if body.source != "live" and principal.role not in REPORT_FOR_OTHERS.roles:
        raise OutsideScope
    incident = await _named(body, context) or str(context.new_id())
    told = body.model_dump(exclude={"incident", "occurred", "description", "caller", "location"})
    command = ReportIncident(
        **told,
        incident=incident,
        occurred=_occurred(body.occurred, body.place),
        zone=zone_of(body.place),
        caller=principal.subject if principal.role is Role.RESIDENT else body.caller,
        location=body.location,
        description=await _described(context, incident, body.description),
    )
    handled = await call.handle(INCIDENT, incident, command, principal)
    # a repeat without an id of its own has another one made here; what counts is the first
    return call.answer(handled, id=handled.stream.removeprefix("incident-"))


def _of_a_resident(body: ReportBody, principal: Principal, now: datetime) -> None:
    """Lets a report pass that a resident may make: over the app, no exercise, lately, at a place of theirs.

    Raises:
        OutsideScope, IdIsMade, TooLongAgo, ResidentsUseTheApp, NoDrillOfResidents, UnitElsewhere: they may not make it.
    """
    require_own(principal, body.place, body.incident, "/incident")
    require_recent(body.occurred.earliest if body.occurred else None, now, "/occurred/earliest")
    if body.channel is not Channel.APP:
        raise ResidentsUseTheApp
    if body.drill:
        raise NoDrillOfResidents
    # what is reported counts against the unit: it is the place itself, or one of the building that the place is
    inner = body.place.split("/")[-2:]
    unit = body.source_unit
    if unit is not None and unit != "-".join(inner) and not unit.startswith(f"{inner[-1]}-"):
        raise UnitElsewhere(unit, body.place)


async def _named(body: ReportBody, context: ServiceContext) -> str | None:
    """The id of the incident, where the report gives one or a source's own id in its city decides it."""
    if body.source_id is None:
        return body.incident
    if body.incident is not None:
        raise SourceNamesIncident
    digest = digest_of(body.source, body.source_id)
    state, _ = await context.handler.state(INCIDENT, incident_of(digest))
    taken = state.report is not None and city_of(state.report.place) != city_of(body.place)
    return incident_of(digest_in(body.place, digest) if taken else digest)


async def _described(context: ServiceContext, incident: str, text: str | None) -> Sealed | None:
    """The description, sealed; one that is sealed already must say the same.

    Raises:
        IncidentExists: the incident was reported before in other words.
    """
    if text is None:
        return None
    state, _ = await context.handler.state(INCIDENT, incident)
    if state.report is not None and state.report.description is not None:
        (before,) = await context.vault.open_many([state.report.description])
        if before != text:
            raise IncidentExists(incident)
        return state.report.description
    return await _sealed(context, incident, text)


@router.post("/{incident}/triage", status_code=201, summary="Judge an incident")
async def triage(
    incident: IncidentId,
    body: TriageBody,
    call: Command,
    principal: Annotated[Principal, permit(TRIAGE)],
) -> CommandAnswer:
    """Judge how soon somebody must be there, and what it really is."""
    command = TriageIncident(priority=body.priority, category=body.category)
    return await call.apply(INCIDENT, incident, command, principal, allowed=in_places(principal))


@router.post("/{incident}/dispatches", status_code=201, summary="Dispatch officers")
async def dispatch(
    incident: IncidentId,
    body: DispatchBody,
    context: Context,
    call: Command,
    principal: Annotated[Principal, permit(DISPATCH)],
) -> CommandAnswer:
    """Send officers; those who were sent already are not sent twice."""
    await _within(context, incident, principal)
    await _require_known(context, body.officers)
    command = DispatchOfficers(officers=body.officers, effective_at=body.effective_at)
    return await call.apply(INCIDENT, incident, command, principal, allowed=in_places(principal))


async def _require_known(context: ServiceContext, officers: Officers) -> None:
    """Lets officers pass who have come on duty at least once; all of them, where no officer ever has.

    Raises:
        OfficersUnknown: some have not, and others have.
    """
    duties = [(officer, (await context.handler.state(DUTY, officer))[0]) for officer in officers]
    unknown = [officer for officer, duty in duties if duty.started is None]
    if unknown and (len(unknown) < len(duties) or await row(context.database.engine, ANY) is not None):
        raise OfficersUnknown(unknown)


@router.post("/{incident}/recalls", status_code=201, summary="Recall officers")
async def recall(
    incident: IncidentId,
    body: RecallBody,
    call: Command,
    principal: Annotated[Principal, permit(RECALL)],
) -> CommandAnswer:
    """Take officers off an incident; it is not theirs any more."""
    command = RecallOfficers(officers=body.officers)
    return await call.apply(INCIDENT, incident, command, principal, allowed=in_places(principal))


@router.post("/{incident}/departures", status_code=201, summary="Set out")
async def set_out(
    incident: IncidentId,
    body: MovementBody,
    call: Command,
    principal: Annotated[Principal, permit(ATTEND)],
) -> CommandAnswer:
    """Say that an officer is on the way."""
    command = SetOut(officer=_officer(body, principal), effective_at=body.effective_at)
    return await call.apply(INCIDENT, incident, command, principal, allowed=in_places_or_sent(principal))


@router.post("/{incident}/arrivals", status_code=201, summary="Arrive")
async def arrive(
    incident: IncidentId,
    body: MovementBody,
    context: Context,
    call: Command,
    principal: Annotated[Principal, permit(ATTEND)],
) -> CommandAnswer:
    """Say that an officer is there; the wait is counted from when the platform learned of it, or its reopening."""
    past = await context.store.load(INCIDENT.stream(incident))
    command = Arrive(
        officer=_officer(body, principal),
        effective_at=body.effective_at,
        reported_at=past[0].recorded_at if past else None,
    )
    return await call.apply(INCIDENT, incident, command, principal, allowed=in_places_or_sent(principal))


@router.post("/{incident}/resolution", status_code=201, summary="Resolve an incident")
async def resolve(
    incident: IncidentId,
    body: ResolutionBody,
    context: Context,
    call: Command,
    principal: Annotated[Principal, permit(RESOLVE)],
) -> CommandAnswer:
    """Say that the incident is dealt with, and how."""
    state, _ = await context.handler.state(INCIDENT, incident)
    if state.report is None:
        raise IncidentUnknown
    note = await _sealed(context, incident, body.note)
    command = ResolveIncident(outcome=body.outcome, note=note, effective_at=body.effective_at)
    return await call.apply(INCIDENT, incident, command, principal, allowed=in_places_or_sent(principal))


@router.post("/{incident}/reopening", status_code=201, summary="Reopen an incident")
async def reopen(
    incident: IncidentId,
    body: ReopeningBody,
    context: Context,
    call: Command,
    principal: Annotated[Principal, permit(REOPEN)],
) -> CommandAnswer:
    """Say that it was not over."""
    await _within(context, incident, principal)
    command = ReopenIncident(reason=await _sealed(context, incident, body.reason))
    return await call.apply(INCIDENT, incident, command, principal)


async def _within(context: ServiceContext, incident: str, principal: Principal) -> None:
    """Lets an incident pass that was reported, and lies within the caller's places."""
    state, _ = await context.handler.state(INCIDENT, incident)
    in_places(principal)(state)


async def _sealed(context: ServiceContext, incident: str, text: str | None) -> Sealed | None:
    return None if text is None else await context.vault.seal(case_key(incident), text)


def _occurred(told: OccurredBody | None, place: str) -> Occurred | None:
    if told is None:
        return None
    return Occurred(earliest=told.earliest, latest=told.latest or told.earliest, zone=told.zone or zone_of(place))


def _officer(body: MovementBody, principal: Principal) -> str:
    """The officer named, or the caller; only the desk speaks for others."""
    own = officer_id(principal)
    if body.officer not in {None, own} and principal.role not in ATTEND_FOR_OTHERS.roles:
        raise OutsideScope
    return body.officer or own
