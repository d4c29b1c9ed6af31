"""One stay of a relay at the helm: from a look at topic and log to the first thing that goes wrong."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import UnknownTopicOrPartitionError

from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Recorded
from services.chassis.kafka.messages import EPOCH, Encoder
from services.chassis.relay.examination import Examination
from services.chassis.relay.lease import EVENTS, Lease
from services.chassis.relay.outbox import Delivery, Outbox, give_up, producer
from services.chassis.relay.progress import Progress, ProgressBook
from services.chassis.relay.stops import TopicMissing, TopicShrunk
from services.chassis.relay.topic import looking_at
from services.chassis.relay.witness import Seen
from services.chassis.subscriptions.wake import Signal

logger = structlog.get_logger(__name__)
WATERMARK_EVERY = 1.0
LOOK_AT_TOPIC_EVERY = 2.0
NOTE_EVERY = 0.05
"""Seconds between two notes of how far was published: what was sent and is not noted is sent again, and dropped."""
UNDERWAY = 4
"""Deliveries that may wait for the broker while the next one is made."""


class LogReplaced(Exception):
    """The log is not the one that this session began with: look again at what topic and log tell."""

    def __init__(self, source: str) -> None:
        super().__init__(f"The log of {source} was replaced while it was published; looking at it anew.")


class TopicChanged(Exception):
    """The topic has another number of partitions than before."""

    def __init__(self, topic: str, partitions: int) -> None:
        super().__init__(f"{topic} has {partitions} partitions now.")


@dataclass
class Memory:
    """What a relay's process knows beyond its database.

    Attributes:
        seen: the last event that it published; None before the first.
    """

    seen: Seen | None = None


@dataclass(frozen=True)
class Line:
    """What a session runs on.

    Attributes:
        store: the log. topic, client: where it is published, and the arguments of aiokafka's clients.
        signal: set when the log has grown. memory: of this process. sent: told of the line and how many records.
        size: most events a read; what is made of many more leaves the processor's caches.
        poll: seconds after which the log is read without a signal.
        name: which of the log's topics it is. types: of the events that go there; None for all.
    """

    store: EventStore
    topic: str
    client: Mapping[str, Any]
    signal: Signal
    memory: Memory
    sent: Callable[[str, int], None]
    size: int = 1000
    poll: float = 1.0
    name: str = EVENTS
    types: frozenset[str] | None = None

    @property
    def book(self) -> ProgressBook:
        """Its progress."""
        return ProgressBook(self.store.pool, self.name, self.types)

    def takes(self, events: Sequence[Recorded]) -> Sequence[Recorded]:
        """Those of the events that go on its topic."""
        return events if self.types is None else [event for event in events if event.type in self.types]


@contextlib.asynccontextmanager
async def session(line: Line, lease: Lease, epoch: int) -> AsyncIterator["Session"]:
    """Looks at log and topic, and opens a producer.

    Raises:
        LeaseLost: somebody else publishes. RelayStopped: an operator is needed.
    """
    book = line.book
    progress, epoch = await _examined(line, lease, epoch, book)
    made = producer(dict(line.client))
    try:
        await made.start()
        lineages = await line.store.lineages()
        before = lineages[-2].id if len(lineages) > 1 else None
        encoder = Encoder(line.store.source, lineages[-1].id, lineages[-1].began_after, epoch, before)
        yield Session(line, book, Outbox(made, line.topic, encoder, progress), made, lineages[-1].id, epoch)
    finally:
        await asyncio.shield(asyncio.ensure_future(give_up(made)))


async def _examined(line: Line, lease: Lease, epoch: int, book: ProgressBook) -> tuple[Progress, int]:
    """Progress and epoch, once log and topic tell of one history."""
    async with looking_at(line.topic, line.client) as end:
        partitions = len(end.ends)
        progress = await book.load(partitions)
        if partitions < progress.partitions:
            raise TopicShrunk(line.topic, progress.partitions, partitions)
        if partitions > progress.partitions:
            progress = progress.grown(partitions)
            await book.move(epoch, progress)
        examination = Examination(line.store, line.topic, end)
        examination.refuse_lost(progress)
        findings = await examination.compare(line.memory.seen)
    if findings.epoch >= epoch:
        epoch = await lease.exceed(epoch, findings.epoch)
    if findings.kept is not None:
        lineage = await line.store.begin_lineage(findings.kept)
        await logger.aerror(
            "lineage_begun",
            cause="the log lacks events that were published: it was restored from an older copy",
            action="rebuild the readers that have seen more than the log kept",
            source=line.store.source,
            kept=findings.kept,
            lineage=str(lineage),
        )
        progress = await book.back(progress, min(progress.position, findings.kept), progress.partitions)
        await book.move(epoch, progress, back=True)
        line.memory.seen = None
    return progress, epoch


class Session:
    """Publishes until something goes wrong.

    Attributes:
        epoch: of the lease under which it sends. goes_on: set once the broker has taken something, or where there is
            nothing to be sent; until then nobody knows whether it does.
    """

    def __init__(
        self, line: Line, book: ProgressBook, outbox: Outbox, made: AIOKafkaProducer, lineage: UUID, epoch: int
    ) -> None:
        self._line = line
        self._book = book
        self._outbox = outbox
        self._producer = made
        self._lineage = lineage
        self.epoch = epoch
        self.goes_on = asyncio.Event()
        self._underway: asyncio.Queue[tuple[Delivery, Recorded | None]] = asyncio.Queue(UNDERWAY)
        self._last: Recorded | None = None
        self._marked_at = 0.0
        self._looked_at = time.monotonic()

    async def publish(self) -> None:
        """Reads the log and hands it to the producer, for ever.

        Raises:
            LogReplaced: the log is another one. RelayStopped: an operator is needed. NoAnswer: Kafka is away.
        """
        position = self._outbox.progress.position
        if position:
            (self._last,) = await self._line.store.span(position, position) or (None,)
            if self._last is None:
                raise LogReplaced(self._line.store.source)
        await self._open_generation()
        while True:
            coming = self._line.signal.coming()
            events = await self._read()
            if events:
                self._outbox.put(self._line.takes(events))
                self._last = events[-1]
            due = time.monotonic() - self._marked_at >= WATERMARK_EVERY
            marked = due and self._last is not None and await self._mark(self._last)
            if events or marked:
                await self._hand_over()
            elif self._underway.empty():
                self.goes_on.set()
            if len(events) < self._line.size:
                await self._look_at_topic()
                await self._line.signal.wait(coming, WATERMARK_EVERY if not due else self._line.poll)

    async def acknowledge(self) -> None:
        """Waits for the broker's answers and moves progress after them, for ever.

        Raises:
            LeaseLost: another relay has taken over. NoAnswer, KafkaError: start again from progress.
        """
        noted_at = 0.0
        while True:
            progress, records, deliveries = self._outbox.progress, 0, 0
            handed: tuple[Delivery, Recorded | None] | None = await self._underway.get()
            while handed is not None:
                delivery, last = handed
                progress = await delivery.acknowledged(progress)
                records, deliveries = records + delivery.records, deliveries + 1
                handed = await self._handed(noted_at + NOTE_EVERY)
            await self._book.move(self.epoch, progress)
            noted_at = time.monotonic()
            self._outbox.progress = progress
            self.goes_on.set()
            if last is not None:
                self._line.memory.seen = Seen(self._lineage, last.position, last.id)
            self._line.sent(self._line.name, records)
            for _ in range(deliveries):
                self._underway.task_done()

    async def _handed(self, until: float) -> tuple[Delivery, Recorded | None] | None:
        """What is handed over next; None where nothing is by then, or that was before now."""
        if (left := until - time.monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    return await self._underway.get()
        return None

    async def settled(self) -> None:
        """Waits until everything that was handed over is acknowledged and noted."""
        await self._underway.join()

    async def _read(self) -> list[Recorded]:
        """The next events. The last one that was sent is read again each time: it tells whether the log is its own."""
        last, store = self._last, self._line.store
        if last is None:
            events = await store.read(0, self._line.size)
        else:
            events = await store.read(last.position - 1, self._line.size + 1)
            if not events or events[0].position != last.position or events[0].id != last.id:
                raise LogReplaced(store.source)
            del events[0]
        # asked after the events were read: they are of this history or of one before it
        if events and (await store.head()).lineage != self._lineage:
            raise LogReplaced(store.source)
        return events

    async def _mark(self, last: Recorded) -> bool:
        if not self._outbox.put_watermarks(last.position, last.recorded_at):
            return False
        if (await self._line.store.head()).lineage != self._lineage:
            raise LogReplaced(self._line.store.source)
        self._marked_at = time.monotonic()
        return True

    async def _hand_over(self) -> None:
        position = self._last.position if self._last else 0
        await self._underway.put((await self._outbox.send(position), self._last))

    async def _look_at_topic(self) -> None:
        """Begins another generation where the topic has grown."""
        if time.monotonic() - self._looked_at < LOOK_AT_TOPIC_EVERY:
            return
        self._looked_at = time.monotonic()
        try:
            partitions = len(await self._producer.partitions_for(self._line.topic))
        except UnknownTopicOrPartitionError:
            raise TopicMissing(self._line.topic) from None
        if partitions != self._outbox.progress.partitions:
            # the next session begins it
            await self.settled()
            raise TopicChanged(self._line.topic, partitions)

    async def _open_generation(self) -> None:
        """Tells every partition that the topic has grown, before the first event of the new generation.

        What was told before a crash is told again, and dropped as a repeat.
        """
        progress = self._outbox.progress
        if progress.generation == 1 or progress.position != progress.began_after:
            return
        previous = await self._book.lasts(progress.began_after, progress.before, progress.before_began_after)
        self._outbox.put_barriers(self._last.recorded_at if self._last else EPOCH, previous)
        await self._hand_over()
