"""A log, a topic, and relays between them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic

from services.chassis.clock import SystemClock
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, NewEvent
from services.chassis.ids import uuid7
from services.chassis.kafka.messages import Message, Watermark, decode
from services.chassis.postgres import Database
from services.chassis.relay.lease import EVENTS
from services.chassis.relay.relay import Relay
from services.chassis.relay.session import Line, Memory
from services.chassis.subscriptions.continuity import Held, Verdict
from services.chassis.subscriptions.continuity import Message as Told
from services.chassis.subscriptions.wake import Signal
from services.chassis.telemetry import Telemetry
from tests.topic_records import topic_records

NOON = datetime(2024, 5, 6, 4, tzinfo=UTC)
PARTITIONS = 3
PATIENCE = 60.0


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    """Waits until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110 - what another process does sets no event
            await asyncio.sleep(0.05)


def judged(messages: Sequence[tuple[int, Message | Watermark]], partition: int) -> tuple[list[int], Held]:
    """What a reader of one partition takes in: the positions of the events it accepts, and what it holds then.

    A hole, or another history, is an error.
    """
    held, taken = Held(), []
    for place, message in messages:
        if place != partition:
            continue
        told = Told(message.position, message.previous, message.lineage, message.epoch)
        verdict = held.judge(told)
        assert verdict in {Verdict.ACCEPTED, Verdict.DUPLICATE}, f"{verdict} at {told}, holding {held}"
        if verdict is Verdict.ACCEPTED:
            held = held.accept(told)
            taken += [message.position] if isinstance(message, Message) else []
    return taken, held


@dataclass
class Running:
    """A relay that runs."""

    relay: Relay
    telemetry: Telemetry
    task: "asyncio.Task[None]"
    stop: asyncio.Event

    async def end(self) -> None:
        """Lets it end in order."""
        self.stop.set()
        await self.task

    async def says(self, words: str) -> None:
        """Waits until it gives such a reason."""

        async def holds() -> bool:
            return words in self.relay.state.reason

        await until(holds)


@dataclass
class Street:
    """A log and its topic."""

    store: EventStore
    database: Database
    signal: Signal
    kafka: str
    topic: str
    running: list[Running] = field(default_factory=list)

    async def put(self, *streams: str, type_name: str = "test.counted.v1") -> int:
        """Appends an event to each; answers the last position."""
        last = 0
        for stream in streams:
            event = NewEvent(uuid7(), type_name, b'{"n":1}', b'{"actor":{"role":"officer","id":"o1"}}', NOON)
            last = (await self.store.append(Append(stream, None, (event,), datetime.now(UTC)))).last
        return last

    def start(
        self,
        owner: str = "one",
        *,
        lease_seconds: float = 1.0,
        memory: Memory | None = None,
        line: str = EVENTS,
        topic: str | None = None,
        types: frozenset[str] | None = None,
    ) -> Running:
        """Starts a relay: of all events, or of those of some types on a topic of their own."""
        telemetry = Telemetry("registry")
        made = Line(
            self.store,
            topic or self.topic,
            {"bootstrap_servers": self.kafka},
            self.signal,
            memory or Memory(),
            telemetry.relay_sent,
            size=50,
            poll=0.2,
            name=line,
            types=types,
        )
        relay = Relay(made, owner, SystemClock(), telemetry, lease_seconds=lease_seconds)
        stop = asyncio.Event()
        started = Running(relay, telemetry, asyncio.create_task(relay.run(stop)), stop)
        self.running.append(started)
        return started

    async def epoch(self) -> int:
        """Of the lease now: it rises with each attempt to publish."""
        epoch: int = await self.database.pool.fetchval("select max(epoch) from relay.lease")
        return epoch

    async def read(self, topic: str | None = None) -> list[tuple[int, Message | Watermark]]:
        """All that a topic holds: partition and message."""
        found = await topic_records({"bootstrap_servers": self.kafka}, topic or self.topic)
        return [(record.partition, decode(record)) for record in found]

    async def events(self) -> list[tuple[int, Message]]:
        """The events among them."""
        return [(partition, each) for partition, each in await self.read() if isinstance(each, Message)]

    async def published(self, position: int, line: str = EVENTS) -> None:
        """Waits until progress has reached a position."""

        async def holds() -> bool:
            for each in self.running:
                if each.task.done():
                    each.task.result()
            reached = await self.database.pool.fetchval("select position from relay.progress where line = $1", line)
            return reached is not None and reached >= position

        await until(holds)

    async def make_topic(self, partitions: int = PARTITIONS, topic: str | None = None, **settings: str) -> None:
        """Makes it, or another one."""
        topic = topic or self.topic
        # what is sent bears old dates, and the broker looks for what is too old every few minutes
        settings = {"retention.ms": "-1"} | settings
        async with self.admin() as admin:
            await admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=settings)])
        await self._settled(lambda topics: topic in topics)

    async def delete_topic(self) -> None:
        """Deletes it."""
        async with self.admin() as admin:
            await admin.delete_topics([self.topic])
        await self._settled(lambda topics: self.topic not in topics)

    async def grow(self, partitions: int, topic: str | None = None) -> None:
        """Adds partitions."""
        async with self.admin() as admin:
            await admin.create_partitions({topic or self.topic: NewPartitions(partitions)})

    @contextlib.asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        """The broker, to be changed."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    async def _settled(self, holds: Callable[[list[str]], bool]) -> None:
        async with self.admin() as admin:

            async def look() -> bool:
                return holds(await admin.list_topics())

            await until(look)


async def a_street(dsn: str, kafka: str, topic: str) -> Street:
    """Opens one; the topic is not made yet."""
    database = await Database.open("registry", dsn)
    signal = Signal()
    return Street(EventStore("registry", database.pool, signal.set), database, signal, kafka, topic)


@pytest.fixture
async def street(database, kafka, topic_prefix) -> AsyncIterator[Street]:
    """A log that is empty, and a topic with three partitions."""
    made = await a_street(database.app, kafka, f"{topic_prefix}.registry.events")
    await made.make_topic()
    try:
        yield made
    finally:
        for each in made.running:
            each.task.cancel()
        await asyncio.gather(*(each.task for each in made.running), return_exceptions=True)
        await made.store.close()
        await made.database.close()
