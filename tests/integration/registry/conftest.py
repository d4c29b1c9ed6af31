"""A registry in a fresh database: its ledger alone, or all of it over HTTP with a building in it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.common import Actor, Role
from services.chassis.clock import FixedClock
from services.chassis.decider import Decider
from services.chassis.eventstore.store import EventStore
from services.chassis.handler import CommandContext, CommandHandler, Handled
from services.chassis.ids import uuid7
from services.chassis.postgres import Database, connect, engine
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.projections.rebuild import Rebuild
from services.chassis.projections.runner import ProjectionRunner
from services.chassis.subscriptions.subscription import whole
from services.registry.app import build
from services.registry.views.register import REGISTER
from tests.integration.serving import Caller, Served, serving
from tests.unit.registry.cases import BUILDING_PLACE, JANUARY_1

AFTER = "select position from projections.checkpoints where projection = 'register'"
OFFICER = Actor(role=Role.OFFICER, id="officer-gu")


@dataclass
class Ledger:
    """Tells the registry things, and reads what its register makes of them."""

    database: Database
    store: EventStore
    handler: CommandHandler
    clock: FixedClock
    rebuild: Rebuild

    async def tell(self, decider: Decider[Any], aggregate: str, command: object) -> Handled:
        return await self.handler.handle(decider, aggregate, command, CommandContext(OFFICER))

    async def catch_up(self, size: int = 1000) -> None:
        """Takes in what the log has, in batches of this size."""
        runner = ProjectionRunner(REGISTER, self.database.dsn, {}, Checkpoints(self.database.pool))
        connection = await connect(self.database.dsn, search_path="register")
        try:
            after = await connection.fetchval(AFTER)
            while events := await self.store.read(after, size):
                await runner.take(connection, whole("registry", after, events[-1].position, events))
                after = events[-1].position
        finally:
            await connection.close()

    async def rows(self, query: "sa.Select[Any]") -> list[dict[str, Any]]:
        async with self.database.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(query)).mappings()]


@pytest.fixture
async def ledger(database) -> AsyncIterator[Ledger]:
    opened = await Database.open("registry", database.app)
    owner = engine(database.owner, connections=2)
    store = EventStore("registry", opened.pool)
    clock = FixedClock(JANUARY_1)
    rebuild = Rebuild(REGISTER, owner, database.app, {"registry": store})
    await rebuild.prepare()
    yield Ledger(opened, store, CommandHandler(store, clock, uuid7), clock, rebuild)
    await store.close()
    await owner.dispose()
    await opened.close()


JINFENG = "yinchuan/jinfeng"
SINCE = JANUARY_1.isoformat()


@dataclass
class City:
    """A registry over HTTP, with a tower of three units, and people who may do something there."""

    served: Served
    officer: Caller

    def caller(self, role: Role, *places: str, org: str | None = None, subject: str | None = None) -> Caller:
        """Somebody; in Jinfeng where nothing else is said."""
        scoped = places or (() if org or subject else (JINFENG,))
        caller = self.served.caller(role, *scoped, org=org, subject=subject)
        caller.position = self.officer.position
        return caller

    async def moved_in(self, unit: str = "wanda-a-1812", **changes: Any) -> dict[str, Any]:
        """A household of one in a rental unit; what the registry answered."""
        household = {
            "category": "long-let",
            "occupants": [{"name": "顾小满", "phone": "13900000000", "document": "640100199001010004"}],
            "effective_at": "2024-06-03T10:00:00+08:00",
        }
        answer = await self.officer.post(f"/units/{unit}/move-ins", household | changes)
        assert answer.status_code == 201, answer.text
        return answer.json()


@pytest.fixture
async def city(database) -> AsyncIterator[City]:
    async with serving("registry", build, database) as served:
        officer = served.caller(Role.OFFICER, JINFENG)
        tower = {
            "building": "wanda-a",
            "name": "万达公寓 A 座",
            "place": BUILDING_PLACE,
            "lowest_floor": -2,
            "highest_floor": 28,
            "effective_at": SINCE,
        }
        assert (await officer.post("/buildings", tower)).status_code == 201
        for number, floor, use_class in (("0601", 6, "hotel"), ("1812", 18, "rental"), ("1813", 18, None)):
            door = {"number": number, "floor": floor, "effective_at": SINCE}
            assert (await officer.post("/buildings/wanda-a/units", door)).status_code == 201
            if use_class:
                said = {"use_class": use_class, "effective_at": SINCE}
                assert (await officer.post(f"/units/wanda-a-{number}/classifications", said)).status_code == 201
        yield City(served, officer)
