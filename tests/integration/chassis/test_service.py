"""A whole service on PostgreSQL, over HTTP: commands once, stale versions, positions, a database that goes away."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

import asyncpg
import httpx
import pytest
import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from contracts.common import Identifier, Role
from contracts.incidents import OfficersArrived
from contracts.refusals import Conflicting
from services.chassis.access import Issuer, Permission, Principal, new_issuer_key, permit
from services.chassis.clock import FixedClock
from services.chassis.decider import Decider
from services.chassis.eventstore.store import EventStore
from services.chassis.host import Host
from services.chassis.http import Caller, Context, Listed, Noun, Paging, View, create_service_app, reads
from services.chassis.postgres import Database
from services.chassis.projections.model import ReadModel
from services.chassis.service import Service, ServiceContext
from services.chassis.settings import Settings
from services.chassis.subscriptions.wake import Signal
from tests.integration.serving import context_of

NOON = datetime(2024, 5, 6, 4, tzinfo=UTC)
PLACE = "yinchuan/jinfeng"
ARRIVE = Permission("say that an officer is there", place={Role.OFFICER})
COUNT = """
insert into arrivals select * from unnest($1::text[], $2::bigint[])
on conflict (officer) do update set times = arrivals.times + excluded.times
"""


class Arrive(BaseModel):
    """An officer is there."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    officer: Identifier


class AlreadyThere(Conflicting):
    """An officer arrives once."""


def arrive(there: frozenset[str], command: Arrive, now: datetime) -> list[OfficersArrived]:
    """Nobody arrives twice."""
    if command.officer in there:
        raise AlreadyThere("The officer is there already: nothing to do.", "/officer")
    return [OfficersArrived(incident="i1", place=PLACE, officer=command.officer, waited_seconds=0, effective_at=now)]


INCIDENT = Decider("incident", frozenset(), lambda there, event: there | {event.officer}, {Arrive: arrive})
tables = sa.MetaData(schema="arrivals")
arrivals = sa.Table(
    "arrivals", tables, sa.Column("officer", sa.Text, primary_key=True), sa.Column("times", sa.BigInteger)
)


@dataclass
class Gate:
    """Holds the projection back while it is closed."""

    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def apply(self, connection, events) -> None:
        await self.open.wait()
        officers = [event.event.officer for event in events]
        counts = {officer: officers.count(officer) for officer in officers}
        await connection.execute(COUNT, list(counts), list(counts.values()))


class Arrival(BaseModel):
    """A row."""

    officer: str
    times: int


router = APIRouter()
Officer = Annotated[Principal, permit(ARRIVE)]


def may_arrive(caller: Caller, _: object) -> None:
    """Whoever has the place may."""
    caller.principal.require(PLACE)


Noun(INCIDENT, "/incidents/{incident}", router, may_arrive).command(
    Arrive, "arrivals", ARRIVE, summary="Somebody is there."
)


@router.get("/arrivals")
async def listed(
    context: Context, page: Paging, view: Annotated[View, reads("arrivals")], _: Officer
) -> Listed[Arrival]:
    """Who is there."""
    async with context.database.engine.connect() as session:
        rows = (await session.execute(sa.select(arrivals).order_by(arrivals.c.officer))).mappings()
    return view.listed([Arrival(**row) for row in rows], page, key=lambda row: (row.officer,))


@dataclass
class Running:
    """The service, and an officer who asks it."""

    client: httpx.AsyncClient
    context: ServiceContext
    gate: Gate

    async def arrive(self, officer: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post("/incidents/i1/arrivals", json={"officer": officer}, headers=named)

    async def there(self, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get("/arrivals", headers=named)


@contextlib.asynccontextmanager
async def opened(fresh, capacity: int = 4096, patience: float = 20) -> AsyncIterator[Running]:
    """A service that runs; ``capacity`` is how many commands wait for their turn, ``patience`` how long reads do."""
    settings, clock, gate, wake = Settings(read_wait_seconds=patience), FixedClock(NOON), Gate(), Signal()
    gate.open.set()
    model = ReadModel("arrivals", 1, ("incidents",), frozenset({OfficersArrived}), tables, gate.apply)
    database = await Database.open("incidents", fresh.app, connections=4)
    store = EventStore("incidents", database.pool, wake.set, capacity=capacity)
    issuer = Issuer(new_issuer_key())
    context = context_of(store, database, wake, issuer, clock, settings)
    app = create_service_app(
        "incidents",
        context,
        title="Incidents",
        description="",
        routers=[router],
        read_models=[model],
    )
    host = Host(Service("incidents", lambda: app, (model,)), context, fresh.owner, context.telemetry.observe)
    await host.prepare()
    token = issuer.issue(Principal(Role.OFFICER, "officer-li", ("yinchuan",)))
    transport = httpx.ASGITransport(app=app)
    async with (
        host.running(),
        httpx.AsyncClient(
            transport=transport, base_url="http://inside", headers={"Authorization": f"Bearer {token}"}
        ) as client,
    ):
        yield Running(client, context, gate)
    await store.close()
    await database.close()


@pytest.fixture
async def service(database) -> AsyncIterator[Running]:
    async with opened(database) as running:
        yield running


async def test_what_was_written_is_read_by_who_sends_its_position(service):
    for number in range(20):
        written = await service.arrive(f"officer-{number}")
        assert written.status_code == 201
        read = await service.there(Maple_After=written.headers["maple-position"])
        assert f"officer-{number}" in {row["officer"] for row in read.json()["items"]}
        assert read.json()["position"]["incidents"] >= written.json()["position"]


async def test_a_read_model_that_is_late_is_waited_for_and_then_said_to_be_late(database):
    async with opened(database, patience=0.5) as service:
        service.gate.open.clear()
        written = await service.arrive("officer-li")
        asked = time.monotonic()
        late = await service.there(Maple_After=written.headers["maple-position"])
        assert time.monotonic() - asked >= 0.5, "it was not waited for"
        assert (late.status_code, late.json()["type"]) == (503, "/problems/not-read-yet")
        assert int(late.headers["retry-after"]) > 0
        service.gate.open.set()
        async with asyncio.timeout(20):
            while (read := await service.there(Maple_After=written.headers["maple-position"])).status_code == 503:
                continue
        assert read.json()["items"] == [{"officer": "officer-li", "times": 1}]


async def test_a_command_that_is_sent_again_gets_the_same_answer_and_happens_once(service):
    answers = [await service.arrive("officer-li", Idempotency_Key="k1") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    for answer in answers:
        assert {**answer.json(), "repeated": None} == {**answers[0].json(), "repeated": None}
        assert answer.headers["etag"] == '"1"'
    assert (await service.context.store.head()).position == 1


async def test_even_when_all_are_sent_at_once(service):
    answers = await asyncio.gather(*(service.arrive("officer-li", Idempotency_Key="k1") for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["events"][0]["id"] for answer in answers}) == 1
    assert (await service.context.store.head()).position == 1


async def test_a_key_that_comes_back_with_another_body_is_refused(service):
    await service.arrive("officer-li", Idempotency_Key="k1")
    reused = await service.arrive("officer-ma", Idempotency_Key="k1")
    assert (reused.status_code, reused.json()["type"]) == (422, "/problems/key-reused")
    assert "k1" not in reused.json()["detail"]


async def test_a_refused_command_may_be_sent_again_with_its_key(service):
    await service.arrive("officer-li")
    refused = await service.arrive("officer-li", Idempotency_Key="k1")
    assert (refused.status_code, refused.json()["pointer"]) == (409, "/officer")
    assert (await service.arrive("officer-li", Idempotency_Key="k1")).status_code == 409


async def test_a_stale_version_is_412_and_changes_nothing(service):
    first = await service.arrive("officer-li")
    assert (await service.arrive("officer-ma", If_Match=first.headers["etag"])).status_code == 201
    stale = await service.arrive("officer-wu", If_Match=first.headers["etag"])
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/version-conflict")
    assert (await service.context.store.head()).position == 2


async def test_ready_says_so_and_metrics_show_the_lag(service):
    ready = await service.client.get("/health/ready")
    assert ready.status_code == 200, ready.text
    service.gate.open.clear()
    await service.arrive("officer-li")
    await service.arrive("officer-ma")
    metrics = (await service.client.get("/metrics")).text
    assert 'maplebridge_lag_positions{read_model="arrivals",source="incidents"} 2.0' in metrics
    assert 'maplebridge_commands_total{outcome="applied",type="Arrive"} 2.0' in metrics
    assert 'maplebridge_dead_letters{read_model="arrivals"} 0.0' in metrics


async def test_a_reader_that_has_stopped_is_told_by_health_and_metrics(service):
    stopped = 'maplebridge_reader_stopped{read_model="arrivals",source="incidents"}'
    written = await service.arrive("officer-li")
    await service.there(Maple_After=written.headers["maple-position"])  # its runner has begun, and forgets no stop
    assert f"{stopped} 0.0" in (await service.client.get("/metrics")).text
    await service.context.checkpoints.stop("arrivals", "incidents", "The log was restored.")
    ready = await service.client.get("/health/ready")
    assert ready.status_code == 503
    assert "arrivals has stopped: The log was restored." in ready.text
    assert f"{stopped} 1.0" in (await service.client.get("/metrics")).text
    await service.context.checkpoints.go_on("arrivals", "incidents")
    assert (await service.client.get("/health/ready")).status_code == 200


async def test_what_is_set_aside_is_told_by_health_and_takes_nobody_out_of_service(service):
    for position, stream in enumerate(["incident-a", "incident-b", "incident-a", "incident-c", "incident-d"], 1):
        await service.context.database.pool.execute(
            "insert into projections.dead_letters values ('arrivals', 'incidents', $1, $2, 1, 't', 'e')",
            position,
            stream,
        )
    ready = await service.client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    told = next(check for check in ready.json()["checks"] if check["detail"])
    assert (told["name"], told["ok"]) == ("dead letters", True)
    assert told["detail"] == (
        "arrivals holds 5 events aside, of incident-a, incident-b, incident-c and 1 more: see `maplebridge deadletters "
        "list arrivals`."
    )


async def test_while_the_head_is_held_commands_are_503_within_seconds_and_health_says_by_whom(database):
    async with opened(database) as service:
        holder = await asyncpg.connect(database.owner)
        async with holder.transaction():
            await holder.execute("select from log.head for update")
            began = time.monotonic()
            held_up, ready = await asyncio.gather(
                service.arrive("officer-li"), service.client.get("/health/ready", timeout=20)
            )
            assert time.monotonic() - began < 15
        assert (held_up.status_code, held_up.json()["type"]) == (503, "/problems/database-away")
        assert int(held_up.headers["retry-after"]) > 0
        assert (ready.status_code, ready.json()["status"]) == (503, "not ready")
        assert f"database session {holder.get_server_pid()} (maplebridge_owner) holds the end" in ready.text
        await holder.close()
        assert (await service.arrive("officer-li")).status_code == 201
        assert (await service.client.get("/health/ready")).status_code == 200


async def until_it_is_back(ask) -> httpx.Response:
    """Asks again while the answer is that the database is away."""
    answer = await ask()
    while answer.status_code == 503:
        await asyncio.sleep(0.05)
        answer = await ask()
    return answer


async def test_commands_beyond_the_queue_are_refused_at_once_and_those_within_are_applied(database):
    async with opened(database, capacity=3) as service:
        holder = await asyncpg.connect(database.owner)
        held = holder.transaction()
        await held.start()
        await holder.execute("select from log.head for update")
        sent = [asyncio.create_task(service.arrive("officer-0"))]
        async with asyncio.timeout(20):
            while not await holder.fetchval("select exists (select from pg_locks where not granted)"):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        sent += [asyncio.create_task(service.arrive(f"officer-{number}")) for number in range(1, 12)]
        refused = set()
        while len(refused) < 8:  # one round is under way and three wait; the head is still held
            done, _ = await asyncio.wait(set(sent) - refused, timeout=20, return_when=asyncio.FIRST_COMPLETED)
            assert done, "refusals wait for the database"
            refused |= done
        for task in refused:
            answer = task.result()
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/overloaded")
            assert int(answer.headers["retry-after"]) > 0
        await held.rollback()
        await holder.close()
        answers = await asyncio.gather(*(task for task in sent if task not in refused))
        # they went for one stream: one wins, and the others are decided anew
        assert {answer.status_code for answer in answers} == {201}
        assert (await service.context.store.head()).position == 4


async def test_a_database_that_goes_away_is_a_503_and_comes_back(private_postgres):
    fresh = await private_postgres.databases.fresh()
    async with opened(fresh) as service:
        assert (await service.arrive("officer-1", Idempotency_Key="k1")).status_code == 201
        os.kill(private_postgres.pid, signal.SIGKILL)
        away = await service.arrive("officer-2", Idempotency_Key="k2")
        for answer in (away, await service.there(), await service.client.get("/health/ready")):
            assert answer.status_code in {200, 201, 503}
            if answer.status_code == 503 and answer.request.url.path != "/health/ready":
                assert answer.json()["type"] == "/problems/database-away"
                assert int(answer.headers["retry-after"]) > 0
        await private_postgres.server.ready()
        async with asyncio.timeout(20):
            again = await until_it_is_back(lambda: service.arrive("officer-2", Idempotency_Key="k2"))
            there = await until_it_is_back(lambda: service.there(Maple_After=again.headers["maple-position"]))
        assert [row["times"] for row in there.json()["items"]] == [1, 1]
