"""The estate enters the ledger, and the consolidation moves its hotels to floors 6 to 25, one floor one shop."""

from datetime import date, datetime, timedelta
from typing import Final

from contracts.registry import UseClass
from services.runtime.demonstration.buildings import Block, classify, operated, register_block, register_unit
from services.runtime.demonstration.city import TOWERS, WANDA
from services.runtime.demonstration.estate import Door, Estate
from services.runtime.demonstration.figures import BEGIN
from services.runtime.demonstration.plan import Plan, moment

NAMES: Final = {"wanda-a": "万达公寓 A 座", "wanda-b": "万达公寓 B 座", "wanda-c": "万达公寓 C 座"}
ENTRANCES: Final = {"wanda-a": (106.2309, 38.4872), "wanda-b": (106.2316, 38.4868), "wanda-c": (106.2323, 38.4873)}
OPENED: Final = moment(date(2023, 1, 1), 8)
"""When the registrar begins."""

SECONDS_A_DOOR: Final = 15


def entered_at(number: int) -> datetime:
    """When the door of this number, in order, enters the ledger."""
    return OPENED + timedelta(seconds=10 + SECONDS_A_DOOR * number)


def enters_the_ledger(plan: Plan, estate: Estate) -> None:
    """Towers and doors enter the ledger on New Year's Day 2023, as they were found."""
    blocks = {ident: Block(ident, NAMES[ident], f"{WANDA}/{ident}", 30, ENTRANCES[ident], BEGIN) for ident in TOWERS}
    for block in blocks.values():
        register_block(plan, OPENED, block)
    standing = {ident: block.standing for ident, block in blocks.items()}
    classes = {home.first: home.use_class for home in estate.homes}
    for number, door in enumerate(estate.doors):
        at = entered_at(number)
        register_unit(plan, at, standing[door.tower], door.tower, door.number, door.floor)
        hotel = estate.operators.get(door)
        use_class = UseClass.HOTEL if hotel else classes.get(door, UseClass.RENTAL)
        classify(plan, at + timedelta(seconds=3), door.unit, use_class, BEGIN)
        if hotel:
            operated(plan, at + timedelta(seconds=6), door.unit, hotel, BEGIN)


def consolidates(plan: Plan, estate: Estate) -> None:
    """Each hotel takes its floor on its day; who lived there changes to a room that a hotel leaves on that day."""
    takes = {home.then: home for home in estate.homes if home.then}
    homes = {home.first: home for home in estate.homes}
    for door in estate.doors:
        floor = estate.shops.get((door.tower, door.floor))
        before, after = estate.operators.get(door), estate.rooms.get(door)
        if floor:
            _converted(plan, door, floor[1], before, after, was_home=door in homes)
        elif door in takes:
            home = takes[door]
            day = home.moves_on or date(2024, 4, 30)
            operated(plan, moment(day, 8, door.place), door.unit, None)
            classify(plan, moment(day, 9, door.place), door.unit, home.use_class)
        elif before:
            # a room that nobody changes to
            operated(plan, moment(date(2024, 4, 25), 8, door.place), door.unit, None)
            classify(plan, moment(date(2024, 4, 25), 9, door.place), door.unit, UseClass.RENTAL)


def _converted(plan: Plan, door: Door, day: date, before: str | None, after: str | None, *, was_home: bool) -> None:
    """A door of a shop's floor: to the hotel whose floor it becomes, or to nobody."""
    if after and before != after:
        if not before:
            classify(plan, moment(day, 14, door.place), door.unit, UseClass.HOTEL)
        operated(plan, moment(day, 15, door.place), door.unit, after)
    elif before and not after:
        operated(plan, moment(day, 13, door.place), door.unit, None)
        classify(plan, moment(day, 14, door.place), door.unit, UseClass.RENTAL)
    elif was_home and not after:
        classify(plan, moment(day, 14, door.place), door.unit, UseClass.HOTEL)
