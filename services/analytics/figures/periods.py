"""Figures by period: for each source, category and period a value, held against its like a year before."""

import heapq
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.analytics import Span
from services.analytics import words
from services.analytics.figures import counting
from services.analytics.figures.adhoc import Adhoc
from services.analytics.figures.counting import Selection
from services.analytics.figures.figure import Figure, Name, compared, moved_holidays, span
from services.analytics.statistics.coverage import Declared, Spans, covered, is_covered, touches
from services.analytics.statistics.days import DAY, Days, Period, PeriodKind, latest_first, periods, year_before
from services.analytics.statistics.paths import common
from services.analytics.views.sight import Row
from services.chassis.access import covers

EVER = Days(date(1, 1, 1), date(9999, 12, 31))
TOTAL = "total"


class Leaf(NamedTuple):
    """A category as one source has it; None: all that was asked for."""

    category: str | None
    label: str


@dataclass
class SourceCounts:
    """What was counted of one source: by leaf and by the first day of each year, month or day."""

    values: defaultdict[Leaf, defaultdict[date, int]] = field(default_factory=lambda: defaultdict(_zeros))
    before: defaultdict[Leaf, defaultdict[date, int]] = field(default_factory=lambda: defaultdict(_zeros))
    first: date = date.max
    last: date = date.min
    ends: set[str] = field(default_factory=set)


def _zeros() -> defaultdict[date, int]:
    return defaultdict(int)


@dataclass(frozen=True)
class Question:
    """What was asked: figures of a selection by period, within days (None: all)."""

    wanted: Selection
    kind: PeriodKind
    days: Days | None
    as_of: datetime
    position: dict[str, int]


@dataclass(frozen=True, slots=True)
class Sketch:
    """A figure that there is, before anything is reckoned: a page of a hundred thousand needs only its own.

    Attributes:
        asked, counted, source, declared, place: what it belongs to. leaf, parts: its category, and the leaves that it
        sums up. period: its days. days: what is covered of it.
    """

    asked: Question
    counted: SourceCounts
    source: str
    declared: Sequence[Declared]
    place: str
    leaf: Leaf
    parts: Sequence[Leaf]
    period: Period
    days: Spans

    @property
    def id(self) -> str:
        """The figure's id."""
        label = self.leaf.label if self.parts == [self.leaf] else None
        return str(Adhoc.of(self.asked.wanted, self.source, self.leaf.category, label, self.period.name))

    @property
    def value(self) -> int:
        """How many there were."""
        return sum(self.counted.values[part][_bucket(self.asked.kind, self.period.days.first)] for part in self.parts)

    @property
    def covered(self) -> bool:
        """Whether the whole period is."""
        return is_covered(self.period.days, self.days)

    def exists(self) -> bool:
        """Whether there is anything to say: a missing period is not zero."""
        return bool(self.value) or touches(self.period.days, self.days)

    def figure(self) -> Figure:
        """The figure itself."""
        return _figure(self)


async def sketches(engine: AsyncEngine, asked: Question) -> Iterator[Sketch]:
    """The figures that were asked for, the newest period first, by source and category within it; made one by one,
    since a page needs few.
    """
    declared = await counting.coverages(engine, asked.wanted.at, asked.position, asked.as_of)
    days = asked.days or EVER
    by_source: defaultdict[str, SourceCounts] = defaultdict(SourceCounts)
    for row in await counting.counts(engine, asked.wanted, days, asked.kind.value):
        _add(by_source[row["source"]], row, before=False)
    if asked.days is None:
        for source in by_source.values():
            source.before = source.values
    elif (like := _like(asked.kind, asked.days)) is not None:
        for row in await counting.counts(engine, asked.wanted, like, asked.kind.value):
            _add(by_source[row["source"]], row, before=True)
    each = [
        _of_source(asked, source, counted, declared.get(source, [])) for source, counted in sorted(by_source.items())
    ]
    newest_first = heapq.merge(*each, key=lambda sketch: sketch.period.days.first, reverse=True)
    return (sketch for sketch in newest_first if sketch.exists())


def _add(source: SourceCounts, row: Row, *, before: bool) -> None:
    leaf = Leaf(row["category"], row["label"])
    (source.before if before else source.values)[leaf][row["bucket"]] += row["number"]
    source.first, source.last = min(source.first, row["first"]), max(source.last, row["last"])
    source.ends |= {end for end in (row["least"], row["most"]) if end is not None}


def _like(kind: PeriodKind, days: Days) -> Days | None:
    """From the first like span to the last."""
    begin = next(periods(kind, days)).days
    (end,) = periods(kind, Days(max(_bucket(kind, days.last), days.first), days.last))
    # beside a leap day, which has no like, a day more does no harm: days are looked up one by one
    first, last = (year_before(part) or year_before(_before(part)) for part in (begin, end.days))
    return Days(first.first, last.last) if first and last else None


def _before(days: Days) -> Days:
    day = days.first - DAY if days.first > date.min else days.first
    return Days(day, day)


def _of_source(asked: Question, source: str, counted: SourceCounts, declared: Sequence[Declared]) -> Iterator[Sketch]:
    place = asked.wanted.place or _place(asked.wanted.places, counted.ends, declared)
    # what others declare of other places says nothing here
    declared = [said for said in declared if covers(said.place, place)]
    leaves = sorted({*counted.values, *counted.before}, key=lambda leaf: (leaf.category or "", leaf.label))
    total = Leaf(asked.wanted.category if _is_path(asked.wanted.category, leaves) else None, TOTAL)
    whole_declared = any(not said.categories for said in declared)
    wholly = covered(declared, place, [None] if whole_declared else [leaf.category for leaf in leaves])
    shown: list[tuple[Leaf, list[Leaf], Spans]] = [
        (leaf, [leaf], wholly if whole_declared else covered(declared, place, [leaf.category])) for leaf in leaves
    ]
    # one leaf that is all that was asked for is its own total
    if not (asked.wanted.category and len(leaves) == 1):
        shown.append((total, leaves, wholly))
    for period in latest_first(asked.kind, _extent(asked, counted, declared)):
        for leaf, parts, days in shown:
            yield Sketch(asked, counted, source, declared, place, leaf, parts, period, days)


def _figure(sketch: Sketch) -> Figure:
    asked, leaf, period, days = sketch.asked, sketch.leaf, sketch.period, sketch.days
    like = year_before(period.days)
    comparable = like is not None and sketch.covered and is_covered(like, days)
    previous = None
    if like is not None and comparable:
        previous = sum(sketch.counted.before[part][_bucket(asked.kind, like.first)] for part in sketch.parts)
    label = leaf.label or leaf.category or TOTAL
    name = words.name(leaf.category) if leaf.category else words.Words("合计", "total")
    if leaf.label and leaf.label != TOTAL:
        name = words.Words(leaf.label, leaf.label)
    kind = asked.wanted.kinds[0]
    return Figure(
        **dict(compared(sketch.value, previous, counts=True, exposure=len(period.days) / len(like) if like else 1.0)),
        moved_holidays=moved_holidays(period.days, like, sketch.declared) if like and comparable else [],
        sources=[sketch.source],
        id=sketch.id,
        source=sketch.source,
        kind=kind,
        category=leaf.category,
        label=label,
        name=Name(zh=name.zh, en=name.en),
        place=sketch.place or None,
        period=period.name,
        span=Span(first=period.days.first, last=period.days.last),
        previous_span=span(like) if comparable else None,
        basis="year",
        unit="count",
        covered=sketch.covered,
        as_of=asked.as_of,
        position=asked.position,
    )


def _bucket(kind: PeriodKind, day: date) -> date:
    if kind is PeriodKind.YEAR:
        return day.replace(month=1, day=1)
    return day.replace(day=1) if kind is PeriodKind.MONTH else day


def _extent(asked: Question, counted: SourceCounts, declared: Sequence[Declared]) -> Days:
    """The days to show: from the first to the last that is counted or covered, as far as asked for."""
    spans = [said.span for said in declared]
    first = min([counted.first, *(days.first for days in spans)])
    last = max([counted.last, *(days.last for days in spans)])
    whole = Days(_bucket(asked.kind, first), _end(asked.kind, last))
    return whole if asked.days is None else whole & asked.days


def _end(kind: PeriodKind, day: date) -> date:
    if kind is PeriodKind.YEAR:
        return day.replace(month=12, day=31)
    return day.replace(day=monthrange(day.year, day.month)[1]) if kind is PeriodKind.MONTH else day


def _place(scopes: Sequence[str], ends: Iterable[str], declared: Sequence[Declared]) -> str:
    """The nearest place that holds all that was counted and declared within the caller's places."""
    seen = [said.place for said in declared if any(covers(scope, said.place) for scope in scopes)]
    return common([*seen, *ends])


def _is_path(category: str | None, leaves: Sequence[Leaf]) -> bool:
    return category is not None and any(leaf.category and covers(category, leaf.category) for leaf in leaves)
