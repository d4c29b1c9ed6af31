"""Waking who waits for something new. A signal is a hint: who waits also looks on its own now and then."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping

import asyncpg
import structlog

from services.chassis.postgres import AWAY, connect

CHANNEL = "maplebridge_log"
"""Something was appended."""
READ_CHANNEL = "maplebridge_read"
"""A read model has taken something in; the payload names it."""
QUIET = 0.005
"""Seconds between two notifications; what happens meanwhile is told together."""

Hear = Callable[[str], None]
"""Told a payload; an empty one says that anything may have happened."""
logger = structlog.get_logger(__name__)


class Signal:
    """Wakes everyone in this process who waits at that moment."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self, _: object = None) -> None:
        """Wakes them; takes what an append or a notification hands over, and does not need it."""
        self._event.set()
        self._event = asyncio.Event()

    def coming(self) -> asyncio.Event:
        """The next ``set``; asked for before one looks, so that what comes meanwhile is not slept through."""
        return self._event

    async def wait(self, coming: asyncio.Event, seconds: float) -> bool:
        """Waits for that one; False when the time ran out first."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await coming.wait()
        return coming.is_set()


class Notifier:
    """Tells other processes of the same database, after the commit and on a connection of its own.

    A NOTIFY within the appending transaction would take a lock of the whole cluster at every commit.

    Args:
        pool: of the database. channel: on which. quiet: seconds between two notifications.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", channel: str = CHANNEL, quiet: float = QUIET) -> None:
        self._pool = pool
        self._channel = channel
        self._quiet = quiet
        self._task: asyncio.Task[None] | None = None
        self._waiting: set[str] = set()

    def notify(self, payload: str = "") -> None:
        """Schedules one NOTIFY for all that is told within a few milliseconds; a payload is a name of ours."""
        self._waiting.add(payload)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send())

    async def close(self) -> None:
        """Ends it; what was not sent yet is found by polling."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _send(self) -> None:
        while self._waiting:
            told, self._waiting = self._waiting, set()
            notifications = "; ".join(f"notify {self._channel}, '{payload}'" for payload in sorted(told))
            try:
                # what is told is on disk already; a hint need not be
                await self._pool.execute(f"set local synchronous_commit = off; {notifications}")
            except AWAY as error:
                # readers poll as well; what is lost here is a little time
                await logger.awarning("notification_failed", error=str(error))
            await asyncio.sleep(self._quiet)


async def listen(dsn: str, hearing: Mapping[str, Hear]) -> None:
    """Tells, by channel, what other processes notify of; reconnects for as long as it runs."""
    while True:
        lost = asyncio.Event()
        try:
            connection = await connect(dsn)
        except AWAY:
            await asyncio.sleep(1)
            continue
        try:
            connection.add_termination_listener(lambda *_, lost=lost: lost.set())
            for channel, hear in hearing.items():
                await connection.add_listener(channel, lambda *heard, hear=hear: hear(str(heard[3])))
                hear("")  # whatever came while nobody listened
            await lost.wait()
        except AWAY:
            await asyncio.sleep(1)
        finally:
            if not connection.is_closed():
                connection.terminate()
