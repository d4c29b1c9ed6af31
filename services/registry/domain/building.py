"""A building: what is known of it, and how its events change that."""

from dataclasses import dataclass, replace
from datetime import datetime

from contracts.common import HOME_ZONE, Event
from contracts.registry import BuildingRegistered, FloorsSurveyed


@dataclass(frozen=True, slots=True)
class Building:
    """A building as its events have made it; without an id nobody registered it.

    Attributes:
        id, name, place, zone: as registered. since: in the ledger from then on.
        lowest_floor, highest_floor: storeys by the latest survey, inclusive. surveyed_at: when that was.
        registered: all that was said of it when it entered the ledger.
    """

    id: str = ""
    name: str = ""
    place: str = ""
    zone: str = HOME_ZONE
    since: datetime | None = None
    lowest_floor: int = 0
    highest_floor: int = 0
    surveyed_at: datetime | None = None
    registered: BuildingRegistered | None = None


def evolve(building: Building, event: Event) -> Building:
    """The building after one more event."""
    match event:
        case BuildingRegistered():
            return Building(
                id=event.building,
                name=event.name,
                place=event.place,
                zone=event.zone,
                since=event.effective_at,
                lowest_floor=event.lowest_floor,
                highest_floor=event.highest_floor,
                surveyed_at=event.effective_at,
                registered=event,
            )
        case FloorsSurveyed() if building.surveyed_at is None or event.effective_at >= building.surveyed_at:
            return replace(
                building,
                lowest_floor=event.lowest_floor,
                highest_floor=event.highest_floor,
                surveyed_at=event.effective_at,
            )
        case _:
            return building
