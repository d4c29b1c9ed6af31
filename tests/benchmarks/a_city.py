"""A city of many units: ``python -m tests.benchmarks.a_city FOLDER UNITS`` fills a data folder with it."""

import asyncio
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from contracts.common import Event
from contracts.registry import BuildingRegistered, UnitClassified, UnitRegistered, UseClass
from services.chassis.eventstore.bulk import BulkEvent, BulkWriter
from services.chassis.eventstore.types import new_event
from services.chassis.ids import uuid7
from services.chassis.postgres import Database
from services.runtime.databases import make_databases
from services.runtime.folder import DataFolder
from services.runtime.postgres import running_postgres
from tests.benchmarks.a_log import ABOUT, NOON

CITY = "yinchuan"
UNITS_A_BUILDING, ROOMS_A_FLOOR = 200, 10
DISTRICTS, STATIONS, COMMUNITIES = 8, 10, 8
USES = (UseClass.HOTEL, UseClass.STUDIO, UseClass.RENTAL, UseClass.RENTAL, UseClass.OWNER_OCCUPIED)
CHUNK = 100_000


def community_of(building: int) -> str:
    """The place that a building stands in; buildings are spread evenly over the districts."""
    district, station = building % DISTRICTS, building // DISTRICTS % STATIONS
    community = building // (DISTRICTS * STATIONS) % COMMUNITIES
    return f"{CITY}/district-{district}/station-{district}-{station}/community-{station}-{community}"


def events_of(building: int) -> Iterator[tuple[str, int, Event]]:
    """A building's log and those of its units: stream, version, event."""
    ident, began = f"b-{building:05}", NOON - timedelta(days=building % 1000)
    place = f"{community_of(building)}/{ident}"
    floors = UNITS_A_BUILDING // ROOMS_A_FLOOR
    yield (
        f"building-{ident}",
        1,
        BuildingRegistered(
            building=ident, name=ident.upper(), place=place, lowest_floor=1, highest_floor=floors, effective_at=began
        ),
    )
    for number in range(UNITS_A_BUILDING):
        floor = number // ROOMS_A_FLOOR + 1
        room = f"{floor}{number % ROOMS_A_FLOOR:02}"
        unit = f"{ident}-{room}"
        where = {"unit": unit, "place": f"{place}/{room}"}
        yield (
            f"unit-{unit}",
            1,
            UnitRegistered(**where, building=ident, number=room, floor=floor, capacity=2, effective_at=began),
        )
        use = USES[(building + number) % len(USES)]
        yield (
            f"unit-{unit}",
            2,
            UnitClassified(**where, use_class=use, effective_at=began + timedelta(hours=1 + number % 8)),
        )


def a_city(units: int) -> Iterator[list[BulkEvent]]:
    """The log of so many units and their buildings, in parts that fit into memory."""
    part: list[BulkEvent] = []
    for building in range(-(-units // UNITS_A_BUILDING)):
        for stream, version, event in events_of(building):
            part.append(BulkEvent(stream, version, new_event(uuid7(), event, ABOUT), NOON))
        if len(part) >= CHUNK:
            yield part
            part = []
    if part:
        yield part


async def fill(database: Database, units: int) -> int:
    """Write the city through the bulk writer. Return the last position."""
    last = 0
    for part in a_city(units):
        last = (await BulkWriter(database.pool).write(part)).position
    return last


async def main(folder: str, units: int) -> None:
    """Fill the registry's log of a data folder."""
    opened = DataFolder.open(Path(folder))
    with opened.held():
        opened.master_key()
        async with running_postgres(opened.path) as server:
            await make_databases(server.dsn, "postgres")
            database = await Database.open("registry", server.dsn("registry"))
            print(f"{await fill(database, units):,} events")
            await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
