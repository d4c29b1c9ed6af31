"""Relays under test: made of the product's lease, outbox and progress, and two that are wrong."""

from dataclasses import replace

import asyncpg

from services.chassis.eventstore.store import EventStore
from services.chassis.kafka.messages import Encoder
from services.chassis.relay.lease import Lease
from services.chassis.relay.outbox import Delivery, Outbox
from services.chassis.relay.progress import Progress, ProgressBook
from tests.guarantees.topic import NAME, Topic, Wire

UNFENCED = "update relay.progress set position = $1, lasts = $2"


class FencedByEpoch:
    """The real one's steps: send, wait for the broker, move progress under the epoch of the lease."""

    def __init__(self, store: EventStore, pool: "asyncpg.Pool[asyncpg.Record]", topic: Topic) -> None:
        self._store, self._pool, self._topic = store, pool, topic
        self._book = ProgressBook(pool)
        self.wire = Wire(topic)
        self.epoch = 0
        self._delivery: Delivery | None = None

    async def take_over(self) -> None:
        """Becomes the owner, whoever was, and begins where progress stands."""
        self.epoch = await Lease(self._pool, "test", 30).take(by_force=True) or 0
        lineage = (await self._store.lineages())[-1]
        progress = await self._book.load(self._topic.partitions)
        encoder = Encoder("registry", lineage.id, lineage.began_after, self.epoch)
        self._outbox = Outbox(self.wire, NAME, encoder, progress)

    async def send(self) -> None:
        """Hands over the next few events."""
        sent = self._outbox.progress.position
        events = await self._store.read(sent, 3)
        self._outbox.put(events)
        self._delivery = await self._outbox.send(events[-1].position if events else sent)

    async def note(self) -> None:
        """Notes what the broker has acknowledged."""
        if self._delivery is not None:
            await self._move(await self._delivery.acknowledged(self._outbox.progress))
        self._delivery = None

    async def published(self) -> int:
        """Where progress stands."""
        progress = await self._book.look()
        return progress.position if progress else 0

    async def _move(self, to: Progress) -> None:
        """Raises LeaseLost: somebody else publishes."""
        await self._book.move(self.epoch, to)
        self._outbox.progress = to


class FencedByALockAlone(FencedByEpoch):
    """Wrong: whoever holds an advisory lock publishes; one that was paused does not know that it lost it."""

    async def _move(self, to: Progress) -> None:
        await self._pool.execute(UNFENCED, to.position, list(to.lasts))
        self._outbox.progress = to


class NotesBeforeTheAnswer(FencedByEpoch):
    """Wrong: progress is moved when the events are handed over."""

    async def send(self) -> None:
        """Notes, then waits for nobody."""
        await super().send()
        delivery = self._delivery
        assert delivery is not None
        await self._move(replace(self._outbox.progress, position=delivery._position, lasts=delivery._lasts))

    async def note(self) -> None:
        """It was noted before."""
        self._delivery = None
