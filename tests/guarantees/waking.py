"""Subscriptions under test: the product's, and one that has nothing but NOTIFY."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from services.chassis.eventstore.store import EventStore
from services.chassis.postgres import AWAY, connect
from services.chassis.subscriptions.log import LogSubscription
from services.chassis.subscriptions.subscription import Batch, whole
from services.chassis.subscriptions.wake import CHANNEL, Signal, listen
from tests.marks import batches


class NotifyAndPoll:
    """The real one: notifications wake it, and it looks on its own now and then."""

    def __init__(self, store: EventStore, listen_dsn: str) -> None:
        self._signal = Signal()
        self._dsn = listen_dsn
        self._subscription = LogSubscription(store, self._signal, poll=0.05)

    async def listening(self) -> None:
        """Nothing hangs on it."""

    async def batches(self, after: int) -> AsyncGenerator[Batch, None]:
        """The product's own."""
        hearing = asyncio.create_task(listen(self._dsn, {CHANNEL: self._signal.set}))
        try:
            async for batch in batches(self._subscription, after):
                yield batch
        finally:
            hearing.cancel()


class NotifyAlone:
    """Wrong: it reads when it is notified; what is committed while it does not listen waits for the next event."""

    def __init__(self, store: EventStore, listen_dsn: str) -> None:
        self._store, self._dsn = store, listen_dsn
        self._heard, self._listens = asyncio.Event(), asyncio.Event()

    async def listening(self) -> None:
        """Until it listens for the first time."""
        await self._listens.wait()

    async def batches(self, after: int) -> AsyncGenerator[Batch, None]:
        """Batches, each after a notification."""
        hearing = asyncio.create_task(self._listen())
        try:
            while True:
                await self._heard.wait()
                self._heard.clear()
                if events := await self._store.read(after):
                    yield whole(self._store.source, after, events[-1].position, events)
                    after = events[-1].position
        finally:
            hearing.cancel()

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(*AWAY):
                connection = await connect(self._dsn)
                lost = asyncio.Event()
                connection.add_termination_listener(lambda *_, lost=lost: lost.set())
                await connection.add_listener(CHANNEL, lambda *_: self._heard.set())
                self._listens.set()
                await lost.wait()
            await asyncio.sleep(0.01)
