"""What can be asked of a unit besides its tenancies, and what follows."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from contracts.common import HOME_ZONE, Event, Frozen, Headline, Identifier, Instant, Label, Place, ZoneName
from contracts.registry import (
    Floor,
    ObservedUse,
    OperatorAssigned,
    TenancyCorrected,
    UnitClassified,
    UnitNumber,
    UnitRecordCorrected,
    UnitRegistered,
    UseClass,
    UseObserved,
)
from services.registry.domain.happened import happened
from services.registry.domain.refusals import (
    AlreadyClassified,
    BuildingUnknown,
    ClassifiedOtherwise,
    DateBeforeUnit,
    DoorIsAnother,
    FloorOutsideBuilding,
    NothingToCorrect,
    TenantsStillThere,
    UnitBeforeBuilding,
    UnitExists,
    UnitIdNotItsDoor,
    UnitUnknown,
)
from services.registry.domain.timeline import Entry
from services.registry.domain.unit import Tenancy, Unit, evolve
from services.registry.domain.working_days import Due, WorkingDays, verification_due


class StandingBuilding(Frozen):
    """What the shell knows of the building that a unit is in.

    Attributes:
        place: its path. since: in the ledger from then on. lowest_floor, highest_floor: storeys, inclusive.
    """

    place: Place
    since: Instant
    lowest_floor: Floor
    highest_floor: Floor


class RegisterUnit(Frozen):
    """Enter a unit in the ledger.

    Attributes:
        unit: its id, from the building's and the number; the spare one where another door has that.
        number: as on its door. capacity: tenancies at once.
        standing: the building, None where nobody registered it.
    """

    unit: Identifier
    building: Identifier
    number: UnitNumber
    floor: Floor
    capacity: Annotated[int, Field(ge=1, le=50)] = 1
    standing: StandingBuilding | None
    effective_at: Instant


class ClassifyUnit(Frozen):
    """Register what a unit is for, from ``effective_at`` on; that may lie ahead. zone: of the building's days."""

    use_class: UseClass
    effective_at: Instant
    zone: ZoneName = HOME_ZONE


class ObserveUse(Frozen):
    """Say what somebody saw there, and which organisation."""

    observed_use: ObservedUse
    organisation: Label | None = None
    effective_at: Instant


class AssignOperator(Frozen):
    """Say which organisation runs the unit; None: nobody any more."""

    operator: Identifier | None
    effective_at: Instant


class CorrectRecord(Frozen):
    """Say that the ledger was wrong about a class.

    Attributes:
        corrects: id of the wrong event. use_class: what is right. reason: why, naming nobody.
        effective_at: when the wrong record took effect; the shell reads it from that event.
        zone: of the building's calendar days.
    """

    corrects: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    use_class: UseClass
    reason: Headline
    effective_at: Instant
    zone: ZoneName = HOME_ZONE


def unit_id(building: str, number: str) -> str:
    """The id that a door has, unless the door of another building has it already (``hall-2`` 305, ``hall`` 2-305)."""
    return f"{building}-{number.lower()}"


def spare_unit_id(building: str, number: str) -> str:
    """The id of a door whose first choice is another door's."""
    door = hashlib.blake2b(f"{building}\n{number.lower()}".encode(), digest_size=4).hexdigest()
    return f"{unit_id(building, number)[:71]}.{door}"


def is_another_door(unit: Unit, building: str, number: str) -> bool:
    """Whether the unit is registered and is not this door; how a number is capitalised makes no other door."""
    return unit.since is not None and (unit.building, unit.number.lower()) != (building, number.lower())


def known(unit: Unit, effective_at: datetime) -> datetime:
    """Since when the unit is in the ledger.

    Raises:
        UnitUnknown: nobody registered it. DateBeforeUnit: the moment is older than that.
    """
    if unit.since is None:
        raise UnitUnknown
    if effective_at < unit.since:
        raise DateBeforeUnit(unit.id, unit.since)
    return unit.since


def register_unit(unit: Unit, command: RegisterUnit, now: datetime) -> list[Event]:
    """A unit enters the ledger. Repeating it changes nothing."""
    standing = command.standing
    if standing is None:
        raise BuildingUnknown(command.building)
    door = (command.building, command.number)
    if command.unit not in {unit_id(*door), spare_unit_id(*door)}:
        raise UnitIdNotItsDoor(command.unit, unit_id(*door))
    if unit.since is not None:
        if (unit.building, unit.number) != door:
            raise DoorIsAnother(unit.id, unit.building, unit.number)
        if (unit.floor, unit.capacity, unit.since) == (command.floor, command.capacity, command.effective_at):
            return []
        raise UnitExists(command.unit)
    happened(command.effective_at, now)
    if not standing.lowest_floor <= command.floor <= standing.highest_floor:
        raise FloorOutsideBuilding(command.floor, standing.lowest_floor, standing.highest_floor)
    if command.effective_at < standing.since:
        raise UnitBeforeBuilding(standing.since)
    return [
        UnitRegistered(
            unit=command.unit,
            building=command.building,
            number=command.number,
            floor=command.floor,
            place=f"{standing.place}/{command.number.lower()}",
            capacity=command.capacity,
            effective_at=command.effective_at,
        )
    ]


def classify_unit(calendar: WorkingDays, unit: Unit, command: ClassifyUnit, now: datetime) -> list[Event]:  # noqa: ARG001
    """A unit is registered for a use from a date on. The same class from the same date changes nothing."""
    known(unit, command.effective_at)
    held = unit.classes.at(command.effective_at)
    if held and held.since == command.effective_at and held.value is not command.use_class:
        raise ClassifiedOtherwise(unit.id, held.value, held.since)
    if held and held.value is command.use_class:
        if held.since == command.effective_at:
            return []
        raise AlreadyClassified(unit.id, held.value, held.since)
    classified = UnitClassified(
        unit=unit.id, place=unit.place, use_class=command.use_class, effective_at=command.effective_at
    )
    return [classified, *_due_times_follow(calendar, unit, classified, command.zone, None)]


def _due_times_follow(
    calendar: WorkingDays, unit: Unit, event: Event, zone: str, reason: str | None
) -> Iterator[TenancyCorrected]:
    """Corrects the due times of tenancies that began under a class which was another in truth.

    Raises:
        TenantsStillThere: the unit would be a hotel while a tenancy runs.
    """
    after = evolve(unit, event)
    if running := after.tenants_in_hotel():
        raise TenantsStillThere(running)
    for tenancy in after.tenancies:
        held, before = after.classes.at(tenancy.since), unit.classes.at(tenancy.since)
        if held is None or (before and before.value is held.value):
            continue
        due = verification_due(tenancy.since, held.value, tenancy.category, zone, calendar)
        if (due and due.at) != (tenancy.due and tenancy.due.at):
            yield corrected(after, tenancy, due, reason)


def corrected(unit: Unit, tenancy: Tenancy, due: Due | None, reason: str | None) -> TenancyCorrected:
    """The event that says how a tenancy rightly is."""
    return TenancyCorrected(
        unit=unit.id,
        place=unit.place,
        tenancy=tenancy.id,
        category=tenancy.category,
        lease_filing=tenancy.lease_filing,
        ended_at=tenancy.ended_at,
        to_verify=tuple(each.subject for each in tenancy.occupants if due and each.verified_at is None),
        verification_due_at=due and due.at,
        verification_calendar=due and due.calendar,
        reason=reason,
        effective_at=tenancy.since,
    )


def observe_use(unit: Unit, command: ObserveUse, now: datetime) -> list[Event]:
    """Somebody was there. A use other than the registered one is a finding; the class stays.

    An empty unit is no other use; a use that is registered nowhere is.
    """
    known(unit, command.effective_at)
    happened(command.effective_at, now)
    held = unit.classes.at(command.effective_at)
    return [
        UseObserved(
            unit=unit.id,
            place=unit.place,
            observed_use=command.observed_use,
            differs=_differs(held, command.observed_use),
            organisation=command.organisation,
            effective_at=command.effective_at,
        )
    ]


def _differs(held: Entry[UseClass] | None, seen: ObservedUse) -> bool:
    return seen is not ObservedUse.VACANT and (held is None or held.value.value != seen.value)


def assign_operator(unit: Unit, command: AssignOperator, now: datetime) -> list[Event]:
    """An organisation runs the unit, or none does any more. What is so already changes nothing."""
    known(unit, command.effective_at)
    happened(command.effective_at, now)
    held = unit.operators.at(command.effective_at)
    if (held.value if held else None) == command.operator:
        return []
    return [
        OperatorAssigned(unit=unit.id, place=unit.place, operator=command.operator, effective_at=command.effective_at)
    ]


def correct_record(calendar: WorkingDays, unit: Unit, command: CorrectRecord, now: datetime) -> list[Event]:  # noqa: ARG001
    """A class was wrong from its own date on; the error stays on the log beside the correction."""
    if unit.since is None:
        raise UnitUnknown
    wrong = unit.classes.starting(command.effective_at)
    if wrong is None:
        raise NothingToCorrect(unit.id)
    if wrong.value is command.use_class:
        raise AlreadyClassified(unit.id, wrong.value, wrong.since)
    right = UnitRecordCorrected(
        unit=unit.id,
        place=unit.place,
        corrects=command.corrects,
        use_class=command.use_class,
        reason=command.reason,
        effective_at=command.effective_at,
    )
    return [right, *_due_times_follow(calendar, unit, right, command.zone, command.reason)]


def decisions(calendar: WorkingDays) -> Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]]:
    """The decisions about units under a calendar of working days."""
    return {
        RegisterUnit: register_unit,
        ClassifyUnit: partial(classify_unit, calendar),
        ObserveUse: observe_use,
        AssignOperator: assign_operator,
        CorrectRecord: partial(correct_record, calendar),
    }
