"""Formats of dates and clock times: what they tell, and readers of cells that are written in them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal

from services.runtime.imports.refusals import MappingRefused

Exact = Literal["day", "hour", "moment"]
Told = tuple[datetime, Exact]
"""A time as a cell tells it, naive or with a zone, and how exactly."""
Part = Literal["date", "clock"]
"""What a column must tell: the date (a clock time may go with it), or a clock time."""

SPREADSHEET_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets count naive days
NAMED = ("iso", "unix", "unix-ms", "excel")
PROBE = datetime(2023, 11, 29, 13, 47, 52, tzinfo=UTC)  # each part unlike strptime's default
GREGORIAN = "of the Gregorian calendar between 1900 and 2199"
EARLIEST_YEAR, LATEST_YEAR = 1900, 2199
DIRECTIVE = re.compile(r"%([EO:#0_^-]?.|$)", re.DOTALL)
KNOWN_DIRECTIVES = frozenset("aAwdbBmyYHIpMSfzjUWcxXGuV%")
INSTEAD = {
    "T": "%H:%M:%S",
    "R": "%H:%M",
    "D": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "r": "%I:%M:%S %p",
    "h": "%b",
    "e": "%d, which reads 1 and 01",
    "k": "%H, which reads 8 and 08",
    "l": "%I, which reads 8 and 08",
    "P": "%p, which reads pm and PM",
    "C": "%Y for a year of four digits, %y for one of two",
    "n": "a blank",
    "t": "a blank",
    ":z": "%z, which reads +0800 and +08:00",
    "s": "unix as the whole format",
    "N": "%f for fractions of a second",
    "L": "%f for fractions of a second",
    "Z": "%z where the column has offsets such as +08:00; for a column that always has UTC, write UTC into the "
    "format as it stands and zone: UTC for the column",
}
"""What to write for directives of other programs, and for %Z, which strptime reads without heeding it."""
WEEKDAYS = frozenset("aAwu")
ISO_WEEK = re.compile(r"\d{4}(-W\d\d(?!-)|W\d\d(?!\d))")
ISO_HOUR = re.compile(r"(\d{4}-\d\d-\d\d|\d{8}|\d{4}-W\d\d-\d|\d{4}W\d{3})\D\d\d(Z|[+-]\d.*)?")


def reader(formats: tuple[str, ...], key: str, part: Part = "date") -> Callable[[str], Told | None]:
    """Reads a text in the first of several formats that fits, None where none does or it is of another calendar.

    Raises MappingRefused where a format does not tell what it must; ``key`` is what gives it in the mapping.
    """
    readers = [format_reader(given, key, part) for given in formats]

    @lru_cache(maxsize=65_536)
    def read(shown: str) -> Told | None:
        for one in readers:
            try:
                told = one(shown)
            except (ValueError, OverflowError, OSError):
                continue
            if part == "clock" or EARLIEST_YEAR <= told[0].year <= LATEST_YEAR:
                return told
        return None

    return read


def format_reader(given: str, key: str, part: Part = "date") -> Callable[[str], Told]:
    """Reads a text in one format; the reader raises ValueError where it does not fit."""
    match given:
        case "iso":
            return _iso
        case "unix":
            return lambda shown: (datetime.fromtimestamp(float(shown), UTC), "moment")
        case "unix-ms":
            return lambda shown: (datetime.fromtimestamp(float(shown) / 1000, UTC), "moment")
        case "excel":
            return _serial
    exact = _exact(given, key, part)
    return lambda shown: (datetime.strptime(shown, given), exact)  # noqa: DTZ007 - placed in its zone by the caller


def _exact(given: str, key: str, part: Part) -> Exact:
    """How exactly a pattern tells a time.

    A time is written in it and read back: what the pattern does not tell comes back as strptime's default.

    Raises:
        MappingRefused: an incident's time would be made up in part.
    """
    wrong = _wrong_directive([found[1] for found in DIRECTIVE.finditer(given)])
    if wrong:
        raise MappingRefused(f"The format {given!r} at {key} {wrong}")
    try:
        told = datetime.strptime(PROBE.strftime(given), given)  # noqa: DTZ007 - compared as it is
    except (ValueError, re.error):  # re.error: two directives tell the same part
        told = None
    if told is None or "%" not in given:
        raise MappingRefused(
            f"{given!r} at {key} is no format: write strptime's, such as %d/%m/%Y %H:%M, or {', '.join(NAMED)}."
        )
    missing = _missing_hour(told, part) or (None if part == "clock" else _missing_day(told))
    if missing:
        raise MappingRefused(f"The format {given!r} at {key} says no {missing}")
    if told.minute:
        return "moment"
    return "hour" if told.hour else "day"


def _wrong_directive(directives: list[str]) -> str | None:
    """The rest of a sentence about the first directive that cannot be read, None where all can."""
    for directive in directives:
        if not directive:
            return "ends with a lone %: write %% for a percent sign."
        if directive not in KNOWN_DIRECTIVES:
            plain = directive[-1]
            instead = INSTEAD.get(directive) or (f"%{plain}" if plain in KNOWN_DIRECTIVES else INSTEAD.get(plain))
            known = ", ".join(f"%{each}" for each in sorted(KNOWN_DIRECTIVES, key=str.casefold))
            return f"has %{directive}, which is not read here: write {instead or f'one of {known}'}."
        if directive != "%" and directives.count(directive) > 1:
            return f"has %{directive} twice: write what stands in one of the two places as plain text, or leave it out."
    return _wrong_week(set(directives))


def _wrong_week(directives: set[str]) -> str | None:
    """The same about weeks as ISO 8601 numbers them, whose three parts go together."""
    if not directives & {"G", "V"}:
        return None
    if "V" not in directives:
        return "has %G, the year of an ISO week, without %V: write %Y for the year of the calendar."
    if "G" not in directives:
        return "has %V, an ISO week, without %G, the year that such weeks are counted in: write %G for the year."
    if not directives & WEEKDAYS:
        return (
            "has %G and %V, which tell a week, and an incident is counted by its day: add the weekday, such as "
            "%G-W%V-%u, or take a column that has the day."
        )
    return None


def _missing_hour(told: datetime, part: Part) -> str | None:
    if told.hour == PROBE.hour:
        return None
    if told.hour:
        return "half of the day: add %p beside %I, or take %H where the hours go to 23."
    return "hour: add %H." if part == "clock" or told.minute or told.second else None


def _missing_day(told: datetime) -> str | None:
    if told.year != PROBE.year:
        return "year: take the date from columns of its own with parts, or this column as hour beside a date."
    if told.month == PROBE.month and told.day == PROBE.day:
        return None
    if told.day == PROBE.day:
        return "month: add %m."
    return (
        "day, and an incident is counted by its day: take a column that has it. Figures of whole months can be "
        "reported as indicators."
    )


def _iso(shown: str) -> Told:
    if ISO_WEEK.match(shown):
        raise ValueError  # a week; fromisoformat would make it a Monday
    told = datetime.fromisoformat(shown)
    if len(shown) <= 10:
        return told, "day"
    return told, "hour" if ISO_HOUR.fullmatch(shown) else "moment"


def _serial(shown: str) -> Told:
    days = float(shown)
    at = SPREADSHEET_EPOCH + timedelta(seconds=round(days * 86400))
    return at, "day" if days.is_integer() else "moment"
