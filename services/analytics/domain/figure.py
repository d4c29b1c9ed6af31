"""Figures that outside parties report, and what a source covers."""

from dataclasses import dataclass, field, replace
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, TypeAdapter

from contracts.analytics import CoverageDeclared, IndicatorCorrected, IndicatorReported, Span
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


@dataclass(frozen=True, slots=True)
class Reports:
    """What one source has reported: value and unit by indicator, place and span."""

    values: ByKey = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one source has declared."""

    declared: tuple[CoverageDeclared, ...] = ()


def evolve_reports(reports: Reports, event: Event) -> Reports:
    """The reports after one more event."""
    if isinstance(event, IndicatorReported | IndicatorCorrected):
        key = (event.indicator, event.place, event.span)
        return Reports(reports.values | {key: (event.value, event.unit)})
    return reports


def evolve_coverage(coverage: Coverage, event: Event) -> Coverage:
    """The coverage after one more event."""
    if isinstance(event, CoverageDeclared):
        return replace(coverage, declared=(*coverage.declared, event))
    return coverage
