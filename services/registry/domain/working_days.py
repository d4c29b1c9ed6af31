"""When something is due that may take a number of working days."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contracts.registry import TenancyCategory, UseClass

IsWorkingDay = Callable[[date], bool]
"""Says whether people work on a day; the shell hands in the calendar of the country."""

OFFICE_CLOSES = time(18)
VERIFY_WITHIN: Mapping[UseClass, int] = {UseClass.STUDIO: 5, UseClass.RENTAL: 3, UseClass.OWNER_OCCUPIED: 10}
"""Working days; short stays of a hotel are counted, not verified one by one."""
VERIFY_SHORT_LET_WITHIN = 1


def verification_due_at(
    moved_in: datetime, use_class: UseClass, category: TenancyCategory, zone: str, is_working_day: IsWorkingDay
) -> datetime | None:
    """When an occupant is to be verified by; None where nobody need be.

    Args:
        moved_in: the moment; the count begins on the working day after its local day.
        zone: where the days are counted, and where it is 18:00 on the last of them.
    """
    days = VERIFY_SHORT_LET_WITHIN if category is TenancyCategory.SHORT_LET else VERIFY_WITHIN.get(use_class)
    if use_class is UseClass.HOTEL or days is None:
        return None
    local = ZoneInfo(zone)
    day = moved_in.astimezone(local).date()
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return datetime.combine(day, OFFICE_CLOSES, local)
