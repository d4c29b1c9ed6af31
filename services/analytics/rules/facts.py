"""What an event tells the rules: facts about units."""

from collections.abc import Callable
from typing import Any

import orjson

from contracts import incidents, mediation, registry
from contracts.common import EventRef
from services.analytics.rules import overdue, repeated
from services.chassis.eventstore.types import Recorded

Fact = repeated.Fact | overdue.Fact
Told = list[tuple[str, Fact]]
"""Units, and what becomes known of each."""

UnitOfCall = Callable[[str], str | None]
"""The unit that an incident's stream was reported to come from."""


def _reported(recorded: Recorded, _: UnitOfCall) -> Told:
    told = orjson.loads(recorded.data)
    if told["drill"] or told["source_unit"] is None:
        return []
    event = recorded.event
    assert isinstance(event, incidents.IncidentReported)  # noqa: S101 - by its type
    return [(told["source_unit"], _happened(recorded, recorded.stream, event, event.occurred.earliest))]


def _disputed(recorded: Recorded, _: UnitOfCall) -> Told:
    event = recorded.event
    assert isinstance(event, mediation.DisputeLogged)  # noqa: S101 - by its type
    if event.source_unit is None:
        return []
    happening = f"incident-{event.incident}" if event.incident else recorded.stream
    return [(event.source_unit, _happened(recorded, happening, event, event.effective_at))]


def _happened(recorded: Recorded, happening: str, event: Any, at: Any) -> repeated.Happened:
    return repeated.Happened(recorded.stream, happening, at, event.category, event.place, reference(recorded))


def _triaged(recorded: Recorded, unit_of_call: UnitOfCall) -> Told:
    unit = unit_of_call(recorded.stream)
    if unit is None:
        return []
    return [(unit, repeated.Recategorised(recorded.stream, orjson.loads(recorded.data)["category"]))]


def _resolved(recorded: Recorded, unit_of_call: UnitOfCall) -> Told:
    return _judged(recorded, unit_of_call, orjson.loads(recorded.data)["outcome"] not in incidents.NOT_AN_INCIDENT)


def _reopened(recorded: Recorded, unit_of_call: UnitOfCall) -> Told:
    return _judged(recorded, unit_of_call, True)


def _judged(recorded: Recorded, unit_of_call: UnitOfCall, counts: bool) -> Told:
    unit = unit_of_call(recorded.stream)
    return [] if unit is None else [(unit, repeated.Judged(recorded.stream, counts))]


def _registered(recorded: Recorded, _: UnitOfCall) -> Told:
    told = orjson.loads(recorded.data)
    return [(told["unit"], repeated.Stands(told["place"]))]


def _begun_anew(recorded: Recorded, _: UnitOfCall) -> Told:
    told = orjson.loads(recorded.data)
    # an operator belongs to no tenancy
    return [(told["unit"], repeated.BegunAnew(recorded.effective_at, told.get("tenancy")))]


def _occupied(recorded: Recorded, _: UnitOfCall) -> Told:
    event = recorded.event
    assert isinstance(event, registry.OccupantRegistered)  # noqa: S101 - by its type
    if event.verification_due_at is None:
        return []
    who = overdue.occupant(event.tenancy, event.subject)
    since, due = event.effective_at, event.verification_due_at
    return [(event.unit, overdue.Due(who, event.tenancy, since, due, event.place, reference(recorded)))]


def _verified(recorded: Recorded, _: UnitOfCall) -> Told:
    told = orjson.loads(recorded.data)
    return [(told["unit"], overdue.Verified(overdue.occupant(told["tenancy"], told["subject"])))]


def _left(recorded: Recorded, unit_of_call: UnitOfCall) -> Told:
    told = orjson.loads(recorded.data)
    return [*_begun_anew(recorded, unit_of_call), (told["unit"], overdue.Left(told["tenancy"]))]


def _corrected(recorded: Recorded, _: UnitOfCall) -> Told:
    """What was due of the household and when it came and left is void, and holds as corrected."""
    event = recorded.event
    assert isinstance(event, registry.TenancyCorrected)  # noqa: S101 - by its type
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


def _erased(recorded: Recorded, _: UnitOfCall) -> Told:
    event = recorded.event
    assert isinstance(event, registry.SubjectErased)  # noqa: S101 - by its type
    return [(each.unit, overdue.Erased(overdue.occupant(each.tenancy, event.subject))) for each in event.registrations]


def reference(recorded: Recorded) -> EventRef:
    """Points at an event."""
    return EventRef(source=recorded.source, position=recorded.position, id=str(recorded.id))


FACTS: dict[str, Callable[[Recorded, UnitOfCall], Told]] = {
    incidents.IncidentReported.type: _reported,
    incidents.IncidentTriaged.type: _triaged,
    incidents.IncidentResolved.type: _resolved,
    incidents.IncidentReopened.type: _reopened,
    mediation.DisputeLogged.type: _disputed,
    registry.UnitRegistered.type: _registered,
    registry.OperatorAssigned.type: _begun_anew,
    registry.TenancyStarted.type: _begun_anew,
    registry.OccupantRegistered.type: _occupied,
    registry.OccupantVerified.type: _verified,
    registry.TenantMovedOut.type: _left,
    registry.TenancyCorrected.type: _corrected,
    registry.SubjectErased.type: _erased,
}
SOURCES = ("registry", "incidents", "mediation")
