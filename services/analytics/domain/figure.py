"""Figures that outside parties report, and what a source covers."""

from dataclasses import dataclass, field, replace
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, TypeAdapter

from contracts.analytics import CoverageDeclared, IndicatorCorrected, IndicatorReleased, IndicatorReported, Span
from contracts.common import Event

Key = tuple[str, str, Span]
Reported = tuple[float, str]
PAIRS: TypeAdapter[list[tuple[Key, Reported]]] = TypeAdapter(list[tuple[Key, Reported]])
# JSON has no keys but texts: it is written as pairs
ByKey = Annotated[
    dict[Key, Reported],
    PlainSerializer(lambda values: list(values.items()), return_type=list[tuple[Key, Reported]]),
    BeforeValidator(lambda values: dict(PAIRS.validate_python(values)) if isinstance(values, list) else values),
]


def told_of(source: str, place: str) -> str:
    """The aggregate of what one source says of one place; no other place's analyst or manager writes to it.

    Neither a source nor a segment of a place holds a colon, so that no two of them have the same one.
    """
    return f"{source}:{place.replace('/', ':')}"


@dataclass(frozen=True, slots=True)
class Reports:
    """What one source has reported of one place: value and unit by indicator, place and span.

    Attributes:
        values: the last that was reported. counted: the last that counts; what waits to be released is not in it.
    """

    values: ByKey = field(default_factory=dict)
    counted: ByKey = field(default_factory=dict)

    def last_counted(self, indicator: str, place: str) -> float | None:
        """The value that counts for the latest span; None where none does."""
        spans = [key for key in self.counted if key[:2] == (indicator, place)]
        return self.counted[max(spans, key=lambda key: key[2].last)][0] if spans else None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one source has declared of one place."""

    declared: tuple[CoverageDeclared, ...] = ()


def evolve_reports(reports: Reports, event: Event) -> Reports:
    """The reports after one more event."""
    if not isinstance(event, IndicatorReported | IndicatorCorrected | IndicatorReleased):
        return reports
    told = {(event.indicator, event.place, event.span): (event.value, event.unit)}
    if isinstance(event, IndicatorReleased):
        return replace(reports, counted=reports.counted | told)
    counted = reports.counted if event.awaits_release else reports.counted | told
    return Reports(reports.values | told, counted)


def evolve_coverage(coverage: Coverage, event: Event) -> Coverage:
    """The coverage after one more event."""
    if isinstance(event, CoverageDeclared):
        return replace(coverage, declared=(*coverage.declared, event))
    return coverage
