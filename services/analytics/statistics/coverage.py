"""Which days a source's figures cover. A quiet day and a missing day differ, and only declarations can tell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.analytics.statistics.days import DAY, Days
from services.chassis.access import covers

Spans = tuple[Days, ...]
"""Days as spans in order that neither touch nor overlap."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What one declaration says.

    Attributes:
        place: for where. categories: of which kinds; all where empty. span: from and to which day.
        gaps: days within it that are missing. zone: whose days, by its IANA name.
        continues: the source that told of the place before; None where it continues none.
    """

    place: str
    categories: tuple[str, ...]
    span: Days
    gaps: tuple[Days, ...] = ()
    zone: str = ""
    continues: str | None = None

    def speaks_of(self, place: str, category: str | None) -> bool:
        """Whether it is about all of a place and a category (None: about all categories)."""
        if not covers(self.place, place):
            return False
        return not self.categories or (category is not None and any(covers(c, category) for c in self.categories))


def covered(declarations: Iterable[Declared], place: str, categories: Sequence[str | None]) -> Spans:
    """The days on which every one of the categories is covered at a place.

    Args:
        declarations: in the order in which they were made; a later one overrules an earlier one for its own days.
        place: all of which must be covered. categories: each of which must be; None stands for all there are.
    """
    made = list(declarations)
    result: Spans | None = None
    for category in categories or [None]:
        days: Spans = ()
        for declared in made:
            if declared.speaks_of(place, category):
                days = without(days, (declared.span,))
                days = union(days, without((declared.span,), declared.gaps))
        result = days if result is None else intersection(result, days)
    return result or ()


def is_covered(days: Days, spans: Spans) -> bool:
    """Whether every day of a span is covered."""
    return any(days.within(span) for span in spans)


def touches(days: Days, spans: Spans) -> bool:
    """Whether any day of a span is covered."""
    return any(days & span for span in spans)


def union(one: Iterable[Days], other: Iterable[Days]) -> Spans:
    """All days of both."""
    result: list[Days] = []
    for span in sorted(span for span in (*one, *other) if span):
        if result and span.first <= result[-1].last + DAY:
            result[-1] = Days(result[-1].first, max(result[-1].last, span.last))
        else:
            result.append(span)
    return tuple(result)


def without(spans: Iterable[Days], taken: Iterable[Days]) -> Spans:
    """The days of one that the other lacks."""
    left = [span for span in spans if span]
    for gap in taken:
        if gap:
            left = [part for span in left for part in _cut(span, gap)]
    return union(left, ())


def intersection(one: Spans, other: Spans) -> Spans:
    """The days that both have."""
    return union((mine & theirs for mine in one for theirs in other), ())


def _cut(span: Days, gap: Days) -> list[Days]:
    if not span & gap:
        return [span]
    return [part for part in (Days(span.first, gap.first - DAY), Days(gap.last + DAY, span.last)) if part]
