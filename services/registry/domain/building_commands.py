"""What can be asked of a building, and what follows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.common import HOME_ZONE, Event, Frozen, Identifier, Instant, Label, NamedPlace, Point, ZoneName
from contracts.registry import BuildingRegistered, Floor, FloorsSurveyed
from contracts.zones import is_zone
from services.registry.domain.building import Building
from services.registry.domain.happened import happened
from services.registry.domain.refusals import (
    BuildingExists,
    BuildingPlaceTooDeep,
    BuildingPlaceUnlikeItsId,
    BuildingUnknown,
    FloorsUpsideDown,
    SurveyBeforeBuilding,
    UnitsBeyondFloors,
    ZoneUnknown,
)

DEEPEST = 9
"""Segments after which a unit's place would be too long."""


class RegisterBuilding(Frozen):
    """Enter a building in the ledger.

    Attributes:
        building: its id. name: as its residents call it. place: its path, ending in the building.
        lowest_floor, highest_floor: storeys, inclusive; basements are negative.
    """

    building: Identifier
    name: Label
    place: NamedPlace
    lowest_floor: Floor
    highest_floor: Floor
    location: Point | None = None
    zone: ZoneName = HOME_ZONE
    effective_at: Instant


class SurveyFloors(Frozen):
    """Count a building's storeys anew.

    Attributes:
        building: its id. lowest_floor, highest_floor: storeys found, inclusive.
        units_between: lowest and highest floor that registered units lie on, where there are any; the shell knows.
    """

    building: Identifier
    lowest_floor: Floor
    highest_floor: Floor
    units_between: tuple[Floor, Floor] | None = None
    effective_at: Instant


def register_building(building: Building, command: RegisterBuilding, now: datetime) -> list[Event]:
    """A building enters the ledger. Repeating it changes nothing."""
    if building.since is not None:
        if building.registered == BuildingRegistered(**dict(command)):
            return []
        raise BuildingExists(command.building)
    happened(command.effective_at, now)
    if command.place.rpartition("/")[2] != command.building:
        raise BuildingPlaceUnlikeItsId(command.building, command.place)
    if command.place.count("/") >= DEEPEST:
        raise BuildingPlaceTooDeep(command.place)
    if command.lowest_floor > command.highest_floor:
        raise FloorsUpsideDown(command.lowest_floor, command.highest_floor)
    if not is_zone(command.zone):
        raise ZoneUnknown(command.zone)
    return [BuildingRegistered(**dict(command))]


def survey_floors(building: Building, command: SurveyFloors, now: datetime) -> list[Event]:
    """The storeys were counted. Finding what is on record changes nothing."""
    if building.since is None:
        raise BuildingUnknown(command.building)
    happened(command.effective_at, now)
    if command.effective_at < building.since:
        raise SurveyBeforeBuilding(building.id, building.since)
    if command.lowest_floor > command.highest_floor:
        raise FloorsUpsideDown(command.lowest_floor, command.highest_floor)
    if command.units_between and not _covers(command, *command.units_between):
        raise UnitsBeyondFloors(*command.units_between)
    if (command.lowest_floor, command.highest_floor) == (building.lowest_floor, building.highest_floor):
        return []
    return [
        FloorsSurveyed(
            building=building.id,
            lowest_floor=command.lowest_floor,
            highest_floor=command.highest_floor,
            effective_at=command.effective_at,
        )
    ]


def _covers(survey: SurveyFloors, lowest: int, highest: int) -> bool:
    return survey.lowest_floor <= lowest and highest <= survey.highest_floor


DECISIONS: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {
    RegisterBuilding: register_building,
    SurveyFloors: survey_floors,
}
