"""Reporting a figure, correcting it, and declaring what is covered."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from contracts.analytics import CoverageDeclared, IndicatorCorrected, IndicatorReported, PositionsRead, Span
from contracts.common import PRINTABLE, Category, Event, Frozen, Identifier, Instant, Place, ZoneName
from contracts.zones import is_zone
from services.analytics.domain.figure import Coverage, Reports
from services.analytics.domain.refusals import (
    GapOutsideSpan,
    NothingToCorrect,
    SpanUpsideDown,
    UnitDiffers,
    ZoneUnknown,
)

MeasuredIn = Annotated[str, StringConstraints(min_length=1, max_length=20, strip_whitespace=True, pattern=PRINTABLE)]


class ReportIndicator(Frozen):
    """A party reports a figure; another value for the same span is a correction."""

    indicator: Identifier
    source: Identifier
    place: Place
    span: Span
    value: Annotated[float, Field(allow_inf_nan=False)]
    unit: MeasuredIn
    effective_at: Instant | None = None


class CorrectIndicator(ReportIndicator):
    """A party says what is right; there must be a report to correct."""


class DeclareCoverage(Frozen):
    """Says what a source covers."""

    source: Identifier
    place: Place
    categories: Annotated[tuple[Category, ...], Field(max_length=100)] = ()
    span: Span
    gaps: Annotated[tuple[Span, ...], Field(max_length=1000)] = ()
    zone: ZoneName = "Asia/Shanghai"
    complete_at: PositionsRead = Field(default_factory=dict)
    effective_at: Instant | None = None


def report(reports: Reports, command: ReportIndicator, now: datetime) -> list[Event]:
    """Reports it, or corrects what was reported otherwise; the same again changes nothing."""
    _upright(command.span)
    fields = command.model_dump(exclude={"effective_at"}) | {"effective_at": command.effective_at or now}
    known = reports.values.get((command.indicator, command.place, command.span))
    if known is None:
        return [IndicatorReported.model_validate(fields)]
    value, unit = known
    if unit != command.unit:
        raise UnitDiffers(unit, command.unit)
    return [] if value == command.value else [IndicatorCorrected.model_validate(fields)]


def correct(reports: Reports, command: CorrectIndicator, now: datetime) -> list[Event]:
    """Corrects what was reported."""
    if (command.indicator, command.place, command.span) not in reports.values:
        raise NothingToCorrect
    return report(reports, command, now)


def declare(coverage: Coverage, command: DeclareCoverage, now: datetime) -> list[Event]:
    """Declares it; saying the same as last time changes nothing."""
    _upright(command.span)
    for index, gap in enumerate(command.gaps):
        _upright(gap, f"/gaps/{index}/last")
        if gap.first < command.span.first or gap.last > command.span.last:
            raise GapOutsideSpan(index)
    if not is_zone(command.zone):
        raise ZoneUnknown(command.zone)
    aside = {"effective_at", "complete_at"}
    said = command.model_dump(exclude=aside)
    if any(known.model_dump(exclude=aside) == said for known in coverage.declared[-1:]):
        return []
    when = {"effective_at": command.effective_at or now, "complete_at": command.complete_at}
    return [CoverageDeclared.model_validate(said | when)]


def _upright(span: Span, pointer: str = "/span/last") -> None:
    if span.last < span.first:
        raise SpanUpsideDown(span.first, span.last, pointer)


REPORTING: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {
    ReportIndicator: report,
    CorrectIndicator: correct,
}
DECLARING: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {DeclareCoverage: declare}
