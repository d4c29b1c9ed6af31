"""The four services in one process with the demonstration loaded, as an instance has them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from contracts.common import Role
from services.chassis.access import Issuer, Principal, Verifier, new_issuer_key
from services.chassis.eventstore.bulk import BulkWriter
from services.chassis.settings import Settings
from services.runtime.composition import Ground, Part, composed
from services.runtime.databases import make_databases
from services.runtime.demonstration import END, DemonstrationClock, LoadSummary, Target, load
from services.runtime.front import front


@dataclass
class Instance:
    """A running city.

    Attributes:
        parts: of the services. client: reaches them. issuer: of tokens. clock: the demonstration's.
        summary: of the load.
    """

    parts: dict[str, Part]
    client: httpx.AsyncClient
    issuer: Issuer
    clock: DemonstrationClock
    summary: LoadSummary

    async def read(self, path: str, role: Role = Role.OFFICER, **asked: str | int) -> httpx.Response:
        """What somebody of a role who may see the whole city reads."""
        token = self.issuer.issue(Principal(role, f"{role}-test", ("yinchuan",)))
        return await self.client.get(
            path, params=asked, headers={"Authorization": f"Bearer {token}"} | await self._now()
        )

    async def _now(self) -> dict[str, str]:
        heads = {name: (await part.context.store.head()).position for name, part in self.parts.items()}
        return {"Maple-After": ", ".join(f"{name}={position}" for name, position in heads.items())}


@pytest.fixture
async def instance(private_postgres, tmp_path) -> AsyncIterator[Instance]:
    address = private_postgres.server.dsn
    await make_databases(address, "postgres")
    issuer = Issuer(new_issuer_key())
    clock = DemonstrationClock(tmp_path / "clock.json", END, speed=60)
    ground = Ground(address, Settings(), Verifier(issuer.jwks), bytes(32), clock)
    async with composed(ground) as parts:
        for part in parts.values():
            await part.host.prepare()
        targets = {
            name: Target(BulkWriter(part.context.database.pool, part.signal.set), part.context.vault)
            for name, part in parts.items()
        }
        summary = await load(targets)

        @asynccontextmanager
        async def beside(_: object) -> AsyncIterator[None]:
            async with AsyncExitStack() as stack:
                for part in parts.values():
                    await stack.enter_async_context(part.host.running())
                yield

        app = front([part.service for part in parts.values()], beside)
        transport = httpx.ASGITransport(app=app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://inside", timeout=60) as client,
        ):
            yield Instance(parts, client, issuer, clock, summary)
