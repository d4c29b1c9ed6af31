"""Analytics with the city's log beside it: calls in an estate, and what of them may leave."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import httpx
import pytest

from contracts.analytics import CoverageDeclared, Span
from contracts.common import Occurred, Role
from contracts.incidents import Channel, IncidentReported
from services.analytics.city.policy import CitySettings, Policy, policy
from services.analytics.city.publishing import Publisher
from services.chassis.access import Issuer, new_issuer_key
from services.chassis.clock import FixedClock
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Recorded
from services.chassis.postgres import Database
from services.chassis.service import ServiceContext
from services.chassis.subscriptions.wake import Signal
from tests.integration.analytics.conftest import Station, analytics_running
from tests.integration.analytics.happenings import NOON
from tests.integration.serving import Caller, context_of

ESTATE = "yinchuan/jinfeng/beijing-zhonglu"
WANDA, TIANDU = f"{ESTATE}/wanda", "yinchuan/xingqing/fenghuang/tiandu-16"
CALLER = "018fdd4b-1c00-7aaa-8000-00000000d001"


@dataclass
class City:
    """A station and its city's log.

    Attributes:
        context: of the city's log. signal: set at each append to it. client: of its HTTP.
    """

    station: Station
    context: ServiceContext
    signal: Signal
    client: httpx.AsyncClient
    calls: int = 0

    def caller(self, role: Role, *places: str) -> Caller:
        """Somebody who asks the city."""
        known = self.station.caller(role, *places)
        return Caller(self.client, known.token)

    def call(self, place: str, day: date, category: str = "noise/music") -> None:
        """Somebody calls about a door."""
        self.calls += 1
        at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        event = IncidentReported(
            incident=f"call-{self.calls}",
            category=category,
            place=place,
            occurred=Occurred(earliest=at, latest=at),
            channel=Channel.PHONE_110,
            source_unit="wanda-a-1812",
            caller=CALLER,
            caller_unit="wanda-a-1813",
            effective_at=at,
        )
        self.station.put("incidents", [(f"incident-call-{self.calls}", event)])

    def calls_from(self, area: str, day: date, count: int, doors: int = 100, category: str = "noise/music") -> None:
        """Calls about so many doors of an area."""
        for number in range(count):
            self.call(f"{area}/tower/{number % doors}", day, category)

    async def covered(self, first: date, last: date, *places: str) -> None:
        """Somebody declares what is covered."""
        caller = self.station.caller(Role.ADMINISTRATOR, "yinchuan")
        for place in places or ("yinchuan",):
            declared = CoverageDeclared(
                source="live", place=place, span=Span(first=first, last=last), effective_at=NOON
            )
            body = declared.model_dump(mode="json", exclude={"effective_at", "complete_at"})
            answer = await caller.post("/coverage", body)
            assert answer.status_code == 201, answer.text

    def publisher(self, chosen: Policy | None = None) -> Publisher:
        """What derives the figures."""
        return Publisher(self.station.served.context, self.context.handler, chosen or policy(CitySettings()))

    async def told(self, chosen: Policy | None = None) -> int:
        """Tells all that there is to tell; answers how many events that made."""
        await self.station.read_all()
        publisher = self.publisher(chosen)
        await publisher.look()
        return await publisher.look()

    async def log(self) -> list[Recorded]:
        """The city's log."""
        return await self.context.store.read(0)


@contextlib.asynccontextmanager
async def city_running(databases) -> AsyncIterator[City]:
    database = await databases.fresh()
    clock, signal = FixedClock(NOON), Signal()
    opened = await Database.open("city", database.app)
    store = EventStore("city", opened.pool, signal.set)
    context = context_of(store, opened, signal, Issuer(new_issuer_key()), clock)
    try:
        async with analytics_running(databases, outlets={"city": context}) as station:
            app = station.service.outlets["city"]
            app.state.verifier = station.served.context.verifier
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                yield City(station, context, signal, client)
    finally:
        await store.close()
        await opened.close()


@pytest.fixture
async def city(databases) -> AsyncIterator[City]:
    """Nothing has happened yet, and it is noon on the last day of June 2024."""
    async with city_running(databases) as running:
        yield running
