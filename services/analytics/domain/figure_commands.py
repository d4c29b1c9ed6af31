"""Reporting a figure, correcting it, and declaring what is covered."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints

from contracts.analytics import CoverageDeclared, IndicatorCorrected, IndicatorReleased, IndicatorReported, Span
from contracts.common import (
    EARLIEST,
    HOME_ZONE,
    PRINTABLE,
    Category,
    Event,
    Frozen,
    Identifier,
    Instant,
    NamedPlace,
    Place,
    ZoneName,
)
from contracts.zones import is_zone
from services.analytics.domain.figure import Coverage, Key, Reports
from services.analytics.domain.refusals import (
    GapOutsideSpan,
    NothingToCorrect,
    NothingToRelease,
    ReportChanged,
    SpanNotOver,
    SpanOutsideYears,
    SpanUpsideDown,
    UnitDiffers,
    ZoneUnknown,
)

MeasuredIn = Annotated[str, StringConstraints(min_length=1, max_length=20, strip_whitespace=True, pattern=PRINTABLE)]
MOST = 1e12
"""No figure of a city is larger; a sum of very many of them is still a number."""
Amount = Annotated[float, Field(ge=-MOST, le=MOST, allow_inf_nan=False)]
USUAL = 10.0
"""A report within this factor of the one before counts at once."""
LAST_POSITION = 10**12
"""No log comes so far: a thousand events a second make this many in thirty years."""
Log = Literal["registry", "incidents", "mediation", "analytics"]
Positions = Annotated[dict[Log, Annotated[int, Field(ge=0, le=LAST_POSITION)]], Field(max_length=4)]
"""How far each log was read that figures are counted from."""


class ReportIndicator(Frozen):
    """A party reports a figure; another value for the same span is a correction.

    Attributes:
        supervisor: whether a supervisor says so, whose reports count at once. The rest is the event's.
    """

    indicator: Identifier
    source: Identifier
    place: NamedPlace
    span: Span
    value: Amount
    unit: MeasuredIn
    supervisor: bool = False
    effective_at: Instant | None = None


class CorrectIndicator(ReportIndicator):
    """A party says what is right; there must be a report to correct."""


class ReleaseIndicator(Frozen):
    """A supervisor lets a report count that waits.

    Attributes:
        indicator, source, place, span: which. value: what they have looked at. by: their id.
    """

    indicator: Identifier
    source: Identifier
    place: Place
    span: Span
    value: Amount
    by: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=PRINTABLE)]


class DeclareCoverage(Frozen):
    """Says what a source covers."""

    source: Identifier
    place: NamedPlace
    categories: Annotated[tuple[Category, ...], Field(max_length=100)] = ()
    span: Span
    gaps: Annotated[tuple[Span, ...], Field(max_length=1000)] = ()
    zone: ZoneName = HOME_ZONE
    complete_at: Positions = Field(default_factory=dict)
    continues: Identifier | None = None
    effective_at: Instant | None = None


def report(reports: Reports, command: ReportIndicator, now: datetime) -> list[Event]:
    """Reports it, or corrects what was reported otherwise; the same again changes nothing."""
    _upright(command.span)
    _sensible(command.span, now)
    key = (command.indicator, command.place, command.span)
    known = reports.values.get(key)
    if known is not None and known[1] != command.unit:
        raise UnitDiffers(known[1], command.unit)
    if known is not None and known[0] == command.value and not (command.supervisor and _waits(reports, key)):
        return []
    fields = command.model_dump(exclude={"effective_at", "supervisor"}) | {
        "effective_at": command.effective_at or now,
        "awaits_release": not command.supervisor and _unusual(command.value, reports, key),
    }
    return [(IndicatorReported if known is None else IndicatorCorrected).model_validate(fields)]


def _unusual(value: float, reports: Reports, key: Key) -> bool:
    """Whether a value is the first of its source, or far from what counts."""
    usual = reports.counted[key][0] if key in reports.counted else reports.last_counted(key[0], key[1])
    if usual is None or usual == 0:
        return value != usual
    return not 1 / USUAL <= value / usual <= USUAL


def _waits(reports: Reports, key: Key) -> bool:
    return reports.counted.get(key) != reports.values[key]


def release(reports: Reports, command: ReleaseIndicator, now: datetime) -> list[Event]:
    """Lets it count; the same again changes nothing."""
    key = (command.indicator, command.place, command.span)
    if key not in reports.values:
        raise NothingToRelease
    value, unit = reports.values[key]
    if value != command.value:
        raise ReportChanged
    if not _waits(reports, key):
        return []
    return [IndicatorReleased.model_validate({**command.model_dump(), "unit": unit, "effective_at": now})]


def correct(reports: Reports, command: CorrectIndicator, now: datetime) -> list[Event]:
    """Corrects what was reported."""
    if (command.indicator, command.place, command.span) not in reports.values:
        raise NothingToCorrect
    return report(reports, command, now)


def declare(coverage: Coverage, command: DeclareCoverage, now: datetime) -> list[Event]:
    """Declares it; saying the same as last time changes nothing.

    What is read of the logs later than it was first told is no news; sooner is a correction.
    """
    _upright(command.span)
    for index, gap in enumerate(command.gaps):
        _upright(gap, f"/gaps/{index}/last")
        if gap.first < command.span.first or gap.last > command.span.last:
            raise GapOutsideSpan(index)
    if not is_zone(command.zone):
        raise ZoneUnknown(command.zone)
    _sensible(command.span, now)
    today = now.astimezone(ZoneInfo(command.zone)).date()
    if command.span.last > today:
        raise SpanNotOver(command.span.last, today)
    aside = {"effective_at", "complete_at"}
    said = command.model_dump(exclude=aside)
    complete_at = {str(log): position for log, position in command.complete_at.items()}
    for known in coverage.declared[-1:]:
        sooner = any(complete_at.get(log, 0) < position for log, position in known.complete_at.items())
        if known.model_dump(exclude=aside) == said and not sooner:
            return []
    when = {"effective_at": command.effective_at or now, "complete_at": complete_at}
    return [CoverageDeclared.model_validate(said | when)]


def _upright(span: Span, pointer: str = "/span/last") -> None:
    if span.last < span.first:
        raise SpanUpsideDown(span.first, span.last, pointer)


def _sensible(span: Span, now: datetime) -> None:
    # a budget of next year is known, one of a later year is a slip
    if span.first.year < EARLIEST.year or span.last.year > now.year + 1:
        raise SpanOutsideYears(EARLIEST.year, now.year + 1)


REPORTING: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {
    ReportIndicator: report,
    CorrectIndicator: correct,
    ReleaseIndicator: release,
}
DECLARING: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {DeclareCoverage: declare}
