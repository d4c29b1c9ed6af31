"""Tiandu 16: 3,906 households enter the ledger building by building before the platform begins there."""

from datetime import date, datetime, timedelta
from typing import Final

from contracts.common import Actor, Role
from contracts.registry import UseClass
from services.registry.deciders import UNIT
from services.registry.domain.tenancy_commands import VerifyOccupant
from services.runtime.demonstration.buildings import Block, classify, register_block, register_unit
from services.runtime.demonstration.city import TIANDU, TIANDU_OFFICERS, TIANDU_PROPERTY
from services.runtime.demonstration.people import becomes_subject, moves_in, people
from services.runtime.demonstration.plan import Plan, actor, by_day, days, moment

BUILDINGS: Final = 31
FLOORS: Final = 21
DOORS_A_FLOOR: Final = 6
"""31 buildings of 21 floors with 6 doors each: 3,906."""

OFFICERS: Final = [actor(Role.OFFICER, ident) for ident in TIANDU_OFFICERS]
METHODS: Final = ("document-seen", "in-person", "register-query")


def building(number: int) -> str:
    """The id of a building, from 1."""
    return f"tiandu-16-{number:02d}"


def households(plan: Plan) -> None:
    """Each weekday of two months one building, its households verified within days."""
    chance = plan.chance("households")
    persons = people(plan.chance("people of tiandu"), "resident-t")
    working = [day for day in days(date(2024, 2, 19), date(2024, 4, 20)) if day.weekday() < 5][:BUILDINGS]
    for number, day in enumerate(working, start=1):
        since = moment(day, 8, 30)
        entrance = (106.2855 + (number % 8) * 0.0008, 38.4701 + (number // 8) * 0.0009)
        name, ident = f"天都十六区 {number} 号楼", building(number)
        block = Block(ident, name, f"{TIANDU}/{ident}", FLOORS, entrance, since)
        register_block(plan, since, block)
        standing = block.standing
        for door in range(FLOORS * DOORS_A_FLOOR):
            floor, place = door // DOORS_A_FLOOR + 1, door % DOORS_A_FLOOR + 1
            at = since + timedelta(minutes=5, seconds=240 * door)
            unit = register_unit(plan, at, standing, ident, f"{floor:02d}{place:02d}", floor)
            rented = chance.random() < 0.16
            classify(plan, at, unit, UseClass.RENTAL if rented else UseClass.OWNER_OCCUPIED, since)
            person = next(persons)
            becomes_subject(plan, at, person.subject, f"{block.place}/{floor:02d}{place:02d}", TIANDU_PROPERTY)
            tenancy = f"tenancy-{unit}"
            command = moves_in(tenancy, "long-let" if rented else "owner", (person,), at)
            plan.add(at, "registry", UNIT, unit, command, TIANDU_PROPERTY)
            when = by_day(at + timedelta(hours=chance.uniform(1, 40 if rented else 120)), at)
            verified(plan, when, unit, tenancy, person.subject, chance.choice(METHODS), chance.choice(OFFICERS))


def verified(plan: Plan, at: datetime, unit: str, tenancy: str, subject: str, method: str, who: Actor) -> None:
    """An officer made sure who they are."""
    command = VerifyOccupant(tenancy=tenancy, subject=subject, method=method, effective_at=at)
    plan.add(at, "registry", UNIT, unit, command, who)
