"""The mapping language: how the columns of somebody's file become incidents. docs/importing.md explains it."""

import re
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from contracts.common import Category, Identifier, Label, NamedPlace
from contracts.incidents import Channel
from contracts.zones import is_zone

CATEGORY = re.compile(r"[a-z0-9-]{1,60}(/[a-z0-9-]{1,60}){0,4}")
Policy = Literal["fail", "keep", "blank", "constant"]


def _zone(name: str) -> str:
    if not is_zone(name):
        raise ValueError(f"{name} is no time zone of a place: use an IANA name such as Asia/Shanghai")
    return name


def _several(given: Any) -> Any:
    return (given,) if isinstance(given, str) else given


Zone = Annotated[str, AfterValidator(_zone)]
Formats = Annotated[tuple[str, ...], BeforeValidator(_several)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Rule(BaseModel):
    """A part of a mapping; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def _exactly_one(self, *keys: str) -> None:
        given = [key for key in keys if getattr(self, key) is not None]
        if len(given) != 1:
            said = f"has {' and '.join(given)}" if given else "has none of them"
            raise ValueError(f"needs exactly one of {', '.join(keys)}, and {said}")


class Default(Rule):
    """What to do with a value that its table does not have: ``fail``, ``keep``, ``blank``, or ``{constant: …}``."""

    policy: Policy = "fail"
    constant: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if isinstance(given, str):
            if given not in {"fail", "keep", "blank"}:
                raise ValueError("is fail, keep, blank or {constant: …}")
            return {"policy": given}
        if isinstance(given, dict) and set(given) != {"constant"} and "policy" not in given:
            raise ValueError("is fail, keep, blank or {constant: …}")
        return {"policy": "constant"} | given if isinstance(given, dict) else given


class Cell(Rule):
    """One column; a plain word is short for ``{column: word}``.

    Attributes:
        column: its heading. unknown: what stands in it where nothing is known; counts as blank.
    """

    column: Text
    unknown: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, str) else given


class Value(Rule):
    """A text out of a row; a plain word is short for ``{column: word}``.

    Attributes:
        column: a heading; or template: text with ``{headings}``; or constant: the same for each row.
        unknown: what counts as blank. values: a table from the file's words to ours.
        default: for what the table does not have; without a table values are kept. ignore_case: of the table.
    """

    column: Text | None = None
    template: Text | None = None
    constant: str | None = None
    unknown: tuple[str, ...] = ()
    values: dict[str, str] | None = None
    default: Default | None = None
    ignore_case: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one(self) -> Self:
        self._exactly_one("column", "template", "constant")
        return self


class CategoryRule(Value):
    """What it is; ``under`` goes before each path, and a word that is kept becomes one segment."""

    under: Category | None = None

    @model_validator(mode="after")
    def _paths(self) -> Self:
        for path in _given(self):
            if not CATEGORY.fullmatch(path):
                raise ValueError(
                    f"gives {path!r}, which is no category: write lower-case words between slashes, at most five, "
                    "such as crime/theft/from-vehicle"
                )
        return self


class ChannelRule(Value):
    """How it was told."""

    @model_validator(mode="after")
    def _channels(self) -> Self:
        for word in _given(self):
            if word not in list(Channel):
                raise ValueError(f"gives {word!r}, which is no channel: {', '.join(Channel)}")
        return self


def _given(rule: Value) -> list[str]:
    """The words of ours that stand in a rule."""
    default = rule.default.constant if rule.default else None
    return [word for word in (rule.constant, default, *(rule.values or {}).values()) if word]


class Lookup(Value):
    """A place by a name, in a table of its own.

    Attributes:
        column, template, unknown: whence the name. file: the table, beside the mapping; ``key`` and ``place`` are
        its columns, ``encoding`` is its own where it is text and does not show it. values: or the table
        itself, written here. default: for a name that the table lacks.
    """

    file: Text | None = None
    key: Text = "name"
    place: Text = "place"
    encoding: Text | None = None
    ignore_case: bool = True

    @model_validator(mode="after")
    def _table(self) -> Self:
        self._exactly_one("file", "values")
        return self


class PlaceRule(Rule):
    """Where: a path from the city inwards.

    Attributes:
        under: path before the rest. levels: further segments, outer first; a blank one ends the path.
        lookup: or a table from names to paths.
    """

    under: NamedPlace | None = None
    levels: tuple[Value, ...] | None = None
    lookup: Lookup | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.levels is not None and self.lookup is not None:
            raise ValueError("has both levels and lookup; one of them says where")
        if self.under is None and not self.levels and self.lookup is None:
            raise ValueError("needs under, levels or lookup")
        return self


class Parts(Rule):
    """A time in columns of its own; without hour it is the whole day, without minute the whole hour."""

    year: Cell
    month: Cell
    day: Cell
    hour: Cell | None = None
    minute: Cell | None = None
    second: Cell | None = None


class DateCell(Cell):
    """A column with a date.

    Attributes:
        format: strptime patterns, iso or unix. zone: whose date it is, where that is not the mapping's zone.
        holds: ``day``: that zone's calendar day of the incident; ``moment``: a moment within the local day, such as
        local midnight told in UTC. By default a date with a time is a moment and one without is a day.
    """

    format: Formats = ("iso",)
    zone: Zone | None = None
    holds: Literal["day", "moment"] | None = None


class ClockCell(Cell):
    """A column with a clock time: ``14``, ``1430``, ``14:30``, ``2:30 PM``, or as ``format`` says."""

    format: Formats | None = None


class Instance(Rule):
    """One way to tell a time: a column, parts, or a date beside an hour.

    Attributes:
        column, unknown, format, zone: one column; ``zone`` where its clock is not the mapping's.
        parts: columns for year, month, day, hour, minute, second. date, hour: a date and a local clock time.
    """

    column: Text | None = None
    unknown: tuple[str, ...] = ()
    format: Formats = ("iso",)
    zone: Zone | None = None
    parts: Parts | None = None
    date: DateCell | None = None
    hour: ClockCell | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one(self) -> Self:
        self._ways()
        if self.hour is not None and self.date is None:
            raise ValueError("has an hour without a date: add date")
        return self

    def _ways(self) -> None:
        self._exactly_one("column", "parts", "date")


class TimeRule(Instance):
    """When it happened.

    Attributes:
        earliest, latest: two times of their own, where only the interval is known.
        gap: a clock time that the clocks skip fails, or is read later by as much as they skip.
        fold: a clock time that comes twice is kept as an interval, or one of the two, or fails.
    """

    earliest: Instance | None = None
    latest: Instance | None = None
    gap: Literal["fail", "later"] = "fail"
    fold: Literal["interval", "earlier", "later", "fail"] = "interval"

    def _ways(self) -> None:
        self._exactly_one("column", "parts", "date", "earliest")
        if (self.earliest is None) != (self.latest is None):
            raise ValueError("needs both earliest and latest, or neither")


class LocationRule(Rule):
    """Where on a map; ``zero: none`` where 0, 0 means that nobody knows."""

    longitude: Cell
    latitude: Cell
    system: Literal["WGS84", "GCJ-02", "CGCS2000"] = "WGS84"
    zero: Literal["none", "kept"] = "none"


class Identity(Rule):
    """What makes an incident the same one when it comes again.

    Attributes:
        column, template: the source's own id. row: else the columns whose content counts (``all``);
        ``except``: columns that do not count, such as a date of export.
    """

    column: Text | None = None
    template: Text | None = None
    row: tuple[str, ...] | Literal["all"] | None = None
    without: tuple[str, ...] = Field(default=(), alias="except")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one(self) -> Self:
        self._exactly_one("column", "template", "row")
        if self.without and self.row != "all":
            raise ValueError("has except, which goes with row: all")
        return self


class Days(Rule):
    """Days, both inclusive."""

    first: date
    last: date

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.last < self.first:
            raise ValueError("ends before it begins: swap first and last")
        return self


class CoverageRule(Days):
    """Days that the source covers whole.

    Attributes:
        gaps: days within that are missing. file: only for files of such a name (``*2003*``).
    """

    gaps: tuple[Days, ...] = ()
    file: Text | None = None


class FileRule(Rule):
    """How the file is written, where that cannot be seen from the file itself.

    Attributes:
        encoding, delimiter: of CSV. sheet: name of a workbook's sheet, else the first.
        header: the row with the headings, from 1; ``none`` where there is none: columns are then A, B, C, ….
    """

    encoding: Text | None = None
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    sheet: Text | None = None
    header: Annotated[int, Field(ge=1, le=100)] | Literal["none"] = 1


class Mapping(Rule):
    """A whole mapping.

    Attributes:
        source: whose figures these are. zone: where days are counted, and clock times told.
        title, attribution: shown when it is used. personal: columns whose values no errors file shows.
        coverage: which days the files cover, at ``place.under``.
    """

    source: Identifier
    title: Label | None = None
    attribution: Annotated[str, StringConstraints(max_length=1000)] | None = None
    zone: Zone
    file: FileRule = FileRule()
    category: CategoryRule
    source_category: Value | None = None
    place: PlaceRule
    time: TimeRule
    location: LocationRule | None = None
    identity: Identity = Identity(row="all")
    channel: ChannelRule = ChannelRule(constant="import")
    drill: Value | None = None
    source_unit: Value | None = None
    description: Value | None = None
    personal: tuple[str, ...] = ()
    coverage: tuple[CoverageRule, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.source == "live":
            raise ValueError("has the source live, which is the platform's own: give it another name")
        if self.coverage and self.place.under is None:
            raise ValueError("has coverage, but place has no under to say where: add place.under")
        return self
