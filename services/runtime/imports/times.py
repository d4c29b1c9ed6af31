"""When it happened: out of one column, of parts, of a date beside an hour, or between an earliest and a latest."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from services.runtime.imports.formats import EARLIEST_YEAR, GREGORIAN, LATEST_YEAR, Exact, Told, reader
from services.runtime.imports.language import Cell as CellRule
from services.runtime.imports.language import Instance, Parts, TimeRule
from services.runtime.imports.readers import Cell, Cells
from services.runtime.imports.refusals import RowRefused
from services.runtime.imports.values import Columns, Take, remembered, take_text
from services.runtime.imports.zoned import ALMOST_A_DAY, ALMOST_AN_HOUR, ClockRepeated, ClockSkipped, Interval, Zoned

TakeTime = Callable[[Cells], Interval | None]
"""Takes the time out of a row, None where it is blank. Raises RowRefused."""

CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{1,2})(?:[:.](\d{1,2})(?:\.\d+)?)?)?\s*([ap])?\.?(?:m\.?)?", re.IGNORECASE)
ALMOST = {"day": ALMOST_A_DAY, "hour": ALMOST_AN_HOUR, "moment": timedelta()}
NO_TIME = f"is not a time of the format that the mapping gives: a day {GREGORIAN}"

SKIPPED = (
    "is a time that the clocks skipped in {zone}: correct the row, or write gap: later under time in the mapping to "
    "have such times read later by as much as the clocks skipped"
)
REPEATED = (
    "is a time that came twice in {zone}: write its offset behind it, or fold: interval under time in the mapping to "
    "have such times kept as the interval between the two"
)


def take_time(rule: TimeRule, zone: str, columns: Columns) -> tuple[TakeTime, str]:
    """Takes the time, and names the column to blame for it. Raises MappingRefused."""
    if rule.earliest is None or rule.latest is None:
        return _instance(rule, rule, zone, columns, "time")
    first, first_column = _instance(rule.earliest, rule, zone, columns, "time.earliest")
    last, last_column = _instance(rule.latest, rule, zone, columns, "time.latest")

    def take(cells: Cells) -> Interval | None:
        earliest = first(cells)
        if earliest is None:
            return None
        latest = last(cells) or earliest
        if latest.latest < earliest.earliest:
            raise RowRefused(last_column, "", f"lies before {first_column}: an interval ends after it begins")
        return Interval(earliest.earliest, latest.latest, earliest.change or latest.change)

    return take, first_column


def _instance(told: Instance, rule: TimeRule, zone: str, columns: Columns, key: str) -> tuple[TakeTime, str]:
    zoned = Zoned(told.zone or zone, rule.gap, rule.fold)
    if told.parts is not None:
        return _parts(told.parts, zoned, columns, f"{key}.parts")
    if told.date is not None:
        return _date_and_hour(told, zoned, columns, key), told.date.column
    column = told.column or ""
    read, text = reader(told.format, key), take_text(columns, column, key, told.unknown)
    cell = columns.cell(column, key)

    def take(cells: Cells) -> Interval | None:
        shown = text(cells)
        if not shown:
            return None
        clock, exact = _read(read, cell(cells), shown, column)
        return _placed(zoned, clock, exact, column, shown)

    return take, column


def _read(read: Callable[[str], Told | None], cell: Cell, shown: str, column: str) -> Told:
    native = _native(cell)
    told = native if native is not None else read(shown)
    if told is None:
        raise RowRefused(column, shown, NO_TIME)
    return told


def _native(cell: Cell) -> Told | None:
    if isinstance(cell, datetime):
        return cell, "moment"
    if isinstance(cell, date):
        return datetime.combine(cell, time()), "day"
    return None


def _placed(zoned: Zoned, clock: datetime, exact: Exact, column: str, shown: str) -> Interval:
    try:
        if clock.tzinfo is not None:
            at = clock.astimezone(UTC)
            return Interval(at, at + ALMOST[exact])
        if exact == "moment":
            return zoned.moment(clock)
        return zoned.day(clock) if exact == "day" else zoned.hour(clock)
    except ClockSkipped as skipped:
        raise RowRefused(column, shown, SKIPPED.format(zone=zoned.zone), skipped.lenient) from None
    except ClockRepeated as repeated:
        raise RowRefused(column, shown, REPEATED.format(zone=zoned.zone), repeated.lenient) from None
    except OverflowError:
        raise RowRefused(column, shown, "lies outside the calendar") from None


def _parts(parts: Parts, zoned: Zoned, columns: Columns, key: str) -> tuple[TakeTime, str]:
    blamed = parts.day.column
    days = _part_of_date(parts, columns, key)
    clocks = _part_of_day(parts, columns, key)

    def take(cells: Cells) -> Interval | None:
        midnight = days(cells)
        if midnight is None:
            return None
        since, exact = clocks(cells)
        return _placed(zoned, midnight + since if since else midnight, exact, blamed, "")

    return take, blamed


def _part_of_date(parts: Parts, columns: Columns, key: str) -> Callable[[Cells], datetime | None]:
    rules = {"year": parts.year, "month": parts.month, "day": parts.day}
    takes = [_number(rule, columns, f"{key}.{name}") for name, rule in rules.items()]

    def take(cells: Cells) -> datetime | None:
        numbers = [take(cells) for take in takes]
        if numbers == [None, None, None]:
            return None
        year, month, day = (number or 0 for number in numbers)
        try:
            told = datetime(year, month, day)  # noqa: DTZ001 - placed in its zone by the caller
        except ValueError:
            told = None
        if told is None or not EARLIEST_YEAR <= year <= LATEST_YEAR:
            raise RowRefused(parts.day.column, f"{year}-{month}-{day}", f"is no day {GREGORIAN}")
        return told

    return remembered(columns, [rule.column for rule in rules.values()], key, take)


def _part_of_day(parts: Parts, columns: Columns, key: str) -> Callable[[Cells], tuple[timedelta | None, Exact]]:
    given = {"hour": parts.hour, "minute": parts.minute, "second": parts.second}
    rules = {name: rule for name, rule in given.items() if rule is not None}
    takes = [_number(rule, columns, f"{key}.{name}") for name, rule in rules.items()]

    def take(cells: Cells) -> tuple[timedelta | None, Exact]:
        numbers = [take(cells) for take in takes]
        known = (
            [number for number in numbers[: numbers.index(None)] if number is not None] if None in numbers else numbers
        )
        if not known:
            return None, "day"
        try:
            return _since(*(number or 0 for number in known)), "hour" if len(known) == 1 else "moment"
        except ValueError:
            shown = ":".join(map(str, known))
            raise RowRefused(rules["hour"].column, shown, "is no time of the day") from None

    return remembered(columns, [rule.column for rule in rules.values()], key, take)


def _since(hour: int = 0, minute: int = 0, second: int = 0) -> timedelta:
    """A time of the day, counted from midnight; 24:00 is the end of it."""
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 61) and (hour, minute, second) != (24, 0, 0):
        raise ValueError
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _number(rule: CellRule, columns: Columns, key: str) -> Callable[[Cells], int | None]:
    text = take_text(columns, rule.column, key, rule.unknown)

    def take(cells: Cells) -> int | None:
        shown = text(cells)
        if shown and (not (shown.isascii() and shown.isdigit()) or len(shown) > 4):
            raise RowRefused(rule.column, shown, f"is not a {key.rpartition('.')[2]} in digits")
        return int(shown) if shown else None

    return take


def _date_and_hour(told: Instance, zoned: Zoned, columns: Columns, key: str) -> TakeTime:
    rule = told.date
    assert rule is not None  # noqa: S101 - asked before
    read, shown_date = reader(rule.format, f"{key}.date"), take_text(columns, rule.column, f"{key}.date", rule.unknown)
    cell = columns.cell(rule.column, f"{key}.date")
    theirs = Zoned(rule.zone or zoned.zone, gap="later")  # only its day counts, which a skipped hour does not change
    clock = _clock(told, columns, key)
    hour_column = told.hour.column if told.hour else rule.column

    def take(cells: Cells) -> Interval | None:
        shown = shown_date(cells)
        if not shown:
            return None
        at, exact = _read(read, cell(cells), shown, rule.column)
        holds = rule.holds or ("day" if exact == "day" else "moment")
        hour = clock(cells)
        if holds == "moment":
            moment = at.astimezone(UTC) if at.tzinfo else theirs.moment(at).earliest
            day = _midnight(zoned.clock(moment))
        else:
            day = _midnight(at)
            if theirs.zone != zoned.zone:
                return _on_their_day(day, hour, zoned, theirs, hour_column)
        if hour is None:
            return _placed(zoned, day, "day", rule.column, shown)
        return _placed(zoned, day + hour[0], hour[1], hour_column, str(hour[0]))

    return take


def _on_their_day(
    day: datetime, hour: tuple[timedelta, Exact] | None, zoned: Zoned, theirs: Zoned, column: str
) -> Interval:
    """The local time whose moment lies on the day of another zone: yesterday's, today's or tomorrow's 23:00."""
    if hour is None:
        return theirs.day(day)
    for shift in (0, -1, 1):
        local = day + timedelta(days=shift) + hour[0]
        try:
            found = _placed(zoned, local, hour[1], column, str(hour[0]))
        except RowRefused as refused:
            if refused.between is None or theirs.clock(refused.between.earliest).date() == day.date():
                raise
        else:
            if theirs.clock(found.earliest).date() == day.date():
                return found
    raise RowRefused(column, str(hour[0]), f"is a time that this day does not have in {theirs.zone}")


def _midnight(clock: datetime) -> datetime:
    return datetime(clock.year, clock.month, clock.day)  # noqa: DTZ001 - placed in its zone by the caller


def _clock(told: Instance, columns: Columns, key: str) -> Callable[[Cells], tuple[timedelta, Exact] | None]:
    rule = told.hour
    if rule is None:
        return lambda _: None
    text: Take = take_text(columns, rule.column, f"{key}.hour", rule.unknown)
    cell = columns.cell(rule.column, f"{key}.hour")
    read = reader(rule.format, f"{key}.hour", "clock") if rule.format else None

    def take(cells: Cells) -> tuple[timedelta, Exact] | None:
        shown, native = text(cells), cell(cells)
        if not shown:
            return None
        if isinstance(native, timedelta):
            return native % timedelta(days=1), "moment"
        if isinstance(native, time | datetime):
            return _since_midnight(native), "moment"
        if read is None:
            return clock_time(shown, rule.column)
        told = read(shown)
        if told is None:
            raise RowRefused(rule.column, shown, "is not a clock time of the format that the mapping gives")
        return _since_midnight(told[0]), told[1]

    return take


def _since_midnight(clock: time | datetime) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)


@lru_cache(maxsize=10_000)
def clock_time(shown: str, column: str) -> tuple[timedelta, Exact]:
    """``14``, ``1430``, ``14:30``, ``2 PM``, ``2:30 p.m.``"""
    spelled = f"{shown[:-2]}:{shown[-2:]}" if shown.isdigit() and len(shown) in {3, 4} else shown
    found = CLOCK.fullmatch(spelled)
    if found is None:
        raise RowRefused(column, shown, "is not a clock time such as 14, 1430, 14:30 or 2:30 PM")
    hour, minute, second, half = int(found[1]), int(found[2] or 0), int(found[3] or 0), found[4]
    if half:
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    try:
        at = _since(hour, minute, second)
    except ValueError:
        raise RowRefused(column, shown, "is not a clock time such as 14, 1430, 14:30 or 2:30 PM") from None
    return at, "moment" if found[2] else "hour"
