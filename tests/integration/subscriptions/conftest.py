"""A log with a tally that reads it, whole or by topic."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from aiokafka import AIOKafkaProducer

from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, NewEvent
from services.chassis.ids import uuid7
from services.chassis.postgres import Database, connect, engine
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.projections.model import ReadModel
from services.chassis.projections.rebuild import Rebuild
from services.chassis.projections.runner import ProjectionRunner
from services.chassis.subscriptions.kafka import TopicSubscription
from services.chassis.subscriptions.log import LogSubscription
from services.chassis.subscriptions.subscription import Subscription
from services.chassis.subscriptions.wake import Signal
from tests.integration.serving import NOON
from tests.integration.subscriptions.topic import Topic, new_topic
from tests.versions import invented

ABOUT = b'{"actor":{"role":"officer","id":"o1"}}'
OLDER = """
update log.head set position = $1, (hash, recorded_at) = (select hash, recorded_at from log.events where position = $1)
"""
UPSERT = """
insert into numbers select * from unnest($1::text[], $2::text[])
on conflict (stream) do update set told = numbers.told || excluded.told
"""
tables = sa.MetaData(schema="numbers")
sa.Table("numbers", tables, sa.Column("stream", sa.Text, primary_key=True), sa.Column("told", sa.Text, nullable=False))


async def told(connection, events) -> None:
    """Each stream's numbers in the order in which they came: a loss, a double and a wrong order all show."""
    numbers: dict[str, str] = {}
    for event in events:
        numbers[event.stream] = numbers.get(event.stream, "") + event.data.decode()[5:-1] + " "
    await connection.execute(UPSERT, list(numbers), list(numbers.values()))


NUMBERS = ReadModel("numbers", 1, ("registry",), frozenset({invented("test.counted.v1")}), tables, told)


@dataclass
class Bench:
    """A log in one database, a read model in another, and what can lie between."""

    log: Database
    store: EventStore
    signal: Signal
    reader: Database
    owner: Any
    owner_of_log: str
    counts: dict[str, int] = field(default_factory=dict)
    opened: list[Any] = field(default_factory=list)

    @property
    def checkpoints(self) -> Checkpoints:
        return Checkpoints(self.reader.pool)

    @property
    def rebuild(self) -> Rebuild:
        return Rebuild(NUMBERS, self.owner, self.reader.dsn, {"registry": self.store})

    async def put(self, stream: str, *numbers: int) -> None:
        events = tuple(
            NewEvent(uuid7(), "test.counted.v1", f'{{"n":{number}}}'.encode(), ABOUT, NOON) for number in numbers
        )
        await self.store.append(Append(stream, None, events, NOON))

    def count(self, _: str, __: str, what: str, number: int) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    @contextlib.asynccontextmanager
    async def running(self, subscription: Subscription) -> AsyncIterator[asyncio.Task[None]]:
        runner = ProjectionRunner(NUMBERS, self.reader.dsn, {"registry": subscription}, self.checkpoints)
        task = asyncio.create_task(runner.run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def caught_up(self, seconds: float = 30) -> None:
        """Until the read model has read all that the log has."""
        await self.checkpoints.reached("numbers", {"registry": (await self.store.head()).position}, seconds)

    async def rows(self) -> dict[str, str]:
        return {row["stream"]: row["told"] for row in await self.reader.pool.fetch("select * from numbers.numbers")}

    async def expected(self) -> dict[str, str]:
        """What the log says the rows must be."""
        found: dict[str, str] = {}
        for event in await self.store.read(0, 100_000):
            found[event.stream] = found.get(event.stream, "") + event.data.decode()[5:-1] + " "
        return found

    @property
    def model(self) -> ReadModel:
        return NUMBERS

    async def connected(self) -> "asyncpg.Connection[asyncpg.Record]":
        """As the application, where the read model's tables are; closed after the test."""
        connection = await connect(self.reader.dsn, search_path="numbers")
        self.opened.append(connection)
        return connection

    async def restore(self, position: int) -> None:
        """The log as an older copy has it: the events after a position are gone, and a new history begins."""
        connection = await connect(self.owner_of_log)
        try:
            async with connection.transaction():
                await connection.execute("alter table log.events disable trigger append_only")
                await connection.execute("delete from log.events where position > $1", position)
                await connection.execute("alter table log.events enable trigger append_only")
                await connection.execute(OLDER, position)
        finally:
            await connection.close()
        await self.store.begin_lineage(position)

    async def shown(self) -> None:
        """Until the rows show all events of the log, wherever the marks stand."""
        async with asyncio.timeout(30):
            while await self.rows() != await self.expected():  # noqa: ASYNC110 - the database is asked
                await asyncio.sleep(0.05)

    async def stopped(self) -> str:
        """Waits until the read model has stopped; answers its sentence."""
        async with asyncio.timeout(30):
            while not (found := await self.checkpoints.stopped()):  # noqa: ASYNC110 - the database is asked
                await asyncio.sleep(0.05)
        return found[0].reason


@pytest.fixture
async def bench(databases) -> AsyncIterator[Bench]:
    """A log and a read model of it, both empty."""
    log, reading = await databases.fresh(), await databases.fresh()
    opened, reader = await Database.open("registry", log.app), await Database.open("analytics", reading.app)
    signal, owner = Signal(), engine(reading.owner, connections=3)
    store = EventStore("registry", opened.pool, signal.set)
    made = Bench(opened, store, signal, reader, owner, log.owner)
    await made.rebuild.prepare()
    yield made
    for connection in made.opened:
        await connection.close()
    await store.close()
    await owner.dispose()
    await reader.close()
    await opened.close()


@pytest.fixture
async def producer(kafka) -> AsyncIterator[AIOKafkaProducer]:
    """What the pretended relay sends with."""
    made = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True, acks="all")
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def topic(kafka, topic_prefix, producer) -> Topic:
    """A topic of three partitions."""
    return await new_topic(kafka, f"{topic_prefix}.registry.events", "registry", 3, producer)


@pytest.fixture
def by_topic(bench, topic) -> TopicSubscription:
    """The topic as a subscription."""
    return TopicSubscription(
        topic.name, {"bootstrap_servers": topic.bootstrap}, bench.store, topic.name, count=bench.count
    )


@pytest.fixture
def by_log(bench) -> LogSubscription:
    """The log as a subscription."""
    return LogSubscription(bench.store, bench.signal, size=7, poll=0.05)
