"""What can be asked of a unit's tenancies, and what follows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.common import HOME_ZONE, Event, Frozen, Headline, Identifier, Instant, Sealed, ZoneName
from contracts.registry import (
    OccupantRegistered,
    OccupantVerified,
    TenancyCategory,
    TenancyStarted,
    TenantMovedOut,
    UseClass,
    VerificationFailed,
)
from services.registry.domain.happened import happened
from services.registry.domain.refusals import (
    AlreadyVerified,
    CategoryUnlikeClass,
    HotelHasNoTenants,
    MoveOutBeforeMoveIn,
    NobodyMovesIn,
    OccupantAlreadyThere,
    OccupantTwice,
    TenancyEndedBefore,
    TenancyExists,
    TenancyOverlaps,
    UnitUnclassified,
    UnitUnknown,
    VerificationBeforeMoveIn,
    VerificationLapsed,
)
from services.registry.domain.timeline import overlap
from services.registry.domain.unit import Occupant, Tenancy, Unit
from services.registry.domain.unit_commands import corrected, known
from services.registry.domain.working_days import Due, WorkingDays, verification_due

Method = Literal["document-seen", "register-query", "network-identity", "in-person"]
Reason = Literal["nobody-home", "document-missing", "document-mismatch", "no-cooperation", "system-away"]


class Newcomer(Frozen):
    """Who moves in.

    Attributes:
        subject: who, as an id. name, phone, document: under the subject's key.
    """

    subject: Identifier
    name: Sealed | None = None
    phone: Sealed | None = None
    document: Sealed | None = None


class MoveIn(Frozen):
    """A household moves in.

    Attributes:
        tenancy: its id within the unit. category: how it holds the unit. occupants: who, at least one.
        left_at: when it moved out again, where that is known already. zone: of the building's calendar days.
    """

    tenancy: Identifier
    category: TenancyCategory
    lease_filing: Identifier | None = None
    occupants: Annotated[tuple[Newcomer, ...], Field(max_length=20)]
    effective_at: Instant
    left_at: Instant | None = None
    zone: ZoneName = HOME_ZONE


class VerifyOccupant(Frozen):
    """An officer made sure who an occupant is; a face is never the only way."""

    tenancy: Identifier
    subject: Identifier
    method: Method
    effective_at: Instant


class RecordVerificationFailure(Frozen):
    """An attempt to verify did not succeed."""

    tenancy: Identifier
    subject: Identifier
    reason: Reason
    effective_at: Instant


class MoveOut(Frozen):
    """A household moves out."""

    tenancy: Identifier
    effective_at: Instant


class CorrectTenancy(Frozen):
    """Say when a household really moved in and out.

    Attributes:
        tenancy: which one. since: the move-in, None where it was right. ended_at: the move-out, None while the
            household lives there. reason: why, naming nobody. zone: of the building's calendar days.
    """

    tenancy: Identifier
    since: Instant | None = None
    ended_at: Instant | None
    reason: Headline
    zone: ZoneName = HOME_ZONE


def move_in(calendar: WorkingDays, unit: Unit, command: MoveIn, now: datetime) -> list[Event]:
    """A household moves in; when each occupant is to be verified by is computed here, once."""
    known(unit, command.effective_at)
    happened(command.left_at or command.effective_at, now)
    if command.left_at is not None and command.left_at < command.effective_at:
        raise MoveOutBeforeMoveIn(command.effective_at)
    if any(tenancy.id == command.tenancy for tenancy in unit.tenancies):
        raise TenancyExists(command.tenancy)
    if not command.occupants:
        raise NobodyMovesIn
    subjects = [newcomer.subject for newcomer in command.occupants]
    use_class = _room_for(unit, command.category, subjects, command.effective_at, command.left_at)
    due = verification_due(command.effective_at, use_class, command.category, command.zone, calendar)
    return _moved_in(unit, command, due)


def _room_for(
    unit: Unit, category: TenancyCategory, subjects: Sequence[str], since: datetime, until: datetime | None
) -> UseClass:
    """The class of the unit at the move-in, where this household can hold the unit for this span.

    Raises:
        UnitUnclassified, HotelHasNoTenants, CategoryUnlikeClass, TenancyOverlaps, OccupantTwice,
        OccupantAlreadyThere: it cannot.
    """
    held = unit.classes.at(since)
    if held is None:
        raise UnitUnclassified(unit.id, since)
    if hotel_since := unit.hotel_during(since, until):
        raise HotelHasNoTenants(unit.id, hotel_since)
    if category is TenancyCategory.OWNER and held.value is not UseClass.OWNER_OCCUPIED:
        raise CategoryUnlikeClass(category, held.value)
    if running := unit.crowded(since, until):
        raise TenancyOverlaps(unit.id, unit.capacity, running)
    for place, subject in enumerate(subjects):
        if subject in subjects[:place]:
            raise OccupantTwice(place)
        for tenancy in unit.tenancies:
            there = any(occupant.subject == subject for occupant in tenancy.occupants)
            if there and overlap(since, until, tenancy.since, tenancy.ended_at):
                raise OccupantAlreadyThere(tenancy.id, place)
    return held.value


def _moved_in(unit: Unit, command: MoveIn, due: Due | None) -> list[Event]:
    where = {"unit": unit.id, "place": unit.place, "tenancy": command.tenancy}
    started = TenancyStarted(
        **where,
        category=command.category,
        lease_filing=command.lease_filing,
        effective_at=command.effective_at,
    )
    registered = [
        OccupantRegistered(
            **where,
            **dict(newcomer),
            verification_due_at=due and due.at,
            verification_calendar=due and due.calendar,
            effective_at=command.effective_at,
        )
        for newcomer in command.occupants
    ]
    if command.left_at is None:
        return [started, *registered]
    subjects = tuple(newcomer.subject for newcomer in command.occupants)
    return [started, *registered, TenantMovedOut(**where, subjects=subjects, effective_at=command.left_at)]


def verify_occupant(unit: Unit, command: VerifyOccupant, now: datetime) -> list[Event]:
    """The occupant is who the registration says. Verifying again changes nothing."""
    _, occupant = _open_task(unit, command, now)
    if occupant.verified_at is not None:
        return []
    return [OccupantVerified(unit=unit.id, place=unit.place, **dict(command))]


def record_verification_failure(unit: Unit, command: RecordVerificationFailure, now: datetime) -> list[Event]:
    """An attempt failed; the task and its due time stay as they were."""
    _, occupant = _open_task(unit, command, now)
    if occupant.verified_at is not None:
        raise AlreadyVerified(occupant.verified_at)
    return [VerificationFailed(unit=unit.id, place=unit.place, **dict(command))]


def _open_task(
    unit: Unit, command: VerifyOccupant | RecordVerificationFailure, now: datetime
) -> tuple[Tenancy, Occupant]:
    if unit.since is None:
        raise UnitUnknown
    tenancy = unit.tenancy(command.tenancy)
    occupant = tenancy.occupant(command.subject)
    happened(command.effective_at, now)
    if command.effective_at < tenancy.since:
        raise VerificationBeforeMoveIn(tenancy.since)
    # by effective time: what was done before the household left stays true though it became known later
    if tenancy.ended_at is not None and command.effective_at >= tenancy.ended_at:
        raise VerificationLapsed(tenancy.id, tenancy.ended_at)
    return tenancy, occupant


def move_out(unit: Unit, command: MoveOut, now: datetime) -> list[Event]:
    """A tenant leaves. Repeating it changes nothing."""
    if unit.since is None:
        raise UnitUnknown
    tenancy = unit.tenancy(command.tenancy)
    if tenancy.ended_at == command.effective_at:
        return []
    if tenancy.ended_at is not None:
        raise TenancyEndedBefore(tenancy.id, tenancy.ended_at)
    happened(command.effective_at, now)
    if command.effective_at < tenancy.since:
        raise MoveOutBeforeMoveIn(tenancy.since)
    return [
        TenantMovedOut(
            unit=unit.id,
            place=unit.place,
            tenancy=tenancy.id,
            subjects=tuple(occupant.subject for occupant in tenancy.occupants),
            effective_at=command.effective_at,
        )
    ]


def correct_tenancy(calendar: WorkingDays, unit: Unit, command: CorrectTenancy, now: datetime) -> list[Event]:
    """The dates of a tenancy were wrong; the error stays on the log. Correcting it to what is so changes nothing."""
    if unit.since is None:
        raise UnitUnknown
    tenancy = unit.tenancy(command.tenancy)
    since = command.since or tenancy.since
    if (since, command.ended_at) == (tenancy.since, tenancy.ended_at):
        return []
    known(unit, since)
    happened(max(since, command.ended_at or since), now)
    if command.ended_at is not None and command.ended_at < since:
        raise MoveOutBeforeMoveIn(since)
    others = replace(unit, tenancies=tuple(each for each in unit.tenancies if each.id != tenancy.id))
    subjects = [occupant.subject for occupant in tenancy.occupants]
    use_class = _room_for(others, tenancy.category, subjects, since, command.ended_at)
    right = replace(tenancy, since=since, ended_at=command.ended_at)
    due = tenancy.due
    if since != tenancy.since:
        due = verification_due(since, use_class, tenancy.category, command.zone, calendar)
    return [corrected(unit, right, due, command.reason)]


def decisions(calendar: WorkingDays) -> Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]]:
    """The decisions about tenancies under a calendar."""
    return {
        MoveIn: partial(move_in, calendar),
        CorrectTenancy: partial(correct_tenancy, calendar),
        VerifyOccupant: verify_occupant,
        RecordVerificationFailure: record_verification_failure,
        MoveOut: move_out,
    }
