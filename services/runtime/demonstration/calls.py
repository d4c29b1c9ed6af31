"""Calls from the places that are on the platform: Wanda Apartments, Tianehu, and Tiandu 16 since April 2024."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from services.runtime.demonstration.city import (
    TIANDU,
    TIANDU_OFFICERS,
    TIANEHU,
    TIANEHU_OFFICERS,
    WANDA,
    WANDA_OFFICERS,
)
from services.runtime.demonstration.estate import DEPOSIT, NOISY, Door, Estate
from services.runtime.demonstration.figures import AREA_CRIME, AREA_THEFT, BUILDING_DISPUTES, PLATFORM_BEGINS
from services.runtime.demonstration.households import BUILDINGS, building
from services.runtime.demonstration.lifecycle import Call, lived
from services.runtime.demonstration.plan import Plan, local_day, moment
from services.runtime.demonstration.times import moments

YEARS: Final = (date(2023, 1, 1), date(2024, 1, 1), date(2025, 1, 1))
LAST_DAY: Final = date(2025, 1, 13)
REST: Final = timedelta(days=45)
"""A unit that was complained about is left in peace for so long, unless the scenario says otherwise."""

THIRD_DISPUTE: Final = Door("wanda-c", 3, 6)
TOLD: Final = (THIRD_DISPUTE, NOISY, DEPOSIT)
"""Doors that the scenario complains about itself."""

CLUSTERS: Final[tuple[tuple[date, Callable[[Estate], dict[Door, str]]], ...]] = (
    (date(2023, 4, 14), lambda estate: estate.operators),
    (date(2023, 7, 8), lambda estate: estate.operators),
    (date(2023, 10, 2), lambda estate: estate.operators),
    (date(2024, 6, 15), lambda estate: estate.rooms),
    (date(2024, 9, 6), lambda estate: estate.rooms),
)
"""When neighbours complained three times within a month, and among which rooms the one is."""

DISPUTES: Final = ("deposit", "hotel-guests", "neighbours", "check-out", "property-fee", "lease")
KINDS: Final = {
    "noise": ("hotel-guests", "party", "neighbours", "construction"),
    "help": ("locked-out", "ill-person", "lost-item", "lost-person", "lift-stuck"),
    "public-order": ("leaflets", "gathering", "fight", "unlicensed-stay"),
    "crime": ("theft", "fraud", "mischief", "assault"),
}
WANDA_COUNTS: Final = {
    "noise": (168, 112, 4),
    "help": (140, 118, 5),
    "public-order": (44, 29, 1),
    "crime": (15, 9, 0),
}
"""Calls from Wanda in 2023, in 2024, and in the first days of 2025."""

TIANEHU_COUNTS: Final = {"help": (96, 90, 4), "dispute": (42, 35, 2), "noise": (38, 33, 1), "crime": (7, 5, 0)}
TIANDU_COUNTS: Final = {"help": 265, "dispute": 96, "public-order": 24}
"""Calls from Tiandu 16 from April to December 2024."""

OTHER_CRIME: Final = ("fraud", "mischief", "assault")


@dataclass
class Peace:
    """Lets no unit be complained about too often by accident."""

    last: dict[str, datetime]

    def picked(self, chance: random.Random, doors: Sequence[Door], at: datetime) -> Door:
        """A door that was left in peace long enough."""
        while True:
            door = chance.choice(doors)
            before = self.last.get(door.unit)
            if before is None or abs(at - before) > REST:
                self.last[door.unit] = at
                return door


class Calls:
    """Every call of the places on the platform.

    Attributes:
        made: all of them, for the city's totals and for mediation. ended: when each was over.
    """

    def __init__(self, plan: Plan, estate: Estate) -> None:
        self._plan = plan
        self._estate = estate
        self.made: list[Call] = []
        self.ended: dict[str, datetime] = {}
        self._number = 0
        self._busy: list[Door] = []

    def come(self) -> None:
        """All calls."""
        self._clusters()
        self._disputes()
        self._wanda()
        self._tianehu()
        self._tiandu()
        self._third_dispute()
        self._last_evening()

    def _call(
        self,
        chance: random.Random,
        officers: Sequence[str],
        at: datetime,
        category: str,
        place: str,
        *,
        source_unit: str | None = None,
        minutes: float | None = None,
        until: str = "resolved",
        outcome: str = "settled",
        pace: float = 1.0,
    ) -> None:
        """One call with all that follows."""
        self._number += 1
        call = Call(
            incident=f"case-{local_day(at):%Y%m%d}-{self._number:04d}",
            at=at,
            category=category,
            place=place,
            source_unit=source_unit,
            minutes=chance.uniform(1, 9) if minutes is None else minutes,
            until=until,
            outcome=outcome,
            pace=pace,
        )
        self.made.append(call)
        self.ended[call.incident] = lived(self._plan, chance, call, officers)

    def _clusters(self) -> None:
        """A few rooms that the neighbours complained about three times within a month."""
        chance = self._plan.chance("clusters")
        for day, rooms in CLUSTERS:
            door = chance.choice(sorted(rooms(self._estate).keys() - set(TOLD)))
            self._busy.append(door)
            for place in range(3):
                at = moment(day + timedelta(days=9 * place), 22, 7 * place + 3)
                self._call(chance, WANDA_OFFICERS, at, "noise/party", door.path, source_unit=door.unit)

    def _quiet(self) -> list[Door]:
        """Doors that nobody complained about three times."""
        return [door for door in self._estate.doors if door not in TOLD and door not in self._busy]

    def _disputes(self) -> None:
        """Fewer in the year after the consolidation."""
        chance = self._plan.chance("disputes of wanda")
        peace, doors = Peace({}), self._quiet()
        counts = (BUILDING_DISPUTES.before, BUILDING_DISPUTES.after - 1, 8)
        for year, count in zip(YEARS, counts, strict=True):
            for at in moments(chance, "dispute", count, year, _end(year), 0.9):
                door = peace.picked(chance, doors, at)
                known = chance.random() < 0.7
                category = f"dispute/{chance.choice(DISPUTES)}"
                outcome = "handed-to-mediation" if chance.random() < 0.35 else "settled"
                place = door.path if known else f"{WANDA}/{door.tower}"
                source = door.unit if known else None
                self._call(chance, WANDA_OFFICERS, at, category, place, source_unit=source, outcome=outcome)

    def _wanda(self) -> None:
        chance = self._plan.chance("calls of wanda")
        peace, doors = Peace({}), self._quiet()
        for kind, counts in WANDA_COUNTS.items():
            for year, count in zip(YEARS, counts, strict=True):
                for at in moments(chance, kind, count, year, _end(year)):
                    door = peace.picked(chance, doors, at)
                    source = door.unit if kind == "noise" else None
                    place = door.path if source else f"{WANDA}/{door.tower}"
                    self._call(
                        chance, WANDA_OFFICERS, at, f"{kind}/{chance.choice(KINDS[kind])}", place, source_unit=source
                    )

    def _tianehu(self) -> None:
        chance = self._plan.chance("calls of tianehu")
        for kind, counts in TIANEHU_COUNTS.items():
            names = KINDS.get(kind, ("neighbours", "property-fee", "parking"))
            for year, count in zip(YEARS, counts, strict=True):
                for at in moments(chance, kind, count, year, _end(year)):
                    self._call(chance, TIANEHU_OFFICERS, at, f"{kind}/{chance.choice(names)}", TIANEHU)

    def _tiandu(self) -> None:
        chance = self._plan.chance("calls of tiandu")
        last = date(2024, 12, 31)
        thefts = moments(chance, "crime", AREA_THEFT.after, PLATFORM_BEGINS, last)
        others = moments(chance, "crime", AREA_CRIME.after - AREA_THEFT.after, PLATFORM_BEGINS, last)
        crimes = [(at, "crime/theft") for at in thefts]
        crimes += [(at, f"crime/{chance.choice(OTHER_CRIME)}") for at in others]
        for at, category in crimes:
            self._call(chance, TIANDU_OFFICERS, at, category, _somewhere(chance), outcome="handed-to-investigation")
        for kind, count in TIANDU_COUNTS.items():
            names = KINDS.get(kind, ("neighbours", "parking", "property-fee"))
            for first, until, number in ((PLATFORM_BEGINS, last, count), (YEARS[2], LAST_DAY, count // 25)):
                for at in moments(chance, kind, number, first, until):
                    self._call(chance, TIANDU_OFFICERS, at, f"{kind}/{chance.choice(names)}", _somewhere(chance))

    def _third_dispute(self) -> None:
        """Three disputes around one studio within a fortnight; the first of them lies in the closed year."""
        chance = self._plan.chance("third dispute")
        for day, hour in ((date(2024, 12, 28), 19), (date(2025, 1, 6), 21), (date(2025, 1, 11), 18)):
            at, door = moment(day, hour, 20), THIRD_DISPUTE
            self._call(chance, WANDA_OFFICERS[1:2], at, "dispute/neighbours", door.path, source_unit=door.unit)

    def _last_evening(self) -> None:
        """Four cases are open at 20:40 on 14 January 2025; one of them is the third call about A-1812."""
        chance, day = self._plan.chance("last evening"), date(2025, 1, 14)
        for at in (moment(date(2024, 12, 22), 22, 10), moment(date(2025, 1, 4), 23, 5)):
            self._noise(chance, at)
        self._noise(chance, moment(day, 20, 38, 36), until="reported")
        lift, deposit = f"{WANDA}/wanda-c", DEPOSIT.unit
        late, early = WANDA_OFFICERS[:1], WANDA_OFFICERS[1:2]
        lost, begun = moment(day, 20, 34, 50), moment(day, 20, 6, 50)
        self._call(
            chance, late, moment(day, 20, 29, 50), "public-order/leaflets", lift, minutes=0, until="arrived", pace=0.4
        )
        self._call(
            chance, TIANEHU_OFFICERS[:1], lost, "help/lost-person", TIANEHU, minutes=0, until="en-route", pace=0.4
        )
        self._call(
            chance,
            early,
            begun,
            "dispute/deposit",
            DEPOSIT.path,
            source_unit=deposit,
            minutes=0,
            until="arrived",
            pace=0.4,
        )

    def _noise(self, chance: random.Random, at: datetime, until: str = "resolved") -> None:
        self._call(
            chance,
            WANDA_OFFICERS,
            at,
            "noise/hotel-guests",
            NOISY.path,
            source_unit=NOISY.unit,
            minutes=0,
            until=until,
        )


def _end(year: date) -> date:
    return LAST_DAY if year.year == 2025 else date(year.year, 12, 31)


def _somewhere(chance: random.Random) -> str:
    return f"{TIANDU}/{building(chance.randint(1, BUILDINGS))}"
