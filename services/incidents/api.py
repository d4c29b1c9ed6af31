"""Commands about incidents: parse, call, return."""

import re
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as PathParameter

from contracts.common import Identifier, Occurred, Role, Sealed
from services.chassis.access import OutsideScope, Principal, permit
from services.chassis.handler import Allowed
from services.chassis.http import Command, CommandAnswer, Context
from services.chassis.service import ServiceContext
from services.chassis.vault import case_key
from services.incidents.bodies import (
    DispatchBody,
    MovementBody,
    OccurredBody,
    ReopeningBody,
    ReportBody,
    ResolutionBody,
    TriageBody,
)
from services.incidents.deciders import INCIDENT
from services.incidents.domain.incident import Incident
from services.incidents.domain.incident_commands import (
    Arrive,
    DispatchOfficers,
    ReopenIncident,
    ReportIncident,
    ResolveIncident,
    SetOut,
    TriageIncident,
)
from services.incidents.domain.refusals import IncidentUnknown
from services.incidents.permissions import (
    ATTEND,
    ATTEND_FOR_OTHERS,
    DISPATCH,
    REOPEN,
    REPORT,
    REPORT_FOR_OTHERS,
    RESOLVE,
    TRIAGE,
)

router = APIRouter(prefix="/cases", tags=["incidents"])
IncidentId = Annotated[Identifier, PathParameter(examples=["0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e"])]


@router.post("", status_code=201, summary="Report an incident")
async def report(
    body: ReportBody, context: Context, call: Command, principal: Annotated[Principal, permit(REPORT)]
) -> CommandAnswer:
    """Something that happened enters the casebook."""
    if principal.role is not Role.RESIDENT:
        principal.require(body.place)
    if body.source != "live" and principal.role not in REPORT_FOR_OTHERS.roles:
        raise OutsideScope
    incident = body.incident or str(context.new_id())
    told = body.model_dump(exclude={"incident", "occurred", "description", "caller", "location"})
    command = ReportIncident(
        **told,
        incident=incident,
        occurred=_occurred(body.occurred, context),
        caller=principal.subject if principal.role is Role.RESIDENT else body.caller,
        location=body.location,
        description=await _sealed(context, incident, body.description),
    )
    handled = await call.handle(INCIDENT, incident, command, principal)
    # a repeat without an id of its own has another one made here; what counts is the first
    return call.answer(handled, id=handled.stream.removeprefix("incident-"))


@router.post("/{incident}/triage", status_code=201, summary="Judge an incident")
async def triage(
    incident: IncidentId,
    body: TriageBody,
    call: Command,
    principal: Annotated[Principal, permit(TRIAGE)],
) -> CommandAnswer:
    """Judge how soon somebody must be there, and what it really is."""
    command = TriageIncident(priority=body.priority, category=body.category)
    return await call.apply(INCIDENT, incident, command, principal, allowed=_in_places(principal))


@router.post("/{incident}/dispatches", status_code=201, summary="Dispatch officers")
async def dispatch(
    incident: IncidentId,
    body: DispatchBody,
    call: Command,
    principal: Annotated[Principal, permit(DISPATCH)],
) -> CommandAnswer:
    """Send officers; those who were sent already are not sent twice."""
    return await call.apply(
        INCIDENT, incident, DispatchOfficers(officers=body.officers), principal, allowed=_in_places(principal)
    )


@router.post("/{incident}/departures", status_code=201, summary="Set out")
async def set_out(
    incident: IncidentId,
    body: MovementBody,
    call: Command,
    principal: Annotated[Principal, permit(ATTEND)],
) -> CommandAnswer:
    """Say that an officer is on the way."""
    command = SetOut(officer=_officer(body, principal), effective_at=body.effective_at)
    return await call.apply(INCIDENT, incident, command, principal, allowed=_in_places(principal))


@router.post("/{incident}/arrivals", status_code=201, summary="Arrive")
async def arrive(
    incident: IncidentId,
    body: MovementBody,
    context: Context,
    call: Command,
    principal: Annotated[Principal, permit(ATTEND)],
) -> CommandAnswer:
    """Say that an officer is there; the wait is counted from when the platform learned of the incident."""
    await _within(context, incident, principal)
    first, *_ = await context.store.load(INCIDENT.stream(incident))
    command = Arrive(officer=_officer(body, principal), effective_at=body.effective_at, reported_at=first.recorded_at)
    return await call.apply(INCIDENT, incident, command, principal)


@router.post("/{incident}/resolution", status_code=201, summary="Resolve an incident")
async def resolve(
    incident: IncidentId,
    body: ResolutionBody,
    context: Context,
    call: Command,
    principal: Annotated[Principal, permit(RESOLVE)],
) -> CommandAnswer:
    """Say that the incident is dealt with, and how."""
    await _within(context, incident, principal)
    note = await _sealed(context, incident, body.note)
    command = ResolveIncident(outcome=body.outcome, note=note, effective_at=body.effective_at)
    return await call.apply(INCIDENT, incident, command, principal)


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
    _in_places(principal)(state)


def _in_places(principal: Principal) -> Allowed:
    def allowed(incident: Incident) -> None:
        if incident.report is None:
            raise IncidentUnknown
        principal.require(incident.report.place)

    return allowed


async def _sealed(context: ServiceContext, incident: str, text: str | None) -> Sealed | None:
    return None if text is None else await context.vault.seal(case_key(incident), text)


def _occurred(told: OccurredBody | None, context: ServiceContext) -> Occurred:
    if told is None:
        now = context.clock.now()
        return Occurred(earliest=now, latest=now)
    return Occurred(earliest=told.earliest, latest=told.latest or told.earliest, zone=told.zone)


def officer_id(principal: Principal) -> str:
    """The caller as an officer; an outside issuer may name people in other letters than identifiers have."""
    return re.sub(r"[^a-z0-9._-]", "-", principal.id.lower())[:80]


def _officer(body: MovementBody, principal: Principal) -> str:
    """The officer named, or the caller; only the desk speaks for others."""
    own = officer_id(principal)
    if body.officer not in {None, own} and principal.role not in ATTEND_FOR_OTHERS.roles:
        raise OutsideScope
    return body.officer or own
