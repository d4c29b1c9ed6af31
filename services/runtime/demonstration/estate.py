"""Wanda Apartments as a drawing: which door is what before the consolidation, and what after it."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from contracts.registry import UseClass
from services.runtime.demonstration.city import TOWERS, WANDA, hotel
from services.runtime.demonstration.figures import BAND, HOTEL_ROOMS, HOTELS

FLOORS: Final = range(1, 31)
DOORS_A_FLOOR: Final = 21
SPARE: Final = ("wanda-c", 6)
"""The one floor of the band without a shop: 59 hotels, 60 floors."""

OUTER_HOTEL_ROOMS: Final = 390
"""Hotel rooms outside the band before the consolidation."""

OUTER_VACANT: Final = 10
BAND_VACANT: Final = 105
CLASSES: Final = {UseClass.STUDIO: 200, UseClass.RENTAL: 175, UseClass.OWNER_OCCUPIED: 235}
FIRST_MOVE: Final = date(2024, 1, 8)


@dataclass(frozen=True, slots=True, order=True)
class Door:
    """A unit by its place in the tower."""

    tower: str
    floor: int
    place: int

    @property
    def number(self) -> str:
        """As on the door."""
        return f"{self.floor:02d}{self.place:02d}"

    @property
    def unit(self) -> str:
        """The unit's id."""
        return f"{self.tower}-{self.number}"

    @property
    def path(self) -> str:
        """The unit's place."""
        return f"{WANDA}/{self.tower}/{self.number}"


TOLD_OF: Final = {
    Door("wanda-b", 27, 8): UseClass.RENTAL,
    Door("wanda-b", 4, 17): UseClass.RENTAL,
    Door("wanda-a", 29, 3): UseClass.RENTAL,
    Door("wanda-a", 29, 11): UseClass.STUDIO,
    Door("wanda-a", 28, 6): UseClass.OWNER_OCCUPIED,
    Door("wanda-a", 27, 14): UseClass.RENTAL,
    Door("wanda-c", 3, 6): UseClass.STUDIO,
}
"""Doors that the last evening tells of; they are homes from beginning to end."""

NOISY: Final = Door("wanda-a", 18, 12)
DEPOSIT: Final = Door("wanda-b", 9, 3)


@dataclass(frozen=True, slots=True)
class Home:
    """A household's place: the door that it has first, and the one that it changes to, if it has to."""

    use_class: UseClass
    first: Door
    then: Door | None = None
    moves_on: date | None = None


@dataclass
class Estate:
    """Every door, before and after.

    Attributes:
        doors: all. operators: hotel of each hotel room at first. rooms: hotel of each room after the consolidation.
        shops: the floor that each hotel moves to, with the day. homes: households. vacant: doors without either.
    """

    doors: list[Door] = field(default_factory=list)
    operators: dict[Door, str] = field(default_factory=dict)
    rooms: dict[Door, str] = field(default_factory=dict)
    shops: dict[tuple[str, int], tuple[str, date]] = field(default_factory=dict)
    homes: list[Home] = field(default_factory=list)
    vacant: list[Door] = field(default_factory=list)


def drawn(chance: random.Random) -> Estate:
    """The estate of a seed: 1,890 doors, 59 hotels of 1,165 rooms, scattered first and then floor by floor."""
    estate = Estate([Door(tower, floor, place) for tower in TOWERS for floor in FLOORS for place in _places()])
    sizes = _sizes(chance)
    _shops(estate, chance, sizes)
    band = [door for door in estate.doors if door.floor in BAND]
    outer = [door for door in estate.doors if door.floor not in BAND]
    free = [door for door in outer if door not in TOLD_OF]
    hotel_doors = chance.sample(free, OUTER_HOTEL_ROOMS)
    left = set(hotel_doors)
    hotel_doors += chance.sample(band, HOTEL_ROOMS - OUTER_HOTEL_ROOMS)
    _scattered(estate, chance, sizes, sorted(hotel_doors))
    _settled(estate, chance, left, band, outer)
    return estate


def _places() -> range:
    return range(1, DOORS_A_FLOOR + 1)


def _sizes(chance: random.Random) -> list[int]:
    """Rooms of each hotel: 17 to 21, for a floor has no more doors."""
    base, more = divmod(HOTEL_ROOMS, HOTELS)
    sizes = [base + (number < more) for number in range(HOTELS)]
    chance.shuffle(sizes)
    for _ in range(40):
        one, other = chance.sample(range(HOTELS), 2)
        if sizes[one] < DOORS_A_FLOOR and sizes[other] > 17:
            sizes[one] += 1
            sizes[other] -= 1
    return sizes


def _shops(estate: Estate, chance: random.Random, sizes: list[int]) -> None:
    """One floor, one shop: a hotel a floor, a floor on most days of a quarter."""
    floors = [(tower, floor) for tower in TOWERS for floor in BAND if (tower, floor) != SPARE]
    chance.shuffle(floors)
    working = [FIRST_MOVE + timedelta(days=number) for number in range(100)]
    # nobody moves at the turn of the lunar year
    working = [day for day in working if day.weekday() < 6 and not date(2024, 2, 5) <= day <= date(2024, 2, 20)]
    for number, (tower, floor) in enumerate(floors):
        name = hotel(number + 1)
        estate.shops[tower, floor] = (name, working[number])
        wanted = [door.place for door in (NOISY, DEPOSIT) if (door.tower, door.floor) == (tower, floor)]
        others = [place for place in _places() if place not in wanted]
        for place in wanted + chance.sample(others, sizes[number] - len(wanted)):
            estate.rooms[Door(tower, floor, place)] = name


def _scattered(estate: Estate, chance: random.Random, sizes: list[int], doors: list[Door]) -> None:
    """Before: two to five rooms together, then another hotel's."""
    runs: list[tuple[str, int]] = []
    for number, size in enumerate(sizes):
        left = size
        while left:
            run = min(left, chance.randint(2, 5))
            runs.append((hotel(number + 1), run))
            left -= run
    chance.shuffle(runs)
    names = [name for name, run in runs for _ in range(run)]
    estate.operators = dict(zip(doors, names, strict=True))


def _settled(estate: Estate, chance: random.Random, left: set[Door], band: list[Door], outer: list[Door]) -> None:
    """Households: those of the band change places with hotel rooms outside it."""
    stay = [door for door in outer if door not in left and door not in TOLD_OF]
    vacant_outside = set(chance.sample(stay, OUTER_VACANT))
    stay = [door for door in stay if door not in vacant_outside]
    flats = [door for door in band if door not in estate.operators]
    vacant_inside = set(chance.sample(flats, BAND_VACANT))
    flats = [door for door in flats if door not in vacant_inside]
    estate.vacant = sorted(vacant_outside | vacant_inside)
    told = list(TOLD_OF.items())
    counts = dict(CLASSES)
    for _, use_class in told:
        counts[use_class] -= 1
    classes = [use_class for use_class, count in counts.items() for _ in range(count)]
    chance.shuffle(classes)
    targets = sorted(left)
    chance.shuffle(targets)
    estate.homes = [Home(use_class, door) for door, use_class in told]
    estate.homes += [Home(classes.pop(), door) for door in stay]
    for door in flats:
        day = estate.shops.get((door.tower, door.floor), ("", FIRST_MOVE + timedelta(days=90)))[1]
        estate.homes.append(Home(classes.pop(), door, targets.pop(), day))
