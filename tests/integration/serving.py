"""One service over HTTP on a fresh database, with its read models and policies running.

    async with serving("registry", build, database) as served:
        officer = served.caller(Role.OFFICER, "yinchuan/jinfeng")
        answer = await officer.post("/units/wanda-a-1812/observations", {"observed_use": "hotel"})

A caller reads what it wrote: it sends the position of its last command with each question.
"""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

from contracts.common import Role
from services.chassis.access import Issuer, Principal, Verifier, new_issuer_key
from services.chassis.clock import FixedClock
from services.chassis.eventstore.store import EventStore
from services.chassis.handler import CommandHandler
from services.chassis.host import Host
from services.chassis.http.declared import CommandRoute
from services.chassis.http.openapi import problems_of
from services.chassis.ids import uuid7
from services.chassis.postgres import Database
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.service import Build, ServiceContext
from services.chassis.settings import Settings
from services.chassis.subscriptions.log import LogSubscription
from services.chassis.subscriptions.wake import Signal
from services.chassis.telemetry import Telemetry
from services.chassis.vault import MemoryLedger, PostgresKeys, Vault

NOON = datetime(2024, 6, 30, 4, 0, tzinfo=UTC)
"""Noon in Yinchuan on the last day of June 2024; a test moves the clock on."""


@dataclass
class Caller:
    """Somebody with a token, who reads what they wrote."""

    client: httpx.AsyncClient
    token: str
    position: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    app: FastAPI | None = None

    async def get(self, path: str, headers: Mapping[str, str] | None = None, **query: Any) -> httpx.Response:
        """Asks; after the caller's own last command."""
        after = {"Maple-After": self.position} if self.position else {}
        return await self._send("GET", path, headers=after | dict(headers or {}), params=query)

    async def post(self, path: str, body: Any = None, key: str | None = None, **headers: str) -> httpx.Response:
        """Sends a command; other headers by name, with underscores for hyphens."""
        return await self._command(path, key, headers, json={} if body is None else body)

    async def opened(self, path: str, purpose: str) -> dict[str, Any]:
        """What stands there, with what was written about it, which they open for a purpose."""
        read, answer = await self.get(path), await self.post(f"{path}/openings", {"purpose": purpose})
        assert (read.status_code, answer.status_code) == (200, 201), answer.text
        return {**read.json(), "history": answer.json()["history"]}

    async def _command(self, path: str, key: str | None, headers: Mapping[str, str], **content: Any) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            named["Idempotency-Key"] = key
        response = await self._send("POST", path, headers=named, **content)
        self.position = response.headers.get("Maple-Position", self.position)
        return response

    async def _send(self, method: str, path: str, headers: Mapping[str, str], **content: Any) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {self.token}"}
        answer = await self.client.request(method, path, headers=bearer | self.headers | dict(headers), **content)
        if self.app is not None and method == "POST" and answer.is_error:
            foretold(self.app, path, answer)
        return answer


def foretold(app: FastAPI, path: str, answer: httpx.Response) -> None:
    """Fails where a command is answered with a problem that its operation does not name."""
    told, status = answer.json()["type"], answer.status_code
    for route in app.routes:
        for context in iter_route_contexts([route]):
            if isinstance(context.original_route, CommandRoute) and compile_path(context.path)[0].fullmatch(path):
                known = problems_of(context.original_route.declared, app.state.problems)
                assert told.removeprefix("/problems/") in known.get(status, ()), f"POST {path}: {told} with {status}"
                return


@dataclass
class Served:
    """A running service."""

    context: ServiceContext
    clock: FixedClock
    issuer: Issuer
    client: httpx.AsyncClient
    host: Host
    app: FastAPI

    def caller(
        self, role: Role, *places: str, org: str | None = None, subject: str | None = None, ident: str = ""
    ) -> Caller:
        """A caller with this role and these scopes."""
        principal = Principal(role, ident or f"{role.value}-1", places, org, subject)
        return Caller(self.client, self.issuer.issue(principal), app=self.app)


def context_of(
    store: EventStore,
    database: Database,
    signal: Signal,
    issuer: Issuer,
    clock: FixedClock,
    settings: Settings | None = None,
) -> ServiceContext:
    """What a service that reads its own log alone is handed.

    Args:
        signal: set at each append. issuer: whose tokens are believed.
    """
    settings, name = settings or Settings(rate_per_principal=0), store.source
    return ServiceContext(
        settings=settings,
        database=database,
        store=store,
        handler=CommandHandler(store, clock, uuid7),
        vault=Vault(PostgresKeys(database.pool), master_key=bytes(32), clock=clock, ledger=MemoryLedger()),
        checkpoints=Checkpoints(database.pool),
        verifier=Verifier(issuer.jwks),
        clock=clock,
        new_id=uuid7,
        telemetry=Telemetry(name, settings),
        readers={name: store},
        subscriptions={name: LogSubscription(store, signal, poll=0.1)},
    )


@contextlib.asynccontextmanager
async def serving(name: str, build: Build, database: Any) -> AsyncIterator[Served]:
    """The service, its log empty, its clock at noon.

    Args:
        database: a ``FreshDatabase``.
    """
    clock, signal, issuer = FixedClock(NOON), Signal(), Issuer(new_issuer_key())
    opened = await Database.open(name, database.app)
    store = EventStore(name, opened.pool, signal.set)
    context = context_of(store, opened, signal, issuer, clock)
    service = build(context)
    host = Host(service, context, database.owner)
    await host.prepare()
    # a fault becomes the answer that a stranger would see, not an exception in the test
    transport = httpx.ASGITransport(app=service.app, raise_app_exceptions=False)
    async with host.running(), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Served(context, clock, issuer, client, host, service.app)
    await store.close()
    await opened.close()
