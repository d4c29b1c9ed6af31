"""When things happen: seasons, weekdays and hours, by what it is."""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from services.runtime.demonstration.plan import days, moment

SEASONS: Final = {
    "crime": (0.95, 0.85, 0.95, 1.0, 1.05, 1.1, 1.1, 1.1, 1.05, 1.0, 0.95, 0.9),
    "dispute": (0.95, 0.85, 0.95, 1.0, 1.05, 1.1, 1.15, 1.15, 1.0, 1.0, 0.9, 0.9),
    "noise": (0.8, 0.8, 0.9, 1.0, 1.1, 1.25, 1.3, 1.25, 1.1, 1.0, 0.8, 0.7),
    "help": (1.05, 1.0, 0.95, 0.95, 1.0, 1.05, 1.1, 1.05, 1.0, 0.95, 0.95, 0.95),
    "public-order": (1.0, 1.1, 0.95, 0.95, 1.05, 1.05, 1.1, 1.05, 1.0, 0.95, 0.9, 0.9),
}
"""How busy each month is."""

EVENING: Final = (3, 2, 2, 1, 1, 1, 1, 2, 3, 3, 3, 4, 4, 3, 4, 4, 4, 5, 7, 8, 9, 9, 8, 5)
DAYTIME: Final = (1, 1, 1, 1, 1, 1, 2, 4, 6, 7, 7, 6, 5, 5, 6, 6, 6, 6, 6, 5, 4, 4, 3, 2)
NIGHT: Final = (7, 5, 4, 3, 2, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4, 5, 6, 8, 9, 9)
HOURS: Final = {"dispute": EVENING, "noise": NIGHT, "help": DAYTIME, "crime": NIGHT, "public-order": EVENING}


def moments(
    chance: random.Random, kind: str, count: int, first: date, last: date, trend: float = 1.0
) -> list[datetime]:
    """So many moments between two days, inclusive, in order.

    Args:
        kind: the top of a category. trend: how busy the last day is beside the first.
    """
    span: Sequence[date] = days(first, last)
    season, hours = SEASONS[kind], HOURS[kind]
    weights = [
        season[day.month - 1]
        * (1.12 if day.weekday() > 3 else 1.0)
        * (1 + (trend - 1) * place / len(span))
        * chance.uniform(0.85, 1.15)
        for place, day in enumerate(span)
    ]
    chosen = chance.choices(span, weights, k=count)
    at_hours = chance.choices(range(24), hours, k=count)
    found = [
        moment(day, hour) + timedelta(seconds=chance.randrange(3600))
        for day, hour in zip(chosen, at_hours, strict=True)
    ]
    return sorted(found)
