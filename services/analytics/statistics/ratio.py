"""Two counts compared: the change, the exact interval of their ratio, and whether it may be chance."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a ratio of rates lies.

    Attributes:
        low, high: bounds of value / previous; ``high`` is infinite where the previous count is 0.
    """

    low: float
    high: float


@functools.cache
def _inverse_beta() -> Callable[[float, float, float], Any]:
    # imported when first asked for: it takes a second, which no command line should wait
    from scipy.special import betaincinv

    inverse: Callable[[float, float, float], Any] = betaincinv
    return inverse


def warm_up() -> None:
    """Loads what the intervals need, so that the first reader does not wait for it."""
    _inverse_beta()


def change_percent(value: float, previous: float, exposure: float = 1.0) -> float | None:
    """The change of the rate in percent to two digits; None where there was nothing to change from.

    Args:
        value, previous: totals. exposure: days behind ``value`` over those behind ``previous``.
    """
    if previous == 0:
        return None
    return round(100.0 * (value / exposure - previous) / previous, 2)


def ratio_interval(
    value: int, previous: int, *, exposure: float = 1.0, confidence: float = CONFIDENCE
) -> Interval | None:
    """The exact interval of the ratio of two Poisson rates; None where both counts are 0.

    Given their sum, ``value`` is binomial with chance ``p = r e / (r e + 1)``, where ``r`` is the ratio and ``e`` the
    exposure; Clopper and Pearson's bounds of ``p`` give those of ``r`` (Przyborowski and Wilenski 1940).

    Args:
        value, previous: counts. exposure: time or people behind ``value`` over those behind ``previous``.
        confidence: chance that such an interval holds the true ratio, at least.
    """
    if value < 0 or previous < 0:
        raise ValueError("A count is not negative.")
    if value == previous == 0:
        return None
    tail = (1.0 - confidence) / 2.0
    inverse = _inverse_beta()
    low = 0.0 if value == 0 else _odds(float(inverse(value, previous + 1, tail)))
    high = math.inf if previous == 0 else _odds(float(inverse(value + 1, previous, 1.0 - tail)))
    return Interval(low / exposure, high / exposure)


def _odds(chance: float) -> float:
    return math.inf if chance >= 1.0 else chance / (1.0 - chance)


def may_be_chance(interval: Interval) -> bool:
    """Whether no change at all lies within the interval."""
    return interval.low <= 1.0 <= interval.high
