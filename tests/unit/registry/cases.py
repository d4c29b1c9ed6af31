"""A building, a unit and a household that the registry's tests tell of; nobody in them is real."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.common import Sealed
from contracts.registry import (
    BuildingRegistered,
    OccupantRegistered,
    OccupantVerified,
    OperatorAssigned,
    TenancyCategory,
    TenancyStarted,
    TenantMovedOut,
    UnitClassified,
    UnitRegistered,
    UseClass,
)
from services.registry.domain.tenancy_commands import MoveIn, MoveOut, Newcomer

YINCHUAN = ZoneInfo("Asia/Shanghai")
BUILDING_PLACE = "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a"
UNIT = "wanda-a-1812"
PLACE = f"{BUILDING_PLACE}/1812"
NAME = Sealed(key="subject:zhang", text="c2VhbGVk")


def local(month: int, day: int, hour: int = 10, year: int = 2024) -> datetime:
    """A moment in Yinchuan, in UTC."""
    return datetime(year, month, day, hour, tzinfo=YINCHUAN).astimezone(UTC)


JANUARY_1 = local(1, 1)
JUNE_3 = local(6, 3)  # a Monday
JUNE_10 = local(6, 10)
JUNE_20 = local(6, 20)

wanda_a = BuildingRegistered(
    building="wanda-a",
    name="万达公寓 A 座",
    place=BUILDING_PLACE,
    lowest_floor=-2,
    highest_floor=28,
    effective_at=JANUARY_1,
)


def a_unit(capacity: int = 1) -> UnitRegistered:
    return UnitRegistered(
        unit=UNIT,
        building="wanda-a",
        number="1812",
        floor=18,
        place=PLACE,
        capacity=capacity,
        effective_at=JANUARY_1,
    )


def classified(use_class: UseClass, since: datetime = JANUARY_1) -> UnitClassified:
    return UnitClassified(unit=UNIT, place=PLACE, use_class=use_class, effective_at=since)


def operated(operator: str | None, since: datetime) -> OperatorAssigned:
    return OperatorAssigned(unit=UNIT, place=PLACE, operator=operator, effective_at=since)


def started(
    tenancy: str = "t1", since: datetime = JUNE_3, category: TenancyCategory = TenancyCategory.LONG_LET
) -> TenancyStarted:
    return TenancyStarted(unit=UNIT, place=PLACE, tenancy=tenancy, category=category, effective_at=since)


def occupied(
    tenancy: str = "t1", since: datetime = JUNE_3, subject: str = "zhang", due_at: datetime | None = None
) -> OccupantRegistered:
    return OccupantRegistered(
        unit=UNIT,
        place=PLACE,
        tenancy=tenancy,
        subject=subject,
        name=NAME,
        verification_due_at=due_at or local(6, 6, 18),
        verification_calendar="official",
        effective_at=since,
    )


def verified(at: datetime, tenancy: str = "t1", subject: str = "zhang") -> OccupantVerified:
    return OccupantVerified(
        unit=UNIT, place=PLACE, tenancy=tenancy, subject=subject, method="document-seen", effective_at=at
    )


def moved_out(at: datetime, tenancy: str = "t1", subject: str = "zhang") -> TenantMovedOut:
    return TenantMovedOut(unit=UNIT, place=PLACE, tenancy=tenancy, subjects=(subject,), effective_at=at)


A_RENTAL_UNIT = (a_unit(), classified(UseClass.RENTAL))
ZHANG_LIVES_THERE = (*A_RENTAL_UNIT, started(), occupied())


def move_in(
    tenancy: str = "t1",
    at: datetime = JUNE_3,
    *,
    left_at: datetime | None = None,
    category: TenancyCategory = TenancyCategory.LONG_LET,
    subjects: tuple[str, ...] = ("zhang",),
) -> MoveIn:
    return MoveIn(
        tenancy=tenancy,
        category=category,
        occupants=tuple(Newcomer(subject=subject, name=NAME) for subject in subjects),
        effective_at=at,
        left_at=left_at,
    )


def move_out(at: datetime, tenancy: str = "t1") -> MoveOut:
    return MoveOut(tenancy=tenancy, effective_at=at)


A_MOMENT = timedelta(seconds=1)
