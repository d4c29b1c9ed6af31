"""What a source covers: declared by the mapping or on the command line, never guessed from rows."""

import itertools
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path

from contracts.analytics import CoverageDeclared, Span
from services.runtime.imports.language import CoverageRule, Days, Mapping

DAY = timedelta(days=1)


def declared(mapping: Mapping, files: Iterable[Path], told: Sequence[CoverageRule] = ()) -> list[CoverageRule]:
    """What is declared about these files: on the command line, else by the entries of the mapping that name a file,
    else by those that name none."""
    if told:
        return list(told)
    rules: dict[CoverageRule, None] = {}
    for path in files:
        named = [rule for rule in mapping.coverage if rule.file and fnmatch(path.name, rule.file)]
        rules.update(dict.fromkeys(named or [rule for rule in mapping.coverage if not rule.file]))
    return list(rules)


def declaration(
    mapping: Mapping,
    rules: Sequence[CoverageRule],
    before: CoverageDeclared | None,
    now: datetime,
    incidents: int = 0,
) -> CoverageDeclared | None:
    """The event that says what is covered now, together with what was covered before; None where that is nothing
    new. ``incidents`` is the position of the log of incidents that holds all of it."""
    spans = [span for rule in rules for span in _without(rule, rule.gaps)]
    if before is not None:
        spans += _without(before.span, before.gaps)
    if not spans or not mapping.place.under:
        return None
    covered = _merged(spans)
    event = CoverageDeclared(
        effective_at=now,
        source=mapping.source,
        place=mapping.place.under,
        span=Span(first=covered[0][0], last=covered[-1][1]),
        gaps=tuple(Span(first=left[1] + DAY, last=right[0] - DAY) for left, right in itertools.pairwise(covered)),
        zone=mapping.zone,
        complete_at={"incidents": incidents},
    )
    aside = {"effective_at": event.effective_at, "complete_at": event.complete_at}
    same = before is not None and before.model_copy(update=aside) == event
    return None if same else event


def _without(span: Days | Span, gaps: Sequence[Days | Span]) -> list[tuple[date, date]]:
    """The days of a span that lie in none of the gaps."""
    left: list[tuple[date, date]] = []
    first = span.first
    for gap in sorted(gaps, key=lambda gap: gap.first):
        if gap.first > first:
            left.append((first, min(gap.first - DAY, span.last)))
        first = max(first, gap.last + DAY)
    if first <= span.last:
        left.append((first, span.last))
    return left


def _merged(spans: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """The same days in as few spans as possible, in order."""
    merged: list[tuple[date, date]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + DAY:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged
