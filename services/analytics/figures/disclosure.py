"""What may be told of counted cases to a role that may not read the cases themselves.

Such a role is told whole months or years of a building or more, nothing under five, and of figures that can be cut at
will only multiples of five, so that the difference of two answers is no certain count of a few cases. The figures of
the case are few and fixed: two that differ by one case cannot be chosen, and they are told as they are. Positions of
the past are not asked about: two of them would differ by one event. Not covered: asking again and again, and seeing
when a multiple of five is reached; docs/ethics.md says why.
"""

from calendar import monthrange
from collections.abc import Sequence

from services.analytics.figures.figure import Figure, compared
from services.analytics.statistics.days import Days, PeriodKind
from services.chassis.http.refusals import RequestRefused

LEAST = 5
BUILDING_DEPTH = 5
"""Segments of the path of a building: city, district, station, community, building."""


class FigureTooFine(RequestRefused):
    """It would tell of single cases somebody who may not read them."""

    def __init__(self, parameter: str, what: str) -> None:
        super().__init__(f"Your role reads figures, not the cases that they count: {what}.", parameter)


def require_coarse(places: Sequence[str], period: PeriodKind | None, days: Days | None, *, as_of_earlier: bool) -> None:
    """Lets a question pass whose answers are coarse enough.

    Args:
        places: the one that is asked about, or the caller's. period: how the span is cut; None for the case.
        days: the span; None for all. as_of_earlier: whether an earlier position is asked about.

    Raises:
        FigureTooFine: they are not.
    """
    if as_of_earlier:
        raise FigureTooFine("at", "ask for them as they are now, without `at`")
    if any(place.count("/") >= BUILDING_DEPTH for place in places):
        raise FigureTooFine("place", "ask about a building or a larger place")
    if period is PeriodKind.DAY:
        raise FigureTooFine("period", "ask for period=month or period=year")
    if days is not None and not _whole_months(days):
        raise FigureTooFine("from", "ask from the first day of a month to the last day of one")


def _whole_months(days: Days) -> bool:
    return days.first.day == 1 and days.last.day == monthrange(days.last.year, days.last.month)[1]


def withheld(figure: Figure, *, exact: bool) -> Figure:
    """The figure without what is too small to be told.

    Args:
        figure: a count. exact: whether counts of five and more are told as they are, not as multiples of five.
    """
    value, previous = (_told(count, exact=exact) for count in (figure.value, figure.previous))
    spans = figure.span, figure.previous_span
    days = [(each.last - each.first).days + 1 if each else 1 for each in spans]
    exposure = days[0] / days[1] if figure.previous_span else 1.0
    comparison = compared(value, previous, counts=True, exposure=exposure, change_of=figure.change_of)
    change = comparison.change_percent
    return figure.model_copy(
        update=dict(comparison)
        | {
            "change_percent": None if change is None else round(change, figure.change_digits),
            "series": None,
            "withheld": value != figure.value or previous != figure.previous,
        }
    )


def _told(count: float | None, *, exact: bool) -> float | int | None:
    if count is None or count < LEAST:
        return None
    return count if exact else int(count) // LEAST * LEAST
