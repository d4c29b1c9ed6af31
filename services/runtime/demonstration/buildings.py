"""Buildings and units enter the ledger."""

from dataclasses import dataclass
from datetime import datetime

from contracts.common import Frozen, Point
from contracts.registry import UseClass
from services.registry.deciders import BUILDING, UNIT
from services.registry.domain.building_commands import RegisterBuilding
from services.registry.domain.unit_commands import AssignOperator, ClassifyUnit, RegisterUnit, StandingBuilding
from services.runtime.demonstration.city import REGISTRAR
from services.runtime.demonstration.plan import Plan


@dataclass(frozen=True)
class Block:
    """A building.

    Attributes:
        id, name, place: as registered. floors: from 1 to this. entrance: longitude and latitude. since: in the
        ledger from then on.
    """

    id: str
    name: str
    place: str
    floors: int
    entrance: tuple[float, float]
    since: datetime

    @property
    def standing(self) -> StandingBuilding:
        """What its units need to know of it."""
        return StandingBuilding(place=self.place, since=self.since, lowest_floor=1, highest_floor=self.floors)


def register_block(plan: Plan, at: datetime, block: Block) -> None:
    """A building enters the ledger."""
    longitude, latitude = block.entrance
    command = RegisterBuilding(
        building=block.id,
        name=block.name,
        place=block.place,
        lowest_floor=1,
        highest_floor=block.floors,
        location=Point(longitude=longitude, latitude=latitude),
        effective_at=block.since,
    )
    plan.add(at, "registry", BUILDING, block.id, command, REGISTRAR)


def register_unit(plan: Plan, at: datetime, standing: StandingBuilding, building: str, number: str, floor: int) -> str:
    """A unit enters the ledger with its building; its id."""
    unit = f"{building}-{number.lower()}"
    command = RegisterUnit(
        unit=unit,
        building=building,
        number=number,
        floor=floor,
        standing=standing,
        effective_at=standing.since,
    )
    asked(plan, at, unit, command)
    return unit


def classify(plan: Plan, at: datetime, unit: str, use_class: UseClass, since: datetime | None = None) -> None:
    """A unit is registered for a use, from now on where nothing else is said."""
    asked(plan, at, unit, ClassifyUnit(use_class=use_class, effective_at=since or at))


def operated(plan: Plan, at: datetime, unit: str, operator: str | None, since: datetime | None = None) -> None:
    """A hotel takes a unit, or leaves it."""
    asked(plan, at, unit, AssignOperator(operator=operator, effective_at=since or at))


def asked(plan: Plan, at: datetime, unit: str, command: Frozen) -> None:
    """The registrar asks something of a unit."""
    plan.add(at, "registry", UNIT, unit, command, REGISTRAR)
