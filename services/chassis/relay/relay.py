"""Keeps a log published, for as long as its process runs."""

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from services.chassis.clock import Clock
from services.chassis.kafka.rights import REFUSED, Grant, RightsMissing, named
from services.chassis.postgres import AWAY
from services.chassis.relay.lease import Lease, LeaseLost
from services.chassis.relay.session import Line, LogReplaced, Session, TopicChanged, session
from services.chassis.relay.stops import RelayStopped
from services.chassis.telemetry import Telemetry

logger = structlog.get_logger(__name__)
LEASE_SECONDS = 3.0
STANDBY_EVERY = 0.25
AGAIN_AFTER = 0.5
STOPPED_FOR = 3.0
LAST_WORDS = 3.0
RIGHTS = ("Read", "Write", "Describe")
"""What it does with its topic; before it goes on there it reads the end."""
FIRST_UNSENT = "select recorded_at from log.events where position = $1"


@dataclass
class RelayState:
    """What a relay says of itself.

    Attributes:
        epoch: of the lease that it holds; 0 while another one does. reason: why it does not publish, or ``""``.
        stopped: an operator is needed. away: what it needs does not answer.
    """

    epoch: int = 0
    reason: str = "it has not begun yet"
    stopped: bool = False
    away: bool = False


class Relay:
    """Publishes one log on one topic while it holds the lease, and waits for it otherwise.

    Attributes:
        line: which of the log's topics. state: what it says of itself.

    Args:
        line: log and topic. owner: names this process, for people. clock: for the age of what waits.
        telemetry: for metrics. lease_seconds: after which another relay takes over from one that is silent.
    """

    def __init__(
        self, line: Line, owner: str, clock: Clock, telemetry: Telemetry, *, lease_seconds: float = LEASE_SECONDS
    ) -> None:
        self._line = line
        self._lease = Lease(line.store.pool, owner, lease_seconds, line.name)
        self._book = line.book
        self._clock = clock
        self._telemetry = telemetry
        self.line = line.name
        self.state = RelayState()
        telemetry.relay_epoch(line.name, 0)

    async def run(self, stop: asyncio.Event) -> None:
        """Runs until the event is set; what goes wrong is said and tried again."""
        measuring = asyncio.create_task(self._measure())
        try:
            while not stop.is_set():
                await self._turn(stop)
        finally:
            measuring.cancel()
            await asyncio.gather(measuring, return_exceptions=True)

    async def _turn(self, stop: asyncio.Event) -> None:
        try:
            epoch = await self._lease.take()
            if epoch is None:
                self._say("another relay publishes this log")
                await _pause(stop, STANDBY_EVERY)
                return
            await self._hold(epoch, stop)
        except (RelayStopped, RightsMissing) as error:
            await self._stand(error, stop)
        except REFUSED as error:
            rights = Grant("topic", self._line.topic, RIGHTS)
            await self._stand(await named(self._line.client, [rights], error), stop)
        except (LeaseLost, LogReplaced, TopicChanged) as error:
            self._say(str(error))
            await logger.awarning("relay_restarts", source=self._line.store.source, reason=str(error))
            await _pause(stop, STANDBY_EVERY)
        except (KafkaError, *AWAY, TimeoutError) as error:
            reason = f"Kafka or the database does not answer ({type(error).__name__}: {error})"
            self._say(reason, away=True)
            await logger.awarning("relay_waits", source=self._line.store.source, reason=reason)
            await _pause(stop, AGAIN_AFTER)

    async def _stand(self, why: Exception, stop: asyncio.Event) -> None:
        """Waits for an operator, and looks now and then whether it may go on."""
        self._say(str(why), stopped=True)
        await logger.aerror("relay_stopped", source=self._line.store.source, reason=str(why))
        await _pause(stop, STOPPED_FOR)

    async def _hold(self, epoch: int, stop: asyncio.Event) -> None:
        """Publishes under a lease until it is lost, something fails, or the process is to end."""
        holding = Holding(epoch)
        try:
            await _first_of(self._renew(holding), self._publish(holding, stop))
        finally:
            self.state.epoch = 0
            self._telemetry.relay_epoch(self._line.name, 0)
            with contextlib.suppress(*AWAY):
                await self._lease.release(holding.epoch)

    async def _publish(self, holding: "Holding", stop: asyncio.Event) -> None:
        async with session(self._line, self._lease, holding.epoch) as opened:
            holding.epoch = self.state.epoch = opened.epoch
            self._telemetry.relay_epoch(self._line.name, opened.epoch)
            await _first_of(opened.publish(), opened.acknowledge(), self._ended(opened, stop), self._told(opened))

    async def _told(self, opened: Session) -> None:
        """Says that it publishes once that is so; what it was stopped by may be there still."""
        await opened.goes_on.wait()
        self._say("")
        await logger.ainfo("relay_publishes", source=self._line.store.source, epoch=opened.epoch)
        await asyncio.Event().wait()

    async def _ended(self, opened: Session, stop: asyncio.Event) -> None:
        await stop.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS):
                await opened.settled()

    async def _renew(self, holding: "Holding") -> None:
        """Holds the lease; a database that is silent for as long as the lease lasts ends it."""
        held_at = time.monotonic()
        while True:
            await asyncio.sleep(self._lease.seconds / 4)
            epoch = holding.epoch
            try:
                await self._lease.renew(epoch)
                held_at = time.monotonic()
            except LeaseLost:
                if holding.epoch == epoch:
                    raise
            except AWAY:
                if time.monotonic() - held_at > self._lease.seconds:
                    raise

    async def _measure(self) -> None:
        while True:
            with contextlib.suppress(*AWAY):
                await self._measure_once()
            await asyncio.sleep(1)

    async def _measure_once(self) -> None:
        store = self._line.store
        progress = await self._book.look()
        reached = progress.position if progress else 0
        behind = max(0, (await store.head()).position - reached)
        first = await store.pool.fetchval(FIRST_UNSENT, reached + 1) if behind else None
        seconds = max(0.0, (self._clock.now() - first).total_seconds()) if first else 0.0
        self._telemetry.relay_lag(self._line.name, behind, seconds)

    def _say(self, reason: str, *, stopped: bool = False, away: bool = False) -> None:
        self.state.reason, self.state.stopped, self.state.away = reason, stopped, away
        self._telemetry.relay_stopped(self._line.name, stopped=stopped)


@dataclass
class Holding:
    """The epoch that is held now; it may be raised while it is held."""

    epoch: int


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


async def _first_of(*works: Coroutine[Any, Any, None]) -> None:
    """Runs them together until the first ends or fails; the others are cancelled and waited for."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        ended = [task for task in tasks if task.done()]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        task.result()
