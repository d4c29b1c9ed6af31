"""Events of the registry: buildings, units, tenancies, visits, and the subjects whose keys it owns."""

from enum import StrEnum
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, StringConstraints

from contracts.common import (
    HOME_ZONE,
    Event,
    Frozen,
    Headline,
    Identifier,
    Instant,
    Label,
    Place,
    Point,
    Sealed,
    ZoneName,
    form,
)

Floor = Annotated[int, Field(ge=-9, le=200)]
"""Storey as the lift counts it; basements are negative, there is no other meaning to the sign."""

NUMBER_RULE = "It must be the number of a door: 1 to 20 Latin letters, digits, hyphens and underscores."
UNIT_NUMBER: Final = form(r"^[A-Za-z0-9_-]{1,20}$", "unit-number", NUMBER_RULE)
UnitNumber = Annotated[str, StringConstraints(pattern=UNIT_NUMBER)]
DueCalendar = Literal["official", "weekdays"]
"""What a due time was counted by: notices of holidays, or Monday to Friday where a year's notice was not known yet."""


class UseClass(StrEnum):
    """What a unit is registered for; the four colours of the ledger belong to these, never to persons."""

    HOTEL = "hotel"
    STUDIO = "studio"
    RENTAL = "rental"
    OWNER_OCCUPIED = "owner-occupied"


class ObservedUse(StrEnum):
    """What somebody who stood there saw."""

    HOTEL = "hotel"
    STUDIO = "studio"
    RENTAL = "rental"
    OWNER_OCCUPIED = "owner-occupied"
    VACANT = "vacant"
    OTHER = "other"


class TenancyCategory(StrEnum):
    """How somebody holds the unit."""

    LONG_LET = "long-let"
    SHORT_LET = "short-let"
    OWNER = "owner"


class VisitOutcome(StrEnum):
    """What a visit met."""

    MET = "met"
    NOBODY_HOME = "nobody-home"
    NO_COOPERATION = "no-cooperation"
    MOVED_AWAY = "moved-away"


class BuildingRegistered(Event):
    """A building enters the ledger.

    Attributes:
        building: its id. name: as its residents call it. place: its own path, ending in the building.
        lowest_floor, highest_floor: storeys, inclusive. location: where its entrance is.
        zone: time zone of its calendar days.
    """

    type: ClassVar[str] = "registry.building-registered.v1"
    building: Identifier
    name: Label
    place: Place
    lowest_floor: Floor
    highest_floor: Floor
    location: Point | None = None
    zone: ZoneName = HOME_ZONE


class FloorsSurveyed(Event):
    """Somebody walked the building and counted its storeys anew.

    Attributes:
        building: its id. lowest_floor, highest_floor: storeys found, inclusive.
    """

    type: ClassVar[str] = "registry.floors-surveyed.v1"
    building: Identifier
    lowest_floor: Floor
    highest_floor: Floor


class UnitRegistered(Event):
    """A unit of a building enters the ledger.

    Attributes:
        unit: its id. building: the building's id. number: as on its door. floor: storey.
        place: the building's path and the unit. capacity: tenancies that it can hold at once.
    """

    type: ClassVar[str] = "registry.unit-registered.v1"
    unit: Identifier
    building: Identifier
    number: UnitNumber
    floor: Floor
    place: Place
    capacity: Annotated[int, Field(ge=1, le=50)] = 1


class UnitClassified(Event):
    """A unit is registered for a use from a date on (``effective_at``).

    Attributes:
        unit: its id. place: its path. use_class: what it is registered for from then on.
    """

    type: ClassVar[str] = "registry.unit-classified.v1"
    unit: Identifier
    place: Place
    use_class: UseClass


class UseObserved(Event):
    """Somebody saw what a unit is really used for; a difference is a finding, not a change of class.

    Attributes:
        unit: its id. place: its path. observed_use: what was seen. differs: it is not what the unit is
        registered for. organisation: which organisation is really there, where one is.
    """

    type: ClassVar[str] = "registry.use-observed.v1"
    unit: Identifier
    place: Place
    observed_use: ObservedUse
    differs: bool
    organisation: Label | None = None


class OperatorAssigned(Event):
    """An organisation runs the unit from now on; nobody does where ``operator`` is absent.

    Attributes:
        unit: its id. place: its path. operator: the organisation's id.
    """

    type: ClassVar[str] = "registry.operator-assigned.v1"
    unit: Identifier
    place: Place
    operator: Identifier | None


class TenancyStarted(Event):
    """A household holds the unit from now on.

    Attributes:
        unit: its id. place: its path. tenancy: its id within the unit. category: how it is held.
        lease_filing: reference of the filed lease, where there is one.
    """

    type: ClassVar[str] = "registry.tenancy-started.v1"
    unit: Identifier
    place: Place
    tenancy: Identifier
    category: TenancyCategory
    lease_filing: Identifier | None = None


class OccupantRegistered(Event):
    """A person is registered as living in a unit; their verification falls due.

    Attributes:
        unit: its id. place: its path. tenancy: under which. subject: who, as an id.
        name, phone, document: under the subject's key. verification_due_at: computed once, by working
        days of the Chinese calendar, and moved by a correction alone; none where none is needed.
        verification_calendar: whether the notices of holidays of the years concerned were known when it was
        computed; absent in events from before this was recorded.
    """

    type: ClassVar[str] = "registry.occupant-registered.v1"
    unit: Identifier
    place: Place
    tenancy: Identifier
    subject: Identifier
    name: Sealed | None = None
    phone: Sealed | None = None
    document: Sealed | None = None
    verification_due_at: Instant | None = None
    verification_calendar: DueCalendar | None = None


class OccupantVerified(Event):
    """An officer made sure that the occupant is who the registration says.

    Attributes:
        unit, place, tenancy, subject: which registration. method: how; a face is never the only way.
    """

    type: ClassVar[str] = "registry.occupant-verified.v1"
    unit: Identifier
    place: Place
    tenancy: Identifier
    subject: Identifier
    method: Literal["document-seen", "register-query", "network-identity", "in-person"]


class VerificationFailed(Event):
    """An attempt to verify did not succeed; the task and its due time stay as they were.

    Attributes:
        unit, place, tenancy, subject: which registration. reason: why.
    """

    type: ClassVar[str] = "registry.verification-failed.v1"
    unit: Identifier
    place: Place
    tenancy: Identifier
    subject: Identifier
    reason: Literal["nobody-home", "document-missing", "document-mismatch", "no-cooperation", "system-away"]


class TenantMovedOut(Event):
    """A household has left the unit; its tenancy ends, and what was still to verify lapses.

    Attributes:
        unit: its id. place: its path. tenancy: which ended. subjects: who lived there under it.
    """

    type: ClassVar[str] = "registry.tenant-moved-out.v1"
    unit: Identifier
    place: Place
    tenancy: Identifier
    subjects: tuple[Identifier, ...] = ()


class UnitRecordCorrected(Event):
    """The ledger was wrong about a class; the error stays visible, the correction holds from ``effective_at``.

    Attributes:
        unit: its id. place: its path. corrects: id of the wrong event. use_class: what is right.
        reason: why, in words that name nobody.
    """

    type: ClassVar[str] = "registry.unit-record-corrected.v1"
    unit: Identifier
    place: Place
    corrects: str
    use_class: UseClass
    reason: Headline


class TenancyCorrected(Event):
    """The ledger was wrong about a tenancy; the error stays visible, and this is what was so all along.

    Attributes:
        effective_at: when the household really moved in. unit: its id. place: its path. tenancy: which one.
        category: how it is held. lease_filing: reference of the filed lease, where there is one.
        ended_at: when the household moved out; none while it lives there. to_verify: occupants who are still to
        be verified. verification_due_at: by when; none where none is needed. verification_calendar: whether the
        notices of holidays of the years concerned were known when that was computed. reason: why it was
        corrected, in words that name nobody; none where it follows from the class of the unit.
    """

    type: ClassVar[str] = "registry.tenancy-corrected.v1"
    unit: Identifier
    place: Place
    tenancy: Identifier
    category: TenancyCategory
    lease_filing: Identifier | None = None
    ended_at: Instant | None = None
    to_verify: tuple[Identifier, ...] = ()
    verification_due_at: Instant | None = None
    verification_calendar: DueCalendar | None = None
    reason: Headline | None = None


class VisitRoundPlanned(Event):
    """A day's door-to-door round is set.

    Attributes:
        round: its id. place: where. officer: whose. units: which, in order. day_part: when people are home.
    """

    type: ClassVar[str] = "registry.visit-round-planned.v1"
    round: Identifier
    place: Place
    officer: Identifier
    units: tuple[Identifier, ...]
    day_part: Literal["day", "evening"]


class VisitRecorded(Event):
    """A door was knocked at.

    Attributes:
        round: its id. place: the round's. unit: whose door. outcome: what it met.
    """

    type: ClassVar[str] = "registry.visit-recorded.v1"
    round: Identifier
    place: Place
    unit: Identifier
    outcome: VisitOutcome


class VisitRoundClosed(Event):
    """The round has ended.

    Attributes:
        round: its id. place: where. visited, met: doors knocked at, and those that opened.
    """

    type: ClassVar[str] = "registry.visit-round-closed.v1"
    round: Identifier
    place: Place
    visited: Annotated[int, Field(ge=0)]
    met: Annotated[int, Field(ge=0)]


class SubjectKeyCreated(Event):
    """A person became a subject: a key of their own exists from now on.

    Attributes:
        subject: the id. place: where they were first registered.
    """

    type: ClassVar[str] = "registry.subject-key-created.v1"
    subject: Identifier
    place: Place


class RecordOpened(Event):
    """Somebody read personal fields of a subject; the envelope says who.

    Attributes:
        subject: whose. place: where they live. purpose: why, from an open task or as stated.
        task: the open task that gave the purpose, where one did. fields: which were shown.
    """

    type: ClassVar[str] = "registry.record-opened.v1"
    subject: Identifier
    place: Place
    purpose: Literal["verification", "incident", "mediation", "resident-request", "emergency", "correction"]
    task: Identifier | None = None
    fields: tuple[Literal["name", "phone", "document"], ...]


class Registration(Frozen):
    """Where a subject is or was an occupant.

    Attributes:
        unit, tenancy: under which tenancy of which unit.
    """

    unit: Identifier
    tenancy: Identifier


class SubjectErased(Event):
    """A subject's key was destroyed; what it sealed is noise from now on, and nothing of them is left to verify.

    Attributes:
        subject: whose. place: where they were registered. ground: why it may and must be.
        registrations: all that the register had of them; empty also in events from before this was recorded.
    """

    type: ClassVar[str] = "registry.subject-erased.v1"
    subject: Identifier
    place: Place
    ground: Literal["resident-request", "retention-ended", "registered-in-error"]
    registrations: tuple[Registration, ...] = ()


EVENTS: tuple[type[Event], ...] = (
    BuildingRegistered,
    FloorsSurveyed,
    UnitRegistered,
    UnitClassified,
    UseObserved,
    OperatorAssigned,
    TenancyStarted,
    OccupantRegistered,
    OccupantVerified,
    VerificationFailed,
    TenantMovedOut,
    UnitRecordCorrected,
    TenancyCorrected,
    VisitRoundPlanned,
    VisitRecorded,
    VisitRoundClosed,
    SubjectKeyCreated,
    RecordOpened,
    SubjectErased,
)
