"""What a source covers: declared by the mapping or on the command line, and only as far as its rows came in."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path

from contracts.analytics import CoverageDeclared, Span
from services.runtime.imports import language
from services.runtime.imports.language import CoverageRule, Days

DAY = timedelta(days=1)


def declared(
    mapping: language.Mapping, files: Iterable[Path], told: Sequence[CoverageRule] = ()
) -> dict[CoverageRule, list[Path]]:
    """What is declared, and about which of these files: on the command line, else by the entries of the mapping that
    name a file, else by those that name none."""
    rules: dict[CoverageRule, list[Path]] = {}
    for path in files:
        named = [rule for rule in mapping.coverage if rule.file and fnmatch(path.name, rule.file)]
        for rule in told or named or [rule for rule in mapping.coverage if not rule.file]:
            rules.setdefault(rule, []).append(path)
    return rules


@dataclass
class CameIn:
    """What became of the rows of one file.

    Attributes:
        rows: that came in. undated: that failed and do not say their day.
        failed: that failed, by year of their day. stretches: by year, from the first failed day to the last.
    """

    rows: int = 0
    undated: int = 0
    failed: "Counter[int]" = field(default_factory=Counter)
    stretches: dict[int, Days] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether the file had no row at all."""
        return not (self.rows or self.undated or self.failed)

    def add(self, came_in: int, failed_on: Iterable[tuple[date, date] | None]) -> None:
        """Counts the rows of a batch."""
        self.rows += came_in
        for days in failed_on:
            if days is None:
                self.undated += 1
            else:
                self._failed(*days)

    def _failed(self, first: date, last: date) -> None:
        for year in range(first.year, last.year + 1):
            begin, end = max(first, date(year, 1, 1)), min(last, date(year, 12, 31))
            known = self.stretches.get(year, Days(first=begin, last=end))
            self.failed[year] += 1
            self.stretches[year] = Days(first=min(begin, known.first), last=max(end, known.last))

    def within(self, span: Days) -> Iterator[tuple[Days, int]]:
        """The stretches of failed rows within a span, and how many rows failed in their year."""
        for year, days in self.stretches.items():
            if days.first <= span.last and days.last >= span.first:
                yield Days(first=max(days.first, span.first), last=min(days.last, span.last)), self.failed[year]


@dataclass(frozen=True)
class Covered:
    """What an import declares.

    Attributes:
        rules: days that are covered. missing: days that are not, since rows of theirs failed.
        reasons: sentences about what was to be covered and is not.
    """

    rules: tuple[CoverageRule, ...] = ()
    missing: tuple[Days, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def declares(self) -> bool:
        """Whether there is anything to declare: days that are covered, or days that are so no longer."""
        return bool(self.rules or self.missing)


def as_far_as_read(
    rules: Mapping[CoverageRule, Collection[Path]], came_in: Mapping[Path, CameIn], today: date
) -> Covered:
    """What is covered of what was to be, before today: what a day holds is known once it is over.

    In each year the days from the first failed row to the last are left out as one stretch. Leaving out single days
    would leave out just those on which something happened, and the rest of the year would look quieter than it was.
    """
    if rules and not any(file.rows for file in came_in.values()):
        return Covered(reasons=("No row came in, so no day is declared as covered.",))
    kept: list[CoverageRule] = []
    missing: dict[Days, None] = {}
    reasons: dict[str, None] = {}
    for rule, paths in rules.items():
        empty = [path for path in paths if path in came_in and came_in[path].empty]
        if empty:
            reasons[_empty(rule, empty)] = None
            continue
        files = [came_in[path] for path in paths if path in came_in]
        undated = sum(file.undated for file in files)
        if undated:
            reasons[_undated(rule, undated)] = None
            continue
        if rule.last >= today:
            reasons[_not_over(max(rule.first, today), rule.last)] = None
        if rule.first >= today:
            continue
        rule = rule.model_copy(update={"last": min(rule.last, today - DAY)})  # noqa: PLW2901 - what is over of it
        left_out = dict(stretch for file in files for stretch in file.within(rule))
        missing.update(dict.fromkeys(left_out))
        reasons.update((_failed(days, rows), None) for days, rows in left_out.items())
        gaps = sorted((*rule.gaps, *left_out), key=lambda gap: gap.first)
        cut = rule.model_copy(update={"gaps": tuple(gaps)})
        if _without(cut, cut.gaps):
            kept.append(cut)
    return Covered(tuple(kept), tuple(missing), tuple(reasons))


def _empty(rule: Days, paths: Sequence[Path]) -> str:
    names = ", ".join(path.name for path in paths)
    return (
        f"Not covered: {rule.first} to {rule.last}. No row is in {names}. Get the file again; or, if it is right that "
        "it has none, import the others without it."
    )


def _undated(rule: Days, rows: int) -> str:
    return (
        f"Not covered: {rule.first} to {rule.last}. {rows:,} rows failed that do not say their day, so it is not known "
        "which days are whole. Mend the mapping, or mend or remove these rows, and import again."
    )


def _not_over(first: date, last: date) -> str:
    return f"Not covered: {first} to {last}. These days are not over: import again when they are."


def _failed(days: Days, rows: int) -> str:
    return (
        f"Not covered: {days.first} to {days.last}. {rows:,} rows of {days.first.year} failed. Mend the mapping or "
        "these rows and import again."
    )


def declaration(
    mapping: language.Mapping,
    covered: Covered,
    before: CoverageDeclared | None,
    now: datetime,
    incidents: int = 0,
) -> CoverageDeclared | None:
    """The event that says what is covered now, together with what was covered before; None where that is nothing
    new. ``incidents`` is the position of the log of incidents that holds all of it."""
    spans = [span for rule in covered.rules for span in _without(rule, rule.gaps)]
    ends: list[Days | Span] = [Days(first=first, last=last) for first, last in spans]
    if before is not None:
        spans += _without(before.span, (*before.gaps, *covered.missing))
        ends.append(before.span)
    if not ends or not mapping.place.under:
        return None
    # days that were declared before and are withdrawn must stay in the span, as a gap: readers of the event take back
    # no more than its span
    whole = Days(first=min(end.first for end in ends), last=max(end.last for end in ends))
    gaps = _without(whole, [Days(first=first, last=last) for first, last in _merged(spans)])
    event = CoverageDeclared(
        effective_at=now,
        source=mapping.source,
        place=mapping.place.under,
        span=Span(first=whole.first, last=whole.last),
        gaps=tuple(Span(first=first, last=last) for first, last in gaps),
        zone=mapping.zone,
        complete_at={"incidents": incidents},
    )
    aside = {"effective_at": event.effective_at, "complete_at": event.complete_at}
    # one that needs more of the log than there is covers nothing until it is corrected
    reached = before is not None and before.complete_at.get("incidents", 0) <= incidents
    same = before is not None and before.model_copy(update=aside) == event
    return None if same and reached else event


def _without(span: Days | Span, gaps: Sequence[Days | Span]) -> list[tuple[date, date]]:
    """The days of a span that lie in none of the gaps."""
    left: list[tuple[date, date]] = []
    first = span.first
    for gap in sorted(gaps, key=lambda gap: gap.first):
        if first < gap.first and first <= span.last:
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
