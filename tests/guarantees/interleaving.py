"""Real transactions stepped by hand: writers that each append in a transaction of their own, and a follower.

A step is a permit. A writer takes one to append and one to end its transaction. After each permit, everybody is
waited for until they want the next one, have ended, or are said by PostgreSQL to wait for another's lock.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

import asyncpg
from hypothesis import strategies as st

from services.chassis.eventstore.types import Recorded
from services.chassis.ids import uuid7
from services.chassis.postgres import Session, connect
from services.chassis.subscriptions.log import LogSubscription
from services.chassis.subscriptions.subscription import LogReader
from services.chassis.subscriptions.wake import Signal
from tests.marks import batches

BLOCKED = "select cardinality(pg_blocking_pids($1)) > 0"
WRITERS = 3
LOOKS, LAST_LOOKS = 5, 8
"""In between, and at the end; at the end it is more than any reader waits for a gap."""


class LogUnderTest(LogReader, Protocol):
    """A log that can be appended to within a transaction that the test begins and ends."""

    TABLES: str
    """A script that makes its tables; empty where the migrations have."""

    def __init__(self, session: "asyncpg.Connection[asyncpg.Record]") -> None: ...

    async def append(self, writer: Session, stream: str, event: UUID) -> None:
        """Appends one event in the writer's open transaction."""
        ...


@dataclass(frozen=True)
class Schedule:
    """Who moves when.

    Attributes:
        moves: a writer's number, or None for the follower. streams: of each writer's event.
        commits: whether each writer commits, or rolls back.
    """

    moves: Sequence[int | None]
    streams: Sequence[str]
    commits: Sequence[bool]


def schedules() -> "st.SearchStrategy[Schedule]":
    """Every order of three transactions and a follower that looks in between."""
    everybody = [*range(WRITERS), *range(WRITERS), *[None] * LOOKS]
    return st.builds(
        Schedule,
        moves=st.permutations(everybody),
        streams=st.lists(st.sampled_from(["one", "two"]), min_size=WRITERS, max_size=WRITERS),
        commits=st.lists(st.sampled_from([True, True, False]), min_size=WRITERS, max_size=WRITERS),
    )


class Turnstile(Signal):
    """A signal that comes when the test says so; tells when the follower has read all that it saw."""

    def __init__(self) -> None:
        super().__init__()
        self._go, self._dry = asyncio.Event(), asyncio.Event()

    async def wait(self, coming: asyncio.Event, seconds: float) -> bool:
        self._dry.set()
        await self._go.wait()
        self._go.clear()
        return True

    async def look(self) -> None:
        """Lets the follower read until it finds nothing more."""
        await self._dry.wait()
        self._dry.clear()
        self._go.set()
        await self._dry.wait()


class Writer:
    """One transaction with one event."""

    def __init__(self, log: LogUnderTest, connection: "asyncpg.Connection[asyncpg.Record]", stream: str) -> None:
        self.event = uuid7()
        self.committed = False
        self._log, self._connection, self._stream = log, connection, stream
        self._pid = connection.get_server_pid()
        self._permits = asyncio.Semaphore(0)
        self._wanting = False
        self.task: asyncio.Task[None] | None = None

    async def run(self, commits: bool) -> None:
        """Appends, then commits or rolls back; a permit each."""
        await self._permit()
        transaction = self._connection.transaction()
        await transaction.start()
        await self._log.append(self._connection, self._stream, self.event)
        await self._permit()
        await (transaction.commit() if commits else transaction.rollback())
        self.committed = commits

    async def _permit(self) -> None:
        self._wanting = True
        await self._permits.acquire()
        self._wanting = False

    def move(self) -> None:
        """Gives a permit."""
        self._wanting = False
        self._permits.release()

    async def settled(self, watch: "asyncpg.Connection[asyncpg.Record]") -> bool:
        """Whether it waits for a permit, has ended, or waits for another's lock."""
        if self._wanting or self.task is None or self.task.done():
            return True
        return bool(await watch.fetchval(BLOCKED, self._pid))


@dataclass
class Run:
    """What came of a schedule.

    Attributes:
        before, versions: position of the follower, and version of each stream, before it.
        committed: ids of the events whose transactions committed. delivered: what the follower was given, in order.
    """

    before: int
    versions: dict[str, int]
    committed: list[UUID] = field(default_factory=list)
    delivered: list[Recorded] = field(default_factory=list)


class Theatre:
    """Plays schedules on one log; every schedule goes on where the one before has left the log."""

    def __init__(self, kind: type[LogUnderTest], dsn: str) -> None:
        self._kind, self._dsn = kind, dsn
        self._connections: list[asyncpg.Connection[asyncpg.Record]] = []
        self._position = 0
        self._versions: dict[str, int] = {}

    async def play(self, schedule: Schedule) -> Run:
        """Plays one schedule; the follower looks again when all is over."""
        if not self._connections:
            self._connections = [await connect(self._dsn) for _ in range(WRITERS + 2)]
        watch, reading, *connections = self._connections
        log = self._kind(reading)
        run = Run(self._position, dict(self._versions))
        turnstile = Turnstile()
        following = asyncio.create_task(self._follow(LogSubscription(log, turnstile), run))
        writers = [Writer(log, *pair) for pair in zip(connections, schedule.streams, strict=True)]
        for writer, commits in zip(writers, schedule.commits, strict=True):
            writer.task = asyncio.create_task(writer.run(commits))
        for mover in [*schedule.moves, *[None] * LAST_LOOKS]:
            await self._move(mover, writers, turnstile, watch)
        await asyncio.gather(*(writer.task for writer in writers if writer.task))
        await turnstile.look()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        self._position = run.delivered[-1].position if run.delivered else run.before
        self._versions |= {event.stream: event.version for event in run.delivered}
        run.committed = [writer.event for writer in writers if writer.committed]
        return run

    async def _move(
        self,
        mover: int | None,
        writers: Sequence[Writer],
        turnstile: Turnstile,
        watch: "asyncpg.Connection[asyncpg.Record]",
    ) -> None:
        if mover is None:
            await turnstile.look()
            return
        writers[mover].move()
        # one that ends frees another, which was looked at before: as many quiet rounds as there are writers
        quiet = 0
        while quiet < WRITERS:
            settled = [await writer.settled(watch) for writer in writers]
            quiet = quiet + 1 if all(settled) else 0
            await asyncio.sleep(0)

    async def _follow(self, subscription: LogSubscription, run: Run) -> None:
        async for batch in batches(subscription, run.before):
            run.delivered += batch.events
