"""Lists, sums and towers of a city of ``UNITS`` units, a million else, beside plain indexed tables asked for the same
rows."""

import os
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import httpx

from contracts.common import Role
from services.chassis.access import Issuer, Principal, Verifier, new_issuer_key
from services.chassis.clock import SystemClock
from services.chassis.settings import Settings
from services.runtime.composition import Ground, Part, composed
from services.runtime.databases import make_databases
from services.runtime.postgres import running_postgres
from tests.benchmarks.a_city import CITY, UNITS_A_BUILDING, community_of, fill
from tests.benchmarks.measure import SMOKE, Measure, Result, sized
from tests.benchmarks.timing import percentile

UNITS = int(os.environ.get("UNITS", sized(1_000_000, 1_000)))
BUILDINGS = -(-UNITS // UNITS_A_BUILDING)
TIMES, WARM_UP = sized(100, 3), sized(10, 1)
PATIENCE = 3600.0
LIST_MS, TOWER_MS, LARGEST_KB, PAGE = 100.0, 20.0, 1000.0, 100
PLAIN = """
create schema plain;
create table plain.units as
select id, building, number, floor, place, capacity, use_class, operator, colour from register.spans
where until = 'infinity';
create index on plain.units (building, floor, number);
create index on plain.units (use_class, building, floor, number);
create table plain.buildings as
select b.id, b.name, b.place, b.zone, count(*) as units, count(*) filter (where colour = 'hotel') as hotel,
       count(*) filter (where colour = 'studio') as studio, count(*) filter (where colour = 'rental') as rental
from register.buildings as b join plain.units as u on u.building = b.id group by b.id, b.name, b.place, b.zone;
create index on plain.buildings (place, id);
create table plain.districts as
select split_part(place, '/', 2) as district, sum(units) as units, sum(hotel) as hotel, sum(studio) as studio,
       sum(rental) as rental from plain.buildings group by 1;
analyze plain.units; analyze plain.buildings;
"""


@dataclass(frozen=True)
class Question:
    """One question, as a caller asks it, and the same rows out of a plain table.

    Attributes:
        name: of the line. service: whose it is. path: with ``{building}`` and ``{district}`` filled in at random.
        plain: the plain query; $1 is the building, $2 the place of the district. bound: milliseconds, p95.
    """

    name: str
    service: str
    path: str
    plain: str
    bound: float = LIST_MS


QUESTIONS = (
    Question(
        "buildings",
        "registry",
        f"/buildings?place={CITY}/{{district}}&limit={PAGE}",
        f"select *, $1::text from plain.buildings where place > $2 order by place, id limit {PAGE}",
    ),
    Question(
        "units-of-building",
        "registry",
        f"/units?building={{building}}&limit={PAGE}",
        f"select *, $2::text from plain.units where building = $1 order by floor, number limit {PAGE}",
    ),
    Question(
        "units-of-class",
        "registry",
        f"/units?use_class=hotel&place={CITY}/{{district}}&limit={PAGE}",
        "select *, $1::text from plain.units where use_class = 'hotel' and starts_with(place, $2 || '/') "
        f"order by building, floor, number limit {PAGE}",
    ),
    Question("overview", "analytics", "/overview", "select *, $1::text, $2::text from plain.districts"),
    Question(
        "places", "analytics", f"/places?place={CITY}/{{district}}", "select *, $1::text, $2::text from plain.districts"
    ),
    Question(
        "tower",
        "analytics",
        "/buildings/{building}/floors",
        "select *, $2::text from plain.units where building = $1 order by floor, number",
        TOWER_MS,
    ),
)


class Million(Measure):
    """Over HTTP within the process: token, scope, query, JSON. The city is written through the bulk writer."""

    name = "million"

    async def prepare(self) -> None:
        """Start PostgreSQL and the services, fill the city, and wait until it was read."""
        self.stack = AsyncExitStack()
        folder = self.stack.enter_context(TemporaryDirectory())
        server = await self.stack.enter_async_context(running_postgres(Path(folder) / "postgres", durable=not SMOKE))
        await make_databases(server.dsn, "postgres")
        issuer = Issuer(new_issuer_key())
        ground = Ground(server.dsn, Settings(), Verifier(issuer.jwks), bytes(32), SystemClock())
        parts = await self.stack.enter_async_context(composed(ground))
        for part in parts.values():
            await part.host.prepare()
            await self.stack.enter_async_context(part.host.running())
        await self._filled(parts)
        self.plain = await asyncpg.connect(server.dsn("registry"))
        self.stack.push_async_callback(self.plain.close)
        await self.plain.execute(PLAIN, timeout=600)
        token = issuer.issue(Principal(id="analyst", role=Role.SUPERVISOR, places=(CITY,)))
        self.clients = {name: await self._client(parts[name], token) for name in ("registry", "analytics")}
        self.chance, self.largest = random.Random(5), 0  # noqa: S311 - not a secret

    async def _filled(self, parts: dict[str, Part]) -> None:
        last = await fill(parts["registry"].context.database, UNITS)
        parts["registry"].signal.set()
        for service, model in (("registry", "register"), ("analytics", "floors")):
            await parts[service].context.checkpoints.reached(model, {"registry": last}, PATIENCE)

    async def _client(self, part: Part, token: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=part.service.app)
        client = httpx.AsyncClient(
            transport=transport, base_url="http://bench", headers={"Authorization": f"Bearer {token}"}
        )
        return await self.stack.enter_async_context(client)

    async def clean(self) -> None:
        """Stop it all."""
        await self.stack.aclose()

    async def results(self) -> Sequence[Result]:
        """The 95th percentile of each question, and the largest answer."""
        found = []
        for question in QUESTIONS:
            ours, plain = await self._asked(question)
            name = f"{self.name}-{question.name}"
            found.append(Result(name, "ms", ours, "a plain indexed table asked for the same rows", plain))
            found.append(Result(f"{name}-p95", "ms", ours, "what it is meant to be", question.bound, 1.0, at_most=True))
        size = self.largest / 1000
        found.append(Result(f"{self.name}-answer", "kB", size, "what it is meant to be", LARGEST_KB, 1.0, at_most=True))
        return found

    async def _asked(self, question: Question) -> tuple[float, float]:
        ours: list[float] = []
        plain: list[float] = []
        for number in range(WARM_UP + TIMES):
            building = self.chance.randrange(BUILDINGS)
            ident, district = f"b-{building:05}", community_of(building).split("/")[1]
            path = question.path.format(building=ident, district=district)

            async def ask(path: str = path) -> None:
                answer = await self.clients[question.service].get(path)
                answer.raise_for_status()
                self.largest = max(self.largest, len(answer.content))

            async def look(ident: str = ident, district: str = district) -> None:
                await self.plain.fetch(question.plain, ident, f"{CITY}/{district}")

            for kept, act in ((ours, ask), (plain, look)):
                took = await _timed(act)
                if number >= WARM_UP:
                    kept.append(took)
        return percentile(ours, 95), percentile(plain, 95)


async def _timed(act: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await act()
    return (time.perf_counter() - began) * 1000
