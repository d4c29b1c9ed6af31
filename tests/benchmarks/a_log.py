"""A log in a PostgreSQL of the benchmark's own."""

import contextlib
import os
import secrets
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts.registry import UnitRegistered
from services.chassis.eventstore.bulk import BulkEvent
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import NewEvent, new_event
from services.chassis.ids import uuid7
from services.chassis.kafka.topics import KEPT
from services.chassis.migrations.migrate import migrate
from services.chassis.postgres import Database
from services.runtime.kafka import running_kafka
from services.runtime.postgres import running_postgres
from tests.benchmarks.measure import SMOKE, Measure, RateMeasure

RUN = f"bench-{secrets.token_hex(4)}"
"""Begins the names of topics, so that several runs may use one Kafka."""
NOON = datetime(2024, 5, 6, 4, tzinfo=UTC)
PAYLOAD = b'{"unit":"wanda-a-1812","place":"yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a/1812","note":"%s"}' % (
    b"x" * 200
)
ABOUT = b'{"actor":{"role":"officer","id":"officer-gu"},"correlation_id":"0198c7c4-3f5e-7a10-8a57-9d1f5f0d1c11"}'

PLAIN_TABLE = """
create table plain (
    position bigint primary key, stream text not null, version bigint not null, id uuid not null, type text not null,
    data bytea not null, metadata bytea not null, effective_at timestamptz not null, recorded_at timestamptz not null,
    hash bytea not null
);
create unique index plain_by_stream on plain (stream, version);
"""


def an_event() -> NewEvent:
    """About half a kilobyte."""
    return NewEvent(uuid7(), "registry.use-observed.v1", PAYLOAD, ABOUT, NOON)


def a_unit(number: int) -> BulkEvent:
    """The first event of a unit."""
    event = UnitRegistered(
        unit=f"wanda-a-{number}",
        building="wanda-a",
        number=str(number),
        floor=1,
        capacity=1,
        place=f"yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a/{number}",
        effective_at=NOON,
    )
    return BulkEvent(f"unit-{event.unit}", 1, new_event(uuid7(), event, ABOUT), NOON)


async def broker(stack: contextlib.AsyncExitStack) -> str:
    """The address of the Kafka that ``KAFKA`` names, else of one of the benchmark's own that ends with the stack."""
    if named := os.environ.get("KAFKA"):
        return named
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    return (await stack.enter_async_context(running_kafka(Path(folder) / "kafka"))).bootstrap


async def topics(stack: contextlib.AsyncExitStack, partitions: int, *names: str) -> dict[str, str]:
    """A Kafka with these topics, for as long as the stack stands; answers arguments of its clients."""
    client = {"bootstrap_servers": await broker(stack)}
    admin = AIOKafkaAdminClient(**client)
    await admin.start()
    # what happened years ago would be deleted by a topic that keeps seven days
    await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=KEPT) for name in names])
    await admin.close()
    return client


class OnALog(Measure):
    """A measure on a real log, with fsync on as delivered."""

    async def prepare(self) -> None:
        """Starts PostgreSQL, migrates, and makes a plain table with the same columns and indexes."""
        self.stack = contextlib.AsyncExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.server = server = await self.stack.enter_async_context(
            running_postgres(Path(folder) / "postgres", durable=not SMOKE)
        )
        owner = await asyncpg.connect(server.dsn("postgres"))
        await owner.execute("create database bench")
        await owner.close()
        await migrate(server.dsn("bench"))
        self.database = await Database.open("bench", server.dsn("bench"))
        self.stack.push_async_callback(self.database.close)
        self.store = EventStore("bench", self.database.pool)
        await self.database.pool.execute(PLAIN_TABLE)
        self.round = 0

    async def clean(self) -> None:
        """Stops it all."""
        await self.stack.aclose()


class LogMeasure(OnALog, RateMeasure):
    """A rate on a real log."""
