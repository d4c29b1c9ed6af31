"""What can be asked of an incident, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from contracts.common import (
    HOME_ZONE,
    PRINTABLE,
    Category,
    Event,
    Frozen,
    Identifier,
    Instant,
    NamedPlace,
    Occurred,
    Point,
    Sealed,
    ZoneName,
)
from contracts.incidents import (
    Channel,
    IncidentReopened,
    IncidentReported,
    IncidentResolved,
    IncidentTriaged,
    Officers,
    OfficersArrived,
    OfficersDispatched,
    OfficersEnRoute,
    OfficersRecalled,
    Priority,
)
from contracts.zones import is_zone
from services.incidents.domain.happened import CLOCKS_DIFFER, happened
from services.incidents.domain.incident import Incident
from services.incidents.domain.refusals import (
    IncidentExists,
    IncidentIsResolved,
    IncidentNotResolved,
    IncidentUnknown,
    OccurrenceEndsBeforeItBegins,
    OccurrenceInTheFuture,
    OfficerNotDispatched,
    ZoneUnknown,
)

AT_ONCE = timedelta(minutes=1)
"""An officer who is there sooner after the dispatch did not travel."""

Outcome = Literal["settled", "handed-to-mediation", "handed-to-investigation", "unfounded", "duplicate"]
SourceWord = Annotated[str, StringConstraints(max_length=120, pattern=PRINTABLE)]


class ReportIncident(Frozen):
    """Tells of something that happened; the fields are those of ``IncidentReported``.

    Attributes:
        occurred: left out, it happens now, or happened when the report says that this one repeats.
        zone: of the place; the day of what happens now is counted in it.
    """

    incident: Identifier
    category: Category
    place: NamedPlace
    occurred: Occurred | None = None
    zone: ZoneName = HOME_ZONE
    channel: Channel
    source_unit: Identifier | None = None
    caller_unit: Identifier | None = None
    caller: Identifier | None = None
    description: Sealed | None = None
    location: Point | None = None
    drill: bool = False
    source: Identifier = "live"
    source_id: SourceWord | None = None
    source_category: SourceWord | None = None


class TriageIncident(Frozen):
    """Judges how soon somebody must be there; ``category`` only where it turned out to be another."""

    priority: Priority
    category: Category | None = None


class DispatchOfficers(Frozen):
    """Sends officers; those who were sent already are not sent twice; ``effective_at`` where it was done earlier."""

    officers: Officers
    effective_at: Instant | None = None


class RecallOfficers(Frozen):
    """Takes officers off the incident; those who were recalled already stay so."""

    officers: Officers


class SetOut(Frozen):
    """The officer is on the way; ``effective_at`` where it was said later than done (a phone without signal)."""

    officer: Identifier
    effective_at: Instant | None = None


class Arrive(Frozen):
    """The officer is there.

    Attributes:
        officer: who. effective_at: when, where it was said later than done. reported_at: when the platform learned
            of the incident, handed in by the shell; without it the end of the interval stands for it.
    """

    officer: Identifier
    effective_at: Instant | None = None
    reported_at: Instant | None = None


class ResolveIncident(Frozen):
    """Says that the incident is dealt with, and how."""

    outcome: Outcome
    note: Sealed | None = None
    effective_at: Instant | None = None


class ReopenIncident(Frozen):
    """Says that it was not over."""

    reason: Sealed | None = None


def report(incident: Incident, command: ReportIncident, now: datetime) -> list[Event]:
    """An incident enters the casebook. Repeating it changes nothing."""
    known = incident.report
    occurred = command.occurred or (known.occurred if known else Occurred(earliest=now, latest=now, zone=command.zone))
    told = command.model_dump(exclude={"zone"}) | {"occurred": occurred}
    reported = IncidentReported(**told, effective_at=occurred.earliest)
    if known is not None:
        if _particulars(known) == _particulars(reported):
            return []
        raise IncidentExists(command.incident)
    _check_occurrence(occurred, now)
    return [reported]


def _particulars(report: IncidentReported) -> tuple[IncidentReported, bool]:
    # the same words sealed twice give two ciphertexts: the shell compares what was written, here only whether
    return report.model_copy(update={"description": None}), report.description is None


def _check_occurrence(occurred: Occurred, now: datetime) -> None:
    if occurred.latest < occurred.earliest:
        raise OccurrenceEndsBeforeItBegins
    horizon = now + CLOCKS_DIFFER
    if occurred.latest > horizon:
        end = "earliest" if occurred.earliest > horizon else "latest"
        raise OccurrenceInTheFuture(now, f"/occurred/{end}")
    if not is_zone(occurred.zone):
        raise ZoneUnknown(occurred.zone)


def _known(incident: Incident) -> IncidentReported:
    if incident.report is None:
        raise IncidentUnknown
    return incident.report


def _open(incident: Incident) -> IncidentReported:
    known = _known(incident)
    if incident.resolved is not None:
        raise IncidentIsResolved(known.incident)
    return known


def triage(incident: Incident, command: TriageIncident, now: datetime) -> list[Event]:
    """A dispatcher judges it. Judging it alike again changes nothing."""
    known = _open(incident)
    category = command.category or incident.category
    if (incident.priority, incident.category) == (command.priority, category):
        return []
    return [
        IncidentTriaged(
            incident=known.incident,
            place=known.place,
            priority=command.priority,
            category=category,
            effective_at=now,
        )
    ]


def dispatch(incident: Incident, command: DispatchOfficers, now: datetime) -> list[Event]:
    """Officers are sent; only those who were not sent yet."""
    known = _open(incident)
    sent = dict(incident.dispatched)
    fresh = tuple(officer for officer in dict.fromkeys(command.officers) if officer not in sent)
    if not fresh:
        return []
    at = happened(command.effective_at, now, since=incident.reopened_at or known.occurred.earliest)
    late = command.effective_at is not None and now - at > CLOCKS_DIFFER
    return [
        OfficersDispatched(
            incident=known.incident, place=known.place, officers=fresh, entered_late=late, effective_at=at
        )
    ]


def recall(incident: Incident, command: RecallOfficers, now: datetime) -> list[Event]:
    """Officers are taken off. Recalling them again changes nothing."""
    known = _open(incident)
    gone = tuple(officer for officer in dict.fromkeys(command.officers) if officer not in incident.recalled)
    for officer in gone:
        _sent(incident, officer)
    if not gone:
        return []
    return [OfficersRecalled(incident=known.incident, place=known.place, officers=gone, effective_at=now)]


def _sent(incident: Incident, officer: str) -> datetime:
    since = incident.dispatched_at(officer)
    if since is None:
        raise OfficerNotDispatched(officer, dict(incident.dispatched))
    return since


def set_out(incident: Incident, command: SetOut, now: datetime) -> list[Event]:
    """An officer is on the way; one who is there already is on the way no more."""
    known = _open(incident)
    since = _sent(incident, command.officer)
    if command.officer in incident.en_route | incident.arrived:
        return []
    at = happened(command.effective_at, now, since=since)
    return [OfficersEnRoute(incident=known.incident, place=known.place, officer=command.officer, effective_at=at)]


def arrive(incident: Incident, command: Arrive, now: datetime) -> list[Event]:
    """An officer is there; the wait is counted from when the platform learned of it, or from its last reopening."""
    known = _open(incident)
    since = _sent(incident, command.officer)
    if command.officer in incident.arrived:
        return []
    at = happened(command.effective_at, now, since=since)
    begun, measured = _clock(incident, command, since, at)
    return [
        OfficersArrived(
            incident=known.incident,
            place=known.place,
            officer=command.officer,
            waited_seconds=max(0, int((at - begun).total_seconds())),
            measured=measured,
            effective_at=at,
        )
    ]


def _clock(incident: Incident, arrival: Arrive, sent: datetime, at: datetime) -> tuple[datetime, bool]:
    """When the wait that ends at ``at`` began, and whether it was measured as it passed.

    What was told after the fact, such as after an outage, is counted between the times that were told. Where an old
    incident is reported and the arrival comes with the dispatch, all of it was entered afterwards, without its times.
    """
    known = _known(incident)
    learned = incident.reopened_at or arrival.reported_at or known.occurred.latest
    old = incident.reopened_at is None and learned - known.occurred.latest > CLOCKS_DIFFER
    if arrival.officer not in incident.late:
        return learned, not (old and at - sent < AT_ONCE)
    return (learned if at >= learned else min(learned, known.occurred.latest)), False


def resolve(incident: Incident, command: ResolveIncident, now: datetime) -> list[Event]:
    """It is dealt with. Saying the same again changes nothing; another outcome needs it reopened."""
    known = _known(incident)
    if incident.resolved is not None:
        if incident.resolved.outcome == command.outcome:
            return []
        raise IncidentIsResolved(known.incident)
    at = happened(command.effective_at, now, since=incident.reopened_at or known.occurred.earliest)
    return [
        IncidentResolved(
            incident=known.incident, place=known.place, outcome=command.outcome, note=command.note, effective_at=at
        )
    ]


def reopen(incident: Incident, command: ReopenIncident, now: datetime) -> list[Event]:
    """It was not over; officers are sent again."""
    known = _known(incident)
    if incident.resolved is None:
        raise IncidentNotResolved(known.incident)
    return [IncidentReopened(incident=known.incident, place=known.place, reason=command.reason, effective_at=now)]


DECISIONS: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {
    ReportIncident: report,
    TriageIncident: triage,
    DispatchOfficers: dispatch,
    RecallOfficers: recall,
    SetOut: set_out,
    Arrive: arrive,
    ResolveIncident: resolve,
    ReopenIncident: reopen,
}
"""The decision for each command."""
