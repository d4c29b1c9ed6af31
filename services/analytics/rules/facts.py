"""What an event tells the rules: facts about units."""

from collections.abc import Callable
from typing import Any

from contracts import incidents, mediation, registry
from contracts.common import Event, EventRef, names_of
from services.analytics.rules import overdue, repeated
from services.chassis.eventstore.types import Recorded

Fact = repeated.Fact | overdue.Fact
Told = list[tuple[str, Fact]]
"""Units, and what becomes known of each."""

UnitOfCall = Callable[[str], str | None]
"""The unit that an incident's stream was reported to come from."""


def _reported(recorded: Recorded, event: incidents.IncidentReported, _: UnitOfCall) -> Told:
    if event.drill or event.source_unit is None:
        return []
    return [(event.source_unit, _happened(recorded, recorded.stream, event, event.occurred.earliest))]


def _disputed(recorded: Recorded, event: mediation.DisputeLogged, _: UnitOfCall) -> Told:
    if event.source_unit is None:
        return []
    happening = f"incident-{event.incident}" if event.incident else recorded.stream
    return [(event.source_unit, _happened(recorded, happening, event, event.effective_at))]


def _happened(recorded: Recorded, happening: str, event: Any, at: Any) -> repeated.Happened:
    return repeated.Happened(recorded.stream, happening, at, event.category, event.place, reference(recorded))


def _triaged(recorded: Recorded, event: incidents.IncidentTriaged, unit_of_call: UnitOfCall) -> Told:
    unit = unit_of_call(recorded.stream)
    return [] if unit is None else [(unit, repeated.Recategorised(recorded.stream, event.category))]


def _resolved(recorded: Recorded, event: incidents.IncidentResolved, unit_of_call: UnitOfCall) -> Told:
    return _judged(recorded, unit_of_call, event.outcome not in incidents.NOT_AN_INCIDENT)


def _reopened(recorded: Recorded, _: incidents.IncidentReopened, unit_of_call: UnitOfCall) -> Told:
    return _judged(recorded, unit_of_call, True)


def _judged(recorded: Recorded, unit_of_call: UnitOfCall, counts: bool) -> Told:
    unit = unit_of_call(recorded.stream)
    return [] if unit is None else [(unit, repeated.Judged(recorded.stream, counts))]


def _registered(_: Recorded, event: registry.UnitRegistered, __: UnitOfCall) -> Told:
    return [(event.unit, repeated.Stands(event.place))]


def _operated(_: Recorded, event: registry.OperatorAssigned, __: UnitOfCall) -> Told:
    # an operator belongs to no tenancy
    return [(event.unit, repeated.BegunAnew(event.effective_at, None))]


def _let(_: Recorded, event: registry.TenancyStarted, __: UnitOfCall) -> Told:
    return [(event.unit, repeated.BegunAnew(event.effective_at, event.tenancy))]


def _occupied(recorded: Recorded, event: registry.OccupantRegistered, _: UnitOfCall) -> Told:
    if event.verification_due_at is None:
        return []
    who = overdue.occupant(event.tenancy, event.subject)
    since, due = event.effective_at, event.verification_due_at
    return [(event.unit, overdue.Due(who, event.tenancy, since, due, event.place, reference(recorded)))]


def _verified(_: Recorded, event: registry.OccupantVerified, __: UnitOfCall) -> Told:
    return [(event.unit, overdue.Verified(overdue.occupant(event.tenancy, event.subject)))]


def _left(_: Recorded, event: registry.TenantMovedOut, __: UnitOfCall) -> Told:
    begun = repeated.BegunAnew(event.effective_at, event.tenancy)
    return [(event.unit, begun), (event.unit, overdue.Left(event.tenancy))]


def _corrected(recorded: Recorded, event: registry.TenancyCorrected, _: UnitOfCall) -> Told:
    """What was due of the household and when it came and left is void, and holds as corrected."""
    dates = tuple(at for at in (event.effective_at, event.ended_at) if at)
    told: Told = [
        (event.unit, repeated.Redated(event.tenancy, dates)),
        (event.unit, overdue.Left(event.tenancy)),
    ]
    due = event.verification_due_at
    if event.ended_at is not None or due is None:
        return told
    since, ref = event.effective_at, reference(recorded)
    return told + [
        (event.unit, overdue.Due(overdue.occupant(event.tenancy, who), event.tenancy, since, due, event.place, ref))
        for who in event.to_verify
    ]


def _erased(_: Recorded, event: registry.SubjectErased, __: UnitOfCall) -> Told:
    return [(each.unit, overdue.Erased(overdue.occupant(each.tenancy, event.subject))) for each in event.registrations]


def reference(recorded: Recorded) -> EventRef:
    """Points at an event."""
    return EventRef(source=recorded.source, position=recorded.position, id=str(recorded.id))


FACTS: dict[type[Event], Callable[[Recorded, Any, UnitOfCall], Told]] = {
    incidents.IncidentReported: _reported,
    incidents.IncidentTriaged: _triaged,
    incidents.IncidentResolved: _resolved,
    incidents.IncidentReopened: _reopened,
    mediation.DisputeLogged: _disputed,
    registry.UnitRegistered: _registered,
    registry.OperatorAssigned: _operated,
    registry.TenancyStarted: _let,
    registry.OccupantRegistered: _occupied,
    registry.OccupantVerified: _verified,
    registry.TenantMovedOut: _left,
    registry.TenancyCorrected: _corrected,
    registry.SubjectErased: _erased,
}
NAMES = names_of(FACTS)
SOURCES = ("registry", "incidents", "mediation")
