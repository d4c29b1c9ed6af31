"""A small service without a database: two routes that show what every service has in common."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Annotated, Any, Literal
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.common import Identifier, Place, Role
from contracts.refusals import Conflicting, Unknown
from services.chassis.access import Issuer, Permission, Principal, Verifier, new_issuer_key, permit
from services.chassis.clock import FixedClock
from services.chassis.decider import Decider
from services.chassis.eventstore.lineage import Lineage
from services.chassis.eventstore.types import Head
from services.chassis.handler import Handled
from services.chassis.http import (
    Asked,
    Listed,
    Noun,
    Paging,
    View,
    create_service_app,
    reads,
    ruled_below,
)
from services.chassis.ids import uuid7
from services.chassis.projections.checkpoints import Holds, Seen
from services.chassis.service import ServiceContext
from services.chassis.settings import Settings
from services.chassis.subscriptions.subscription import WHOLE, Mark
from services.chassis.telemetry import Telemetry
from services.chassis.vault import MemoryKeys, Vault

NOON = datetime(2024, 5, 6, 4, tzinfo=UTC)
ISSUER = Issuer(new_issuer_key())
OFFICER = Principal(Role.OFFICER, "officer-li", ("yinchuan/jinfeng",))
HISTORY = UUID("3f9c2b7d-0000-4000-8000-000000000000")
HANDLED = Handled("unit-a", 3, 17, (("e1", "test.observed.v1"),), HISTORY)
NAMES = [f"unit-{number:02}" for number in range(25)]
OBSERVE = Permission("observe the use of a unit", place={Role.OFFICER})


class UnitUnknown(Unknown):
    """There is no such unit."""


class TenancyOverlaps(Conflicting):
    """Two tenancies at once."""


class Occupant(BaseModel):
    """Somebody in a body."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(max_length=10)]
    age: Annotated[int, Field(ge=0)] = 0


class Observation(BaseModel):
    """A body with one of everything."""

    model_config = ConfigDict(extra="forbid")
    use: Literal["hotel", "rental"]
    at: AwareDatetime | None = None
    place: Place | None = None
    occupants: list[Occupant] = []


class Unit(BaseModel):
    """An item of a list."""

    id: str


router = APIRouter()
UNIT = Decider[None]("unit", None, lambda state, _: state, {})
Reader = Annotated[Principal, permit(OBSERVE)]


@(
    Noun(UNIT, "/units/{unit}", router, ruled_below)
    .command(Observation, "observations", OBSERVE, summary="Somebody looked.")
    .completed
)
async def observe(asked: Asked[Any]) -> Mapping[str, Any]:
    """Lets pass what lies in the caller's places."""
    asked.principal.require(asked.body.place or "yinchuan/jinfeng")
    return {}


@router.get("/units")
async def units(page: Paging, view: Annotated[View, reads("register")], _: Reader) -> Listed[Unit]:
    """A list."""
    after = page.after(str)
    rows = [Unit(id=name) for name in NAMES if after is None or name > after[0]]
    return view.listed(rows[: page.limit + 1], page, key=lambda unit: (unit.id,))


@router.get("/units/{unit}")
async def unit(unit: Identifier, view: Annotated[View, reads("register", "slow")], _: Reader) -> Unit:
    """One of them."""
    view.version(7)
    return Unit(id=unit)


@router.get("/moments")
async def moments(_: Reader, at: Annotated[AwareDatetime | None, Query()] = None) -> str:
    """A parameter with a form."""
    return str(at)


@dataclass
class Handling:
    """Stands in for the command handler: notes what it was given, does what a test says."""

    outcome: Handled | Exception = HANDLED
    given: list[Any] = field(default_factory=list)

    async def handle(self, *given: Any) -> Handled:
        *given, _ = given  # who is allowed is the declaration's own affair
        self.given.append(tuple(given))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@dataclass
class Reading:
    """Stands in for the checkpoints."""

    positions: dict[str, dict[str, int]] = field(
        default_factory=lambda: {"register": {"registry": 20}, "slow": {"registry": 12, "incidents": 3}}
    )
    wanted: list[Any] = field(default_factory=list)
    holds: list[Holds | None] = field(default_factory=list)
    outcome: Exception | None = None

    async def stopped(self) -> list[Any]:
        return []

    async def position(self, name: str) -> dict[str, int]:
        return self.positions[name]

    async def look(self, name: str) -> Seen:
        read = self.positions[name].items()
        return Seen({source: {WHOLE: Mark(position, HISTORY)} for source, position in read}, False, frozenset())

    async def reached(
        self, name: str, wanted: Mapping[str, int], seconds: float, streams: Mapping[str, str], holds: Holds | None
    ) -> Seen:
        self.wanted.append((name, dict(wanted), seconds))
        self.holds.append(holds)
        if self.outcome:
            raise self.outcome
        return await self.look(name)


async def head() -> Head:
    """The log has 30 events."""
    return Head(30, bytes(32), NOON, HISTORY)


async def recall_nothing(_: Any) -> None:
    """No command was sent before."""


@dataclass
class Small:
    """The small service and a client of its."""

    app: FastAPI
    client: httpx.AsyncClient
    handling: Handling
    reading: Reading
    telemetry: Telemetry
    lineages: list[Lineage]

    async def observe(self, body: Any = None, **headers: str) -> httpx.Response:
        """Sends the command."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post("/units/a/observations", json=body or {"use": "hotel"}, headers=named)


class ServiceContextWithState(ServiceContext):
    """The context of the small service."""

    state = None


@pytest.fixture
async def small() -> AsyncIterator[Small]:
    """Mounted as it is in an instance, asked by an officer."""
    clock, settings, handling, reading = FixedClock(NOON), Settings(), Handling(), Reading()
    telemetry, lineages = Telemetry("registry", settings), [Lineage(HISTORY, 0)]

    async def known() -> list[Lineage]:
        return lineages

    context = ServiceContextWithState(
        settings=settings,
        database=None,
        store=SimpleNamespace(source="registry", recall=recall_nothing, head=head, lineages=known),
        handler=handling,
        vault=Vault(MemoryKeys(), master_key=bytes(32), clock=clock),
        checkpoints=reading,
        verifier=Verifier(ISSUER.jwks),
        clock=clock,
        new_id=uuid7,
        telemetry=telemetry,
        readers={},
        subscriptions={},
    )
    app = create_service_app(
        "registry",
        context,
        title="Registry",
        description="Units.",
        routers=[router],
    )
    root = FastAPI(openapi_url=None)
    root.mount("/registry", app)
    headers = {"Authorization": f"Bearer {ISSUER.issue(OFFICER)}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=root), base_url="http://inside/registry", headers=headers
    ) as client:
        yield Small(app, client, handling, reading, telemetry, lineages)
