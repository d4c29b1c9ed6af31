"""An instance's two databases that an import writes to."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.analytics import CoverageDeclared
from services.chassis.clock import FixedClock
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Recorded
from services.chassis.ids import uuid7
from services.chassis.postgres import Database
from services.runtime.imports.mapping_file import find, load, parse
from services.runtime.imports.run import Instance, Options, Summary, run

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
KEY = bytes(range(32))
VANCOUVER_HEADER = "TYPE,YEAR,MONTH,DAY,HOUR,MINUTE,HUNDRED_BLOCK,NEIGHBOURHOOD,X,Y,lon,lat"
NEW_YORK_HEADER = "created_date,descriptor,complaint_code,borough,latitude,longitude"


@dataclass
class City:
    """An instance, and a folder for files."""

    instance: Instance
    incidents: EventStore
    analytics: EventStore
    folder: Path

    def file(self, name: str, *lines: str) -> Path:
        """Writes a file."""
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n")
        return path

    async def load(self, mapping: str, *files: Path, **options: Any) -> Summary:
        """Imports files through a mapping that ships, or through the text of one."""
        rules = parse(mapping) if "\n" in mapping else load(find(mapping))
        given = Options(errors=self.folder / "errors.csv", **options)
        return await run(rules, self.folder, files, self.instance, given, clock=FixedClock(NOW), new_id=uuid7)

    async def events(self) -> list[Recorded]:
        """All of the incidents' log."""
        return await self.incidents.read(0, 1_000_000)

    async def coverage(self) -> list[CoverageDeclared]:
        """What was declared, in order."""
        return [e.event for e in await self.analytics.read(0, 100) if isinstance(e.event, CoverageDeclared)]


@pytest.fixture
async def city(databases, tmp_path) -> AsyncIterator[City]:
    """An instance without anything in it."""
    incidents, analytics = await databases.fresh(), await databases.fresh()
    opened = [await Database.open("incidents", incidents.app), await Database.open("analytics", analytics.app)]
    stores = [EventStore(database.name, database.pool) for database in opened]
    addresses = {"incidents": incidents.app, "analytics": analytics.app}
    try:
        yield City(Instance(addresses.__getitem__, KEY), *stores, tmp_path)
    finally:
        for store, database in zip(stores, opened, strict=True):
            await store.close()
            await database.close()


def vancouver_rows(count: int) -> list[str]:
    """Rows of the shape of Vancouver's file; a tenth are without time and place, and those come in equal groups."""
    kinds = itertools.cycle(["Theft from Vehicle", "Mischief", "Other Theft", "Theft of Bicycle"])
    hidden = "OFFSET TO PROTECT PRIVACY"
    rows = []
    for n, kind in zip(range(count), kinds, strict=False):
        day = f"2003,{n % 12 + 1},{n % 28 + 1}"
        if n % 10 == 9:
            rows.append(f"Offence Against a Person,2003,1,{n % 3 + 1},,,{hidden},{hidden},0.0,0.0,,")
        else:
            rows.append(f"{kind},{day},{n % 24},{n % 60},{n}XX MAIN ST,West End,1.0,2.0,-123.{n:05d},49.28")
    return rows
