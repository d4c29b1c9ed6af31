"""A read model of analytics that reads a log from its beginning, beside the peer's projection runner."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from services.analytics.views.kpi import KPI
from services.chassis.eventstore.bulk import BulkWriter
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Recorded
from services.chassis.postgres import engine
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.projections.rebuild import Rebuild
from services.chassis.projections.runner import ProjectionRunner
from services.chassis.subscriptions.log import LogSubscription
from services.chassis.subscriptions.subscription import Subscription
from services.chassis.subscriptions.wake import Signal
from tests.benchmarks.a_log import LogMeasure
from tests.benchmarks.happenings import log_of
from tests.benchmarks.measure import sized
from tests.benchmarks.peer import environment
from tests.benchmarks.peer_counts import PeerCounts
from tests.benchmarks.timing import while_running

INCIDENTS, PEER_INCIDENTS = sized(60_000, 1_000), sized(1_500, 50)
SOURCE = "incidents"
MODEL = replace(KPI, sources=(SOURCE,))
"""As it is delivered, but for the other two logs, which are empty here."""
EMPTY = sa.text("truncate kpi.happenings, kpi.series, kpi.reports, kpi.coverages")
AGAIN = sa.text('update projections.checkpoints set position = 0, lineage = null, "offset" = null')


class FromTheBeginning(LogMeasure):
    """A filled log and a read model that is to take it in: counts by kind, category, place and day, with the events
    behind them; exactly once."""

    unit = "events/s"
    least = 60_000

    async def prepare(self) -> None:
        """Fills the log, and makes the tables."""
        await super().prepare()
        rows = list(log_of(INCIDENTS))
        await BulkWriter(self.database.pool).write(rows)
        self.events = len(rows)
        self.wanted = sum(row.event.type in MODEL.names for row in rows)
        self.owner = engine(self.server.dsn("bench"))
        self.stack.push_async_callback(self.owner.dispose)
        await Rebuild(MODEL, self.owner, self.database.dsn, {}).prepare()

    async def again(self) -> None:
        """The read model has taken in nothing."""
        async with self.owner.begin() as connection:
            await connection.execute(EMPTY)
            await connection.execute(AGAIN)

    async def project(self, subscription: Subscription) -> None:
        """Run the read model until it has taken in every event that it wants."""
        taken, done = 0, asyncio.Event()

        def observe(_: str, __: str, events: Sequence[Recorded]) -> None:
            nonlocal taken
            taken += sum(event.type in MODEL.names for event in events)
            if taken >= self.wanted:
                done.set()

        checkpoints = Checkpoints(self.database.pool)
        runner = ProjectionRunner(MODEL, self.database.dsn, {SOURCE: subscription}, checkpoints, observe=observe)
        running = asyncio.create_task(runner.run())
        await while_running(done.wait(), running)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


class CatchUp(FromTheBeginning):
    """By the log; the peer counts the same, exactly once too."""

    name = "catch-up"
    against = "eventsourcing's projection runner, a row an event"
    target = 20.0

    async def prepare(self) -> None:
        """Fills both logs, and makes the tables."""
        await super().prepare()
        self.peer = PeerCounts(await environment(self.server))
        await asyncio.to_thread(self.peer.fill, PEER_INCIDENTS)

    async def ours(self) -> int:
        """The runner of the read model, from the first position to the last."""
        began = asyncio.get_running_loop().time()
        await self.again()
        self.idle = asyncio.get_running_loop().time() - began
        await self.project(LogSubscription(EventStore(SOURCE, self.database.pool), Signal()))
        return self.events

    async def reference(self) -> int:
        """The peer's, over the same kind of events."""
        began = asyncio.get_running_loop().time()
        seconds = await asyncio.to_thread(self.peer.count)
        self.idle = asyncio.get_running_loop().time() - began - seconds
        return PEER_INCIDENTS
