"""Analytics over HTTP, on a fresh database, with the logs of the other services in memory."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.common import Event, Role
from services.analytics import migrations
from services.analytics.app import build
from services.chassis.access import Issuer, new_issuer_key
from services.chassis.clock import FixedClock
from services.chassis.eventstore.lineage import Lineage
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Head, Recorded
from services.chassis.host import Host
from services.chassis.postgres import Database
from services.chassis.service import Service, ServiceContext
from services.chassis.subscriptions.log import LogSubscription
from services.chassis.subscriptions.wake import Signal
from tests.integration.analytics.happenings import NOON
from tests.integration.serving import Caller, Served, context_of

OTHERS = ("registry", "incidents", "mediation")


@dataclass
class MemoryLog:
    """The log of another service, as far as analytics reads it."""

    source: str
    signal: Signal = field(default_factory=Signal)
    events: list[Recorded] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    histories: list[Lineage] = field(default_factory=list)

    async def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        return self.events[after : after + limit]

    async def head(self) -> Head:
        last = self.events[-1].recorded_at if self.events else NOON
        return Head(len(self.events), bytes(32), last, (await self.lineages())[-1].id)

    async def lineages(self) -> list[Lineage]:
        return [Lineage(UUID(int=OTHERS.index(self.source) + 1), 0), *self.histories]

    def restore(self, position: int) -> None:
        """As an older copy has it: what stands after a position is gone, and a new history begins."""
        del self.events[position:]
        self.versions = {event.stream: event.version for event in self.events}
        self.histories.append(Lineage(uuid4(), position))

    def put(self, stream: str, event: Event, recorded_at: datetime | None = None) -> int:
        """Appends, wakes who waits, answers the position."""
        position = len(self.events) + 1
        self.versions[stream] = self.versions.get(stream, 0) + 1
        self.events.append(
            Recorded(
                source=self.source,
                position=position,
                stream=stream,
                version=self.versions[stream],
                id=UUID(int=position + 1_000_000 * (OTHERS.index(self.source) + 1)),
                type=event.type,
                data=event.model_dump_json().encode(),
                metadata=b'{"actor":{"role":"officer","id":"officer-li"}}',
                effective_at=event.effective_at,
                recorded_at=recorded_at or event.effective_at,
                hash=b"",
            )
        )
        self.signal.set()
        return position


@dataclass
class Station:
    """Analytics with the logs around it."""

    served: Served
    service: Service
    logs: dict[str, MemoryLog]

    @property
    def clock(self) -> FixedClock:
        return self.served.clock

    def caller(self, role: Role, *places: str, ident: str = "") -> Caller:
        return self.served.caller(role, *(places or ("yinchuan",)), ident=ident)

    def put(self, source: str, told: Sequence[tuple[str, Event]]) -> None:
        for stream, event in told:
            self.logs[source].put(stream, event)

    async def read_all(self) -> None:
        """Until every read model and the rules have read every log to its end."""
        heads = {name: len(log.events) for name, log in self.logs.items()}
        heads["analytics"] = (await self.served.context.store.head()).position
        for model in self.service.read_models:
            wanted = {source: heads[source] for source in model.sources}
            await self.served.context.checkpoints.reached(model.name, wanted, 20)
        others = {source: heads[source] for source in OTHERS}
        await self.served.context.checkpoints.reached("rules", others, 20)

    async def until(self, path: str, caller: Caller, enough, **query):
        """Asks until the answer is enough; a test waits for conditions, bounded."""
        async with asyncio.timeout(20):
            while True:
                answer = await caller.get(path, **query)
                assert answer.status_code == 200, answer.text
                if enough(answer.json()):
                    return answer.json()
                await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def analytics_running(
    databases, *, outlets: Mapping[str, ServiceContext] | None = None
) -> AsyncIterator[Station]:
    database = await databases.fresh(*(Path(path) for path in migrations.__path__))
    clock, signal, issuer = FixedClock(NOON), Signal(), Issuer(new_issuer_key())
    opened = await Database.open("analytics", database.app)
    store = EventStore("analytics", opened.pool, signal.set)
    logs = {source: MemoryLog(source) for source in OTHERS}
    subscriptions = {source: LogSubscription(log, log.signal, poll=0.1) for source, log in logs.items()}
    own = context_of(store, opened, signal, issuer, clock)
    context = replace(
        own,
        readers={**logs, **own.readers},
        subscriptions={**subscriptions, **own.subscriptions},
        outlets=outlets or {},
    )
    built = build(context)
    # a test that looks at what the city is told says itself when
    service = replace(built, workers=tuple(worker for worker in built.workers if worker.name != "city"))
    host = Host(service, context, database.owner)
    await host.prepare()
    transport = httpx.ASGITransport(app=service.app, raise_app_exceptions=False)
    async with host.running(), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Station(Served(context, clock, issuer, client, host, service.app), service, logs)
    await store.close()
    await opened.close()


@pytest.fixture
async def station(databases) -> AsyncIterator[Station]:
    async with analytics_running(databases) as running:
        yield running
