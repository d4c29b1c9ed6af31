"""Working days in China: the State Council's yearly notices, as far as they are known."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

import chinese_calendar
import structlog
from chinese_calendar.constants import holidays

logger = structlog.get_logger(__name__)
KNOWN_YEARS = frozenset(day.year for day in holidays)
NOTICES = Path(__file__).with_name("notices.json")
"""What the package does not know yet: ``{"2027": {"off": ["2027-01-01"], "work": ["2027-02-07"]}}``."""
ALWAYS_OFF = frozenset({(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)})
"""Month and day of the holidays that are the same in every year; the other holidays move, or come with the notice."""


@dataclass(frozen=True)
class Notice:
    """What one year's notice says.

    Attributes:
        off: days off besides the ordinary weekends. work: weekend days that are worked.
    """

    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()


@dataclass(frozen=True)
class WorkingCalendar:
    """Says whether a day is worked, and on what ground.

    Attributes:
        notices: by year. They go before what the package knows, day by day: a notice that names a few days leaves
            the rest of its year as it was.
    """

    notices: Mapping[int, Notice] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """Whether people work on that day; Monday to Friday in a year without a notice, 1 January never."""
        notice = self.notices.get(day.year, Notice())
        if day in notice.off or (day.month, day.day) in ALWAYS_OFF:
            return False
        if day in notice.work:
            return True
        if day.year in KNOWN_YEARS:
            return _worked(day)
        if not self.knows(day.year):
            _warn_once(day.year)
        return day.weekday() < 5

    def knows(self, year: int) -> bool:
        """Whether the year's notice is known; one that names no day off is not the whole of it."""
        return year in KNOWN_YEARS or bool(self.notices.get(year, Notice()).off)


@lru_cache(maxsize=8192)
def _worked(day: date) -> bool:
    # the package looks through its whole table at each call
    return bool(chinese_calendar.is_workday(day))


@cache
def _warn_once(year: int) -> None:
    logger.warning("holiday_notice_missing", year=year, counted="Monday to Friday")


def read_notices(path: Path = NOTICES) -> Mapping[int, Notice]:
    """The notices of a table.

    Raises:
        ValueError: a day is none, or lies in another year.
    """
    table: dict[str, dict[str, list[str]]] = json.loads(path.read_text(encoding="utf-8"))
    return {int(year): _notice(int(year), days) for year, days in table.items()}


def _notice(year: int, days: Mapping[str, list[str]]) -> Notice:
    read = {kind: frozenset(date.fromisoformat(day) for day in days.get(kind, ())) for kind in ("off", "work")}
    for day in read["off"] | read["work"]:
        if day.year != year:
            raise ValueError(f"{day} stands under {year} in the table of holidays.")
    return Notice(read["off"], read["work"])


CHINA = WorkingCalendar(read_notices())
