"""When something is due that may take a number of working days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from contracts.registry import DueCalendar, TenancyCategory, UseClass


class WorkingDays(Protocol):
    """The calendar of the country; the shell hands it in."""

    def is_working_day(self, day: date) -> bool:
        """Whether people work on that day."""

    def knows(self, year: int) -> bool:
        """Whether the year's notice of holidays is known; else Monday to Friday are counted."""


@dataclass(frozen=True, slots=True)
class Due:
    """A due time.

    Attributes:
        at: the moment. calendar: whether the notices of all years that were counted through were known; None where
            that is not on record.
    """

    at: datetime
    calendar: DueCalendar | None


OFFICE_CLOSES = time(18)
VERIFY_WITHIN: Mapping[UseClass, int] = {UseClass.STUDIO: 5, UseClass.RENTAL: 3, UseClass.OWNER_OCCUPIED: 10}
"""Working days; short stays of a hotel are counted, not verified one by one."""
VERIFY_SHORT_LET_WITHIN = 1


def verification_due(
    moved_in: datetime, use_class: UseClass, category: TenancyCategory, zone: str, calendar: WorkingDays
) -> Due | None:
    """When an occupant is to be verified by; None where no verification is needed.

    Args:
        moved_in: the moment; the count begins on the working day after its local day.
        zone: where the days are counted, and where it is 18:00 on the last of them.
    """
    days = VERIFY_SHORT_LET_WITHIN if category is TenancyCategory.SHORT_LET else VERIFY_WITHIN.get(use_class)
    if use_class is UseClass.HOTEL or days is None:
        return None
    local = ZoneInfo(zone)
    day = moved_in.astimezone(local).date()
    first = day
    while days:
        day += timedelta(days=1)
        days -= calendar.is_working_day(day)
    official = all(map(calendar.knows, range(first.year, day.year + 1)))
    return Due(datetime.combine(day, OFFICE_CLOSES, local), "official" if official else "weekdays")
