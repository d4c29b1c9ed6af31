"""A unit: its classes, its operators, its tenancies, and how its events change them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from contracts.common import Event
from contracts.registry import (
    DueCalendar,
    OccupantRegistered,
    OccupantVerified,
    OperatorAssigned,
    TenancyCategory,
    TenancyCorrected,
    TenancyStarted,
    TenantMovedOut,
    UnitClassified,
    UnitRecordCorrected,
    UnitRegistered,
    UseClass,
)
from services.registry.domain.refusals import OccupantUnknown, TenancyUnknown
from services.registry.domain.timeline import Timeline, overlap
from services.registry.domain.working_days import Due


@dataclass(frozen=True, slots=True)
class Occupant:
    """A person under a tenancy.

    Attributes:
        subject: who. due_at: when they are to be verified by; verified_at: when they were, None while open.
        calendar: what the due time was counted by, None where that is not on record.
    """

    subject: str
    due_at: datetime | None
    verified_at: datetime | None = None
    calendar: DueCalendar | None = None


@dataclass(frozen=True, slots=True)
class Tenancy:
    """A household in a unit.

    Attributes:
        id, category, lease_filing: as registered. since: moved in. ended_at: moved out, None while it runs.
        occupants: who.
    """

    id: str
    category: TenancyCategory
    since: datetime
    ended_at: datetime | None = None
    occupants: tuple[Occupant, ...] = ()
    lease_filing: str | None = None

    @property
    def due(self) -> Due | None:
        """When its occupants are to be verified by; one time for the whole household."""
        due = next((occupant for occupant in self.occupants if occupant.due_at), None)
        return Due(due.due_at, due.calendar) if due and due.due_at else None

    def runs_at(self, moment: datetime) -> bool:
        """Whether the household holds the unit at a moment; not any more at the very end."""
        return self.since <= moment and (self.ended_at is None or moment < self.ended_at)

    def occupant(self, subject: str) -> Occupant:
        """One of its occupants.

        Raises:
            OccupantUnknown: nobody registered them under it.
        """
        for occupant in self.occupants:
            if occupant.subject == subject:
                return occupant
        raise OccupantUnknown(self.id)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as its events have made it; without an id nobody registered it.

    Attributes:
        id, building, number, floor, place, capacity: as registered. since: in the ledger from then on.
        classes: what it is registered for, over time. operators: which organisation runs it, over time.
        tenancies: in the order in which they became known.
    """

    id: str = ""
    building: str = ""
    number: str = ""
    floor: int = 0
    place: str = ""
    capacity: int = 1
    since: datetime | None = None
    classes: Timeline[UseClass] = field(default_factory=Timeline)
    operators: Timeline[str | None] = field(default_factory=Timeline)
    tenancies: tuple[Tenancy, ...] = ()

    def tenancy(self, tenancy: str) -> Tenancy:
        """One of its tenancies.

        Raises:
            TenancyUnknown: the unit has none of this id.
        """
        for known in self.tenancies:
            if known.id == tenancy:
                return known
        raise TenancyUnknown(self.id, tenancy)

    def crowded(self, since: datetime, until: datetime | None) -> tuple[str, ...]:
        """The tenancies that leave no room for one more in a span; empty where there is room all along.

        The number of tenancies at once grows only where one begins, so these moments and the first are looked at.
        """
        begins = (known.since for known in self.tenancies if overlap(since, until, known.since, known.ended_at))
        for moment in (since, *(begin for begin in begins if begin > since)):
            running = tuple(known.id for known in self.tenancies if known.runs_at(moment))
            if len(running) >= self.capacity and since != until:
                return running
        return ()

    def hotel_during(self, since: datetime, until: datetime | None) -> datetime | None:
        """Since when the unit is a hotel in some part of a span, or None."""
        for begin, end, use_class in self.classes.spans():
            if use_class is UseClass.HOTEL and overlap(since, until, begin, end):
                return begin
        return None

    def tenants_in_hotel(self) -> str | None:
        """A tenancy that runs while the unit is a hotel, or None; none ever should."""
        for known in self.tenancies:
            if self.hotel_during(known.since, known.ended_at):
                return known.id
        return None


def _registered(_: Unit, event: UnitRegistered) -> Unit:
    return Unit(
        id=event.unit,
        building=event.building,
        number=event.number,
        floor=event.floor,
        place=event.place,
        capacity=event.capacity,
        since=event.effective_at,
    )


def _classified(unit: Unit, event: UnitClassified | UnitRecordCorrected) -> Unit:
    return replace(unit, classes=unit.classes.put(event.effective_at, event.use_class))


def _operated(unit: Unit, event: OperatorAssigned) -> Unit:
    return replace(unit, operators=unit.operators.put(event.effective_at, event.operator))


def _started(unit: Unit, event: TenancyStarted) -> Unit:
    tenancy = Tenancy(event.tenancy, event.category, event.effective_at, lease_filing=event.lease_filing)
    return replace(unit, tenancies=(*unit.tenancies, tenancy))


def _occupied(unit: Unit, event: OccupantRegistered) -> Unit:
    tenancy = unit.tenancy(event.tenancy)
    occupant = Occupant(event.subject, event.verification_due_at, calendar=event.verification_calendar)
    return _with(unit, replace(tenancy, occupants=(*tenancy.occupants, occupant)))


def _verified(unit: Unit, event: OccupantVerified) -> Unit:
    tenancy = unit.tenancy(event.tenancy)
    occupants = tuple(
        replace(occupant, verified_at=event.effective_at) if occupant.subject == event.subject else occupant
        for occupant in tenancy.occupants
    )
    return _with(unit, replace(tenancy, occupants=occupants))


def _moved_out(unit: Unit, event: TenantMovedOut) -> Unit:
    return _with(unit, replace(unit.tenancy(event.tenancy), ended_at=event.effective_at))


def _tenancy_corrected(unit: Unit, event: TenancyCorrected) -> Unit:
    tenancy = unit.tenancy(event.tenancy)
    corrected = replace(
        tenancy,
        category=event.category,
        lease_filing=event.lease_filing,
        since=event.effective_at,
        ended_at=event.ended_at,
        occupants=tuple(
            replace(occupant, due_at=event.verification_due_at, calendar=event.verification_calendar)
            for occupant in tenancy.occupants
        ),
    )
    return _with(unit, corrected)


def _with(unit: Unit, tenancy: Tenancy) -> Unit:
    tenancies = tuple(tenancy if known.id == tenancy.id else known for known in unit.tenancies)
    return replace(unit, tenancies=tenancies)


TAKES: Mapping[type[Event], Callable[[Unit, Any], Unit]] = {
    UnitRegistered: _registered,
    UnitClassified: _classified,
    UnitRecordCorrected: _classified,
    OperatorAssigned: _operated,
    TenancyStarted: _started,
    OccupantRegistered: _occupied,
    OccupantVerified: _verified,
    TenantMovedOut: _moved_out,
    TenancyCorrected: _tenancy_corrected,
}
"""What each event does to a unit; what is not here (an observation, a failed attempt) changes no rule."""


def evolve(unit: Unit, event: Event) -> Unit:
    """The unit after one more event."""
    take = TAKES.get(type(event))
    return take(unit, event) if take else unit
