"""The rest of the city, as the city's own platform reports it: one event a case, so that the totals come out."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from contracts.common import Occurred
from contracts.incidents import Channel
from services.incidents.deciders import INCIDENT
from services.incidents.domain.incident_commands import ReportIncident
from services.runtime.demonstration.city import CITY_PLATFORM, CITY_SOURCE, COMMUNITIES, TIANDU
from services.runtime.demonstration.figures import (
    AREA_CRIME,
    AREA_THEFT,
    CITY_CRIME,
    CITY_HELP,
    CITY_PUBLIC_ORDER,
    PLATFORM_BEGINS,
)
from services.runtime.demonstration.households import BUILDINGS, building
from services.runtime.demonstration.lifecycle import Call
from services.runtime.demonstration.plan import Plan, local_day
from services.runtime.demonstration.times import moments

TOTALS: Final = {
    "crime": (CITY_CRIME.before, CITY_CRIME.after, 42),
    "public-order": (CITY_PUBLIC_ORDER.before, CITY_PUBLIC_ORDER.after, 22),
    "help": (CITY_HELP.before, CITY_HELP.after, 320),
}
"""The whole city in 2023, in 2024, and in the first days of 2025; the places on the platform are part of it. The city
platform sends these kinds only; disputes and noise are known where the platform itself is."""

NAMES: Final = {
    "crime": ("theft", "theft", "theft/from-vehicle", "theft/of-bicycle", "fraud", "fraud", "mischief", "assault"),
    "public-order": ("fight", "gathering", "leaflets", "gambling", "disturbance"),
    "help": ("lost-item", "locked-out", "ill-person", "lost-person", "animal", "advice", "lift-stuck"),
}
EARLY_CRIME, EARLY_THEFT = 45, 15
"""Crimes at Tiandu 16 in the first half of 2023, before the earlier span begins; thefts among them."""

SPANS: Final = ((2023, date(2023, 12, 31)), (2024, date(2024, 12, 31)), (2025, date(2025, 1, 13)))


class Feed:
    """Cases that the city's platform sends, each once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._chance = plan.chance("city platform")
        self._numbers: Counter[date] = Counter()
        self._own: Counter[tuple[int, str]] = Counter()

    def come(self, calls: Iterable[Call]) -> None:
        """Tiandu 16 before its platform began, then what the totals still lack."""
        for call in calls:
            self._own[local_day(call.at).year, call.kind] += 1
        self._tiandu()
        for kind, totals in TOTALS.items():
            for (year, last), total in zip(SPANS, totals, strict=True):
                missing = total - self._own[year, kind]
                for at in moments(self._chance, kind, missing, date(year, 1, 1), last, 0.95):
                    self._case(at, f"{kind}/{self._chance.choice(NAMES[kind])}", self._chance.choice(COMMUNITIES))

    def _tiandu(self) -> None:
        chance = self._chance
        eve = PLATFORM_BEGINS - timedelta(days=1)
        spans = (
            (date(2023, 1, 1), date(2023, 6, 30), EARLY_CRIME, EARLY_THEFT),
            (date(2023, 7, 1), eve, AREA_CRIME.before, AREA_THEFT.before),
        )
        for first, last, crimes, thefts in spans:
            for count, names in ((thefts, ("theft",)), (crimes - thefts, ("fraud", "mischief", "assault"))):
                for at in moments(chance, "crime", count, first, last):
                    self._own[local_day(at).year, "crime"] += 1
                    self._case(
                        at, f"crime/{chance.choice(names)}", f"{TIANDU}/{building(chance.randint(1, BUILDINGS))}"
                    )
        for at in moments(chance, "help", 300, date(2023, 1, 1), eve):
            self._own[local_day(at).year, "help"] += 1
            self._case(at, f"help/{chance.choice(NAMES['help'])}", TIANDU)

    def _case(self, at: datetime, category: str, place: str) -> None:
        day = local_day(at)
        self._numbers[day] += 1
        ident = f"yc110-{day:%Y%m%d}-{self._numbers[day]:03d}"
        told = at + timedelta(minutes=self._chance.uniform(3, 55))
        command = ReportIncident(
            incident=ident,
            category=category,
            place=place,
            occurred=Occurred(earliest=at, latest=at),
            channel=Channel.IMPORT,
            source=CITY_SOURCE,
            source_id=ident,
        )
        self._plan.add(told, "incidents", INCIDENT, ident, command, CITY_PLATFORM)
