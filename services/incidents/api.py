"""The commands about incidents, one declaration each."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AfterValidator, StringConstraints

from contracts.common import PRINTABLE, Frozen, Identifier, Instant, Occurred, Role, Sealed, ZoneName
from contracts.incidents import Channel
from services.chassis.access import OutsideScope, Scope, require_own, require_recent
from services.chassis.http import Asked, Caller, CommandAnswer, Noun, ruled_below
from services.chassis.http.texts import seen
from services.chassis.reading import row
from services.chassis.vault import case_key
from services.chassis.zones import zone_of
from services.incidents import permissions
from services.incidents.deciders import DUTY, ERASURE, INCIDENT
from services.incidents.domain.erasure import EraseText
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
    NoDrillOfResidents,
    OfficersUnknown,
    ResidentsUseTheApp,
    SourceNamesIncident,
    UnitElsewhere,
)
from services.incidents.sight import in_places, in_places_or_sent, officer_id
from services.incidents.views.roster import ANY

router = APIRouter()
INCIDENTS = Noun(INCIDENT, "/cases/{incident}", router, in_places, case_key, tags=("incidents",))
OFFICER = {"officer": Identifier | None}
"""Left out: the officer who says so."""


class OccurredBody(Frozen):
    """When it happened, as exactly as it is known.

    Attributes:
        latest: left out: at ``earliest`` exactly. zone: where its day is counted; left out: that of the place.
    """

    earliest: Instant
    latest: Instant | None = None
    zone: ZoneName | None = None


SourceWord = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=PRINTABLE), AfterValidator(seen)]


def may_report(caller: Caller, body: Any) -> None:
    """Lets a report pass that the caller may make: inside their places, and of another system for an integrator.

    A resident reports over the app, no exercise, lately, at a place of theirs.

    Raises:
        OutsideScope, IdIsMade, TooLongAgo, ResidentsUseTheApp, NoDrillOfResidents, UnitElsewhere: they may not make it.
    """
    principal = caller.principal
    if body.source != "live" and principal.role not in permissions.REPORT_FOR_OTHERS.roles:
        raise OutsideScope
    if caller.scope is not Scope.SUBJECT:
        principal.require(body.place)
        return
    require_own(principal, body.place, body.incident, "/incident")
    require_recent(body.occurred.earliest if body.occurred else None, caller.now, "/occurred/earliest")
    if body.channel is not Channel.APP:
        raise ResidentsUseTheApp
    if body.drill:
        raise NoDrillOfResidents
    # what is reported counts against the unit: it is the place itself, or one of the building that the place is
    inner = body.place.split("/")[-2:]
    unit = body.source_unit
    if unit is not None and unit != "-".join(inner) and not unit.startswith(f"{inner[-1]}-"):
        raise UnitElsewhere(unit, body.place)


@INCIDENTS.creation(
    ReportIncident,
    permissions.REPORT,
    rule=may_report,
    summary="Report an incident",
    describes="""Something that happened enters the casebook; the same report again is answered with the first.

    Left out: ``incident``, an id is made, of source and source_id where there is a source_id, so that the same report
    is recognised when it comes again; ``occurred``, it happens now; ``caller`` is a subject id, of a resident always
    themselves.""",
    given=("zone",),
    takes={"occurred": OccurredBody | None, "source_id": SourceWord | None, "source_category": SourceWord | None},
    example={
        "category": "noise/neighbours",
        "place": "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a/1812",
        "occurred": {"earliest": "2024-06-30T22:10:00+08:00"},
        "channel": "phone-110",
        "source_unit": "wanda-a-1812",
        "caller_unit": "wanda-a-1811",
        "description": "楼上装修，夜里十点以后仍在施工。",
    },
).completed
async def report(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives the id, and what is sealed or counted by the place."""
    body, principal = asked.body, asked.principal
    incident = asked.aggregate
    if body.source_id is not None:
        if body.incident is not None:
            raise SourceNamesIncident
        incident = await _named(asked)
    return {
        "incident": incident,
        "zone": zone_of(body.place),
        "occurred": _occurred(body.occurred, body.place),
        "caller": principal.subject if principal.role is Role.RESIDENT else body.caller,
        "description": await _described(asked, incident),
    }


async def _named(asked: Asked[Any]) -> str:
    """The id of the incident that a source's own id decides, in its city."""
    body = asked.body
    digest = digest_of(body.source, body.source_id)
    state, _ = await asked.service.handler.state(INCIDENT, incident_of(digest))
    taken = state.report is not None and city_of(state.report.place) != city_of(body.place)
    return incident_of(digest_in(body.place, digest) if taken else digest)


def _occurred(told: OccurredBody | None, place: str) -> Occurred | None:
    if told is None:
        return None
    return Occurred(earliest=told.earliest, latest=told.latest or told.earliest, zone=told.zone or zone_of(place))


async def _described(asked: Asked[Any], incident: str) -> Sealed | None:
    """The description, sealed; one that is sealed already must say the same.

    Raises:
        IncidentExists: the incident was reported before in other words.
    """
    text, vault = asked.body.description, asked.service.vault
    if text is None:
        return None
    state, _ = await asked.service.handler.state(INCIDENT, incident)
    if state.report is not None and state.report.description is not None:
        (before,) = await vault.open_many([state.report.description])
        if before != text:
            raise IncidentExists(incident)
        sealed: Sealed = state.report.description
        return sealed
    return await vault.seal(case_key(incident), text)


INCIDENTS.command(
    TriageIncident,
    "triage",
    permissions.TRIAGE,
    summary="Judge an incident",
    example={"priority": "urgent", "category": "noise/construction"},
)


@INCIDENTS.command(
    DispatchOfficers,
    "dispatches",
    permissions.DISPATCH,
    summary="Dispatch officers",
    example={"officers": ["officer-li", "officer-ma"]},
).completed
async def dispatch(asked: Asked[Any]) -> Mapping[str, Any]:
    """Lets officers pass who have come on duty at least once; all of them, where no officer ever has.

    Raises:
        OfficersUnknown: some have not, and others have.
    """
    await asked.state()
    service = asked.service
    duties = [(officer, (await service.handler.state(DUTY, officer))[0]) for officer in asked.body.officers]
    unknown = [officer for officer, duty in duties if duty.started is None]
    if unknown and (len(unknown) < len(duties) or await row(service.database.engine, ANY) is not None):
        raise OfficersUnknown(unknown)
    return {}


INCIDENTS.command(
    RecallOfficers,
    "recalls",
    permissions.RECALL,
    summary="Recall officers",
    example={"officers": ["officer-ma"]},
)


async def _officer(asked: Asked[Any]) -> Mapping[str, Any]:
    """The officer named, or the caller; only the desk speaks for others."""
    own = officer_id(asked.principal)
    named = asked.body.officer
    if named not in {None, own} and asked.principal.role not in permissions.ATTEND_FOR_OTHERS.roles:
        raise OutsideScope
    return {"officer": named or own}


INCIDENTS.command(
    SetOut,
    "departures",
    permissions.ATTEND,
    rule=in_places_or_sent,
    summary="Set out",
    takes=OFFICER,
    example={"officer": "officer-li", "effective_at": "2024-06-30T22:21:00+08:00"},
).completed(_officer)


@INCIDENTS.command(
    Arrive,
    "arrivals",
    permissions.ATTEND,
    rule=in_places_or_sent,
    summary="Arrive",
    describes="Say that an officer is there; the wait is counted from when the platform learned of it, or its "
    "reopening.",
    given=("reported_at",),
    takes=OFFICER,
    example={"officer": "officer-li", "effective_at": "2024-06-30T22:21:00+08:00"},
).completed
async def arrive(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives the officer, and when the platform learned of the incident."""
    past = await asked.service.store.load(INCIDENT.stream(asked.aggregate))
    return {**await _officer(asked), "reported_at": past[0].recorded_at if past else None}


INCIDENTS.command(
    ResolveIncident,
    "resolution",
    permissions.RESOLVE,
    rule=in_places_or_sent,
    summary="Resolve an incident",
    example={"outcome": "settled", "note": "双方约定晚八点后不再施工。"},
)
INCIDENTS.command(
    ReopenIncident,
    "reopening",
    permissions.REOPEN,
    summary="Reopen an incident",
    example={"reason": "当晚十一点又开始施工。"},
)


ERASURES = Noun(ERASURE, "/cases/{incident}", router, ruled_below, tags=("records",))
ERASE = ERASURES.command(
    EraseText,
    "erasure",
    permissions.ERASE_TEXT,
    summary="Erase what was written about an incident",
    describes="Destroy the key of its description, notes and reasons: they can be read no more, anywhere.",
    given=("place",),
    example={"ground": "retention-ended"},
)


@ERASE.completed
async def _where(asked: Asked[Any]) -> Mapping[str, Any]:
    state, _ = await asked.service.handler.state(INCIDENT, asked.aggregate)
    in_places(asked.caller, state)
    return {"place": state.place}


@ERASE.answered
async def erase_text(asked: Asked[Any]) -> CommandAnswer:
    """Puts the erasure on record, then destroys the key; a policy does so too, should this process die here."""
    answer = await ERASE.applied(asked)
    await asked.service.vault.erase(case_key(asked.aggregate))
    return answer
