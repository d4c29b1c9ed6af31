"""The figures of the case that the simulated city is to come to. Percentages are the article's; counts are invented."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.runtime.demonstration.plan import moment

SEED: Final = 16
BEGIN: Final = moment(date(2023, 1, 1))
END: Final = moment(date(2025, 1, 14), 20, 40, 50)
"""When history ends and the living city begins: a Tuesday evening."""

PLATFORM_BEGINS: Final = date(2024, 4, 1)
"""Tiandu 16 is on the platform from this day on."""


@dataclass(frozen=True)
class Fall:
    """Two counts of one thing.

    Attributes:
        before, after: in the earlier and in the later span.
    """

    before: int
    after: int


BUILDING_DISPUTES: Final = Fall(363, 293)
SECURITY_COST: Final = Fall(1_780_000, 1_070_000)
"""In CNY."""
AREA_CRIME: Final = Fall(70, 60)
AREA_THEFT: Final = Fall(24, 12)
CITY_CRIME: Final = Fall(1_500, 1_140)
CITY_PUBLIC_ORDER: Final = Fall(780, 620)
CITY_HELP: Final = Fall(10_000, 8_920)

HOTELS: Final = 59
HOTEL_ROOMS: Final = 1_165
BAND: Final = range(6, 26)
PAIN_POINTS: Final = 59
MEETINGS: Final = 12
VISIT_DAYS: Final = 68
HOUSEHOLDS: Final = 3_906


@dataclass(frozen=True)
class Teahouse:
    """What became of the residents' items.

    Attributes:
        items: all. confirmed: done, says the resident. unanswered: done long ago, no word. pending: done lately.
    """

    items: int = 148
    confirmed: int = 118
    unanswered: int = 12
    pending: int = 6

    @property
    def resolved(self) -> int:
        """Done, confirmed or not."""
        return self.confirmed + self.unanswered + self.pending


TEAHOUSE: Final = Teahouse()
