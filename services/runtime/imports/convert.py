"""Rows become commands, and commands events, by the same rules as the API's."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from contracts.common import Point, Sealed
from contracts.incidents import Channel
from contracts.refusals import Refused
from contracts.segments import segment_of
from services.chassis.eventstore.types import EventTooLarge, new_event
from services.incidents.deciders import INCIDENT
from services.incidents.domain.identity import digest_of, incident_of
from services.incidents.domain.incident_commands import ReportIncident
from services.runtime.imports.formats import GREGORIAN
from services.runtime.imports.identity import (
    Occurrences,
    content_of,
    digest_of_row,
    take_id,
)
from services.runtime.imports.language import LocationRule, Mapping, Value
from services.runtime.imports.places import joined, take_place
from services.runtime.imports.readers import Cells, text_of
from services.runtime.imports.refusals import RowRefused
from services.runtime.imports.times import take_time
from services.runtime.imports.values import Columns, columns_of, names_of, remembered, take_raw, take_text, take_value
from services.runtime.imports.zoned import ClockChange, Interval

NOT_SEALED_YET = "pending"
"""Stands where a sealed description will: rows are converted where there is no key."""
COMMAND = ReportIncident.__pydantic_validator__  # what model_validate calls, and a tenth of the time less
NO_ID = UUID(int=0)
T = TypeVar("T")
YES, NO = frozenset({"true", "yes", "y", "1"}), frozenset({"", "false", "no", "n", "0"})
LABEL_LENGTH = 120
CATEGORY_SEGMENT = 60
REASONS = {
    "category": "makes no category: at most five segments of at most 60 characters",
    "place": "makes no place: at most ten segments of at most 80 characters, each with a letter or a digit",
    "occurred": f"is not a time {GREGORIAN}",
    "source_unit": "is no id of a unit: at most 80 lower-case letters, digits, dots, hyphens and underscores",
    "source_id": "is no id of an incident: at most 120 characters on one line",
    "source_category": "is no label: at most 120 characters on one line",
}
"""What a person reads of a row that the platform does not take, by field of the command."""
LONGEST_DESCRIPTION = 32_768  # bytes; sealed and in base64 it still fits an event


class Converted(NamedTuple):
    """What a row tells of.

    Attributes:
        digest: 16 bytes that stand for the incident. data: the payload of its report.
        effective_at: the earliest that it can have happened. description: still to be sealed, or ``""``.
        change: what the clocks did to its time, where they skipped it or showed it twice.
    """

    digest: bytes
    data: bytes
    effective_at: datetime
    description: str
    change: ClockChange | None


class Converter:
    """Makes events out of the rows of one file.

    Args:
        mapping: how. columns: the file's headings. beside: the mapping's folder. now: when the import began.
        occurrences: how often each content came so far.

    Raises:
        MappingRefused: the mapping names a column that the file does not have.
    """

    def __init__(
        self,
        mapping: Mapping,
        columns: Columns,
        *,
        beside: Path,
        now: datetime,
        occurrences: Occurrences,
    ) -> None:
        self._source, self._zone, self._now = mapping.source, mapping.zone, now
        self._occurrences = occurrences
        self._time, time_column = take_time(mapping.time, mapping.zone, columns)
        self._kind = _kind(mapping, columns)
        self._place = take_place(mapping.place, columns, beside)
        self._location = _location(mapping.location, columns)
        self._channel = _channel(mapping.channel, columns)
        self._drill = _drill(mapping.drill, columns)
        self._unit = take_value(mapping.source_unit, columns, "source_unit") if mapping.source_unit else None
        self._description = take_raw(mapping.description, columns, "description") if mapping.description else None
        self._id = take_id(mapping.identity, columns)
        self._content = content_of(mapping.identity, mapping.source, columns)
        self.blame = _blame(mapping, time_column)

    def convert(self, cells: Cells) -> Converted:
        """The event that reports what a row tells of. Raises RowRefused."""
        digest, source_id = self._identify(cells)
        try:
            interval = self._when(cells)
            fields = self._fields(incident_of(digest), source_id, interval, cells)
            told = self._description(cells) if self._description is not None else ""
            if told:
                fields["description"] = Sealed(key=f"case:{fields['incident']}", text=NOT_SEALED_YET)
            events = INCIDENT.decide(INCIDENT.initial, COMMAND.validate_python(fields), self._now)
            reported = new_event(NO_ID, events[0], b"")
        except ValidationError as error:
            raise self._refusal(error) from None
        except Refused as refused:
            field = refused.pointer.strip("/").partition("/")[0]
            raise RowRefused(self.blame.get(field, ""), "", refused.sentence.rstrip(".")) from None
        except EventTooLarge:
            raise RowRefused("", "", "is too long for one event") from None
        if len(told.encode()) > LONGEST_DESCRIPTION:
            raise RowRefused(self.blame["description"], told, f"is longer than {LONGEST_DESCRIPTION:,} bytes")
        return Converted(digest, reported.data, reported.effective_at, told, interval.change)

    def days(self, cells: Cells) -> tuple[date, date] | None:
        """The first and the last local day that a row's time says, None where it says none."""
        try:
            interval = self._time(cells)
        except RowRefused as refused:
            interval = refused.between
        if interval is None:
            return None
        zone = ZoneInfo(self._zone)
        return interval.earliest.astimezone(zone).date(), interval.latest.astimezone(zone).date()

    def _identify(self, cells: Cells) -> tuple[bytes, str | None]:
        content = self._content(cells)  # first of all, since it finds bytes that are no text
        if self._id is not None:
            source_id = self._id(cells)
            if not source_id:
                raise RowRefused(self.blame["source_id"], "", "is blank, and the mapping takes it for the source's id")
            return digest_of(self._source, source_id), source_id
        # counted before anything else can be refused: a row that a better mapping takes has the same number as before
        return digest_of_row(content, self._occurrences.next(content)), None

    def _when(self, cells: Cells) -> Interval:
        interval = self._time(cells)
        if interval is None:
            raise RowRefused(self.blame["occurred"], "", "is blank: nobody knows when it happened")
        return interval

    def _fields(self, incident: str, source_id: str | None, interval: Interval, cells: Cells) -> dict[str, Any]:
        category, label = self._kind(cells)
        fields: dict[str, Any] = {
            "incident": incident,
            "category": category,
            "place": self._place(cells),
            "occurred": {"earliest": interval.earliest, "latest": interval.latest, "zone": self._zone},
            "channel": self._channel(cells),
            "location": self._location(cells),
            "source": self._source,
            "source_id": source_id,
            "source_category": label,
            "drill": self._drill(cells),
        }
        if self._unit is not None:
            fields["source_unit"] = self._unit(cells).lower() or None
        return fields

    def _refusal(self, error: ValidationError) -> RowRefused:
        detail = error.errors(include_url=False, include_input=False)[0]
        field = str(detail["loc"][0]) if detail["loc"] else ""
        reason = REASONS.get(field, f"makes no {field.replace('_', ' ')} that the platform takes")
        return RowRefused(self.blame.get(field, ""), "", reason)


def _blame(mapping: Mapping, time_column: str) -> dict[str, str]:
    """The column to name in the errors file, by field of the command."""
    place = mapping.place
    where = names_of(place.lookup or (place.levels[0] if place.levels else None))
    return {
        "occurred": time_column,
        "category": names_of(mapping.category),
        "place": where,
        "location": mapping.location.longitude.column if mapping.location else "",
        "channel": names_of(mapping.channel),
        "drill": names_of(mapping.drill),
        "source_unit": names_of(mapping.source_unit),
        "description": names_of(mapping.description),
        "source_id": mapping.identity.column or mapping.identity.template or "",
        "source_category": names_of(mapping.source_category or mapping.category),
    }


def _kind(mapping: Mapping, columns: Columns) -> Callable[[Cells], tuple[str, str | None]]:
    """Takes the category, and the word for it in the source."""
    rule, column = mapping.category, names_of(mapping.category)
    ours = take_value(rule, columns, "category", lambda word: segment_of(word, CATEGORY_SEGMENT))
    label = take_raw(mapping.source_category or rule, columns, "source_category")

    def take(cells: Cells) -> tuple[str, str | None]:
        category = ours(cells)
        if not category:
            raise RowRefused(column, "", "is blank: nobody knows what it is")
        return joined(rule.under or "", category), label(cells)[:LABEL_LENGTH] or None

    return remembered(columns, columns_of(rule, mapping.source_category), "category", take)


def _location(rule: LocationRule | None, columns: Columns) -> Callable[[Cells], Point | None]:
    if rule is None:
        return lambda _: None
    longitude, latitude = rule.longitude.column, rule.latitude.column
    east = take_text(columns, longitude, "location.longitude", rule.longitude.unknown)
    north = take_text(columns, latitude, "location.latitude", rule.latitude.unknown)

    def take(cells: Cells) -> Point | None:
        x, y = east(cells), north(cells)
        if not x and not y:
            return None
        point = Point(longitude=_degrees(x, longitude, 180), latitude=_degrees(y, latitude, 90), system=rule.system)
        return None if rule.zero == "none" and point.longitude == 0 == point.latitude else point

    return remembered(columns, [longitude, latitude], "location", take)


def _channel(rule: Value, columns: Columns) -> Callable[[Cells], Channel]:
    words = take_value(rule, columns, "channel")

    def take(cells: Cells) -> Channel:
        word = words(cells)
        try:
            return Channel(word) if word else Channel.IMPORT
        except ValueError:
            raise RowRefused(names_of(rule), word, f"is no channel: {', '.join(Channel)}") from None

    return _constant(rule, take) or remembered(columns, columns_of(rule), "channel", take)


def _drill(rule: Value | None, columns: Columns) -> Callable[[Cells], bool]:
    if rule is None:
        return lambda _: False
    words, column = take_value(rule, columns, "drill"), names_of(rule)
    return remembered(columns, columns_of(rule), "drill", lambda cells: _truth(words(cells), column))


def _constant(rule: Value, take: Callable[[Cells], T]) -> Callable[[Cells], T] | None:
    """The same for a constant, asked once."""
    if rule.constant is None:
        return None
    answer = take(())
    return lambda _: answer


def _degrees(shown: str, column: str, most: int) -> float:
    try:
        degrees = float(shown)
    except ValueError:
        degrees = most + 1.0
    if not -most <= degrees <= most:
        raise RowRefused(column, shown, f"is not a number of degrees between -{most} and {most}")
    return degrees


def _truth(shown: str, column: str) -> bool:
    word = shown.casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise RowRefused(column, shown, "does not say whether it was a drill: give its words in drill.values (true, false)")


def shown_value(refused: RowRefused, cells: Cells | RowRefused, columns: Columns) -> str:
    """What stands in the column to blame."""
    if refused.value or isinstance(cells, RowRefused) or refused.column not in columns.header:
        return refused.value
    return text_of(cells[columns.header.index(refused.column)])
