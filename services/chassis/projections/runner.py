"""Runs one read model: fold, write, checkpoint, in one transaction a batch."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import asyncpg
import structlog

from services.chassis.eventstore.types import Recorded
from services.chassis.postgres import AWAY, PATIENT, connect
from services.chassis.projections import checkpoints, deadletters
from services.chassis.projections.checkpoints import CheckpointMoved, Checkpoints
from services.chassis.projections.model import ReadModel
from services.chassis.projections.standstill import give_way, stand_refused, stand_still
from services.chassis.subscriptions.subscription import Batch, MustRebuild, Reading, SourceRefused, Subscription

logger = structlog.get_logger(__name__)
EARLIER_WAITS = "an earlier event of its stream waits"
Observe = Callable[[str, str, Sequence[Recorded]], None]
Taken = Callable[["asyncpg.Connection[asyncpg.Record]", Sequence[Recorded], set[str]], Awaitable[None]]
"""Takes events in, in a transaction that has moved the checkpoint; told the streams that wait."""


class ProjectionRunner:
    """Keeps one read model up to date from its subscriptions.

    Args:
        model: which. dsn: the database, as the application role.
        subscriptions: one for each source of the model.
        checkpoints: told of each commit. schema: where the tables are; the model's name unless a rebuild grows.
        observe: told the read model, the source and the events after each commit, for metrics.
    """

    def __init__(
        self,
        model: ReadModel,
        dsn: str,
        subscriptions: Mapping[str, Subscription],
        checkpoints_: Checkpoints,
        *,
        schema: str | None = None,
        observe: Observe = lambda *_: None,
    ) -> None:
        self.model = model
        self.schema = schema or model.name
        self._dsn = dsn
        self._subscriptions = subscriptions
        self._checkpoints = checkpoints_
        self._observe = observe
        self._turn = asyncio.Lock()
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    async def run(self) -> None:
        """Runs until cancelled; a database that goes away is waited for."""
        try:
            async with asyncio.TaskGroup() as group:
                for source in self.model.sources:
                    group.create_task(self._follow(source), name=f"{self.schema}:{source}")
        finally:
            if self._connection is not None and not self._connection.is_closed():
                self._connection.terminate()

    async def _follow(self, source: str) -> None:
        marks = self._checkpoints.marks(self.schema)
        while True:
            try:
                async with self._subscriptions[source].reading(marks, self.model.names) as reading:
                    await self._take_batches(source, reading)
            except SourceRefused as error:
                await stand_refused(self._checkpoints, self.schema, source, error)
            except AWAY as error:
                await logger.awarning(
                    "projection_waits", projection=self.schema, source=source, cause=type(error).__name__
                )
                await asyncio.sleep(0.5)
            except MustRebuild as error:
                await stand_still(self._checkpoints, self.schema, source, error)

    async def _take_batches(self, source: str, reading: Reading) -> None:
        begun = False
        while True:
            batch = await reading.batch()
            if not begun:  # until something was read, a stop that is on record stays
                await self._checkpoints.go_on(self.schema, source)
                begun = True
            try:
                async with self._turn:
                    await self.take(await self._connected(), batch)
            except CheckpointMoved as error:
                # a rebuild switched, or another owner took over: read where it stands now
                await logger.ainfo("checkpoint_moved_elsewhere", reason=str(error))
                await give_way(self._checkpoints, self.schema, self.model.version)
                await reading.again()
                continue
            if batch.moved:
                self._checkpoints.moved(self.schema)
                self._observe(self.schema, batch.source, batch.events)

    async def _connected(self) -> "asyncpg.Connection[asyncpg.Record]":
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(
                self._dsn, search_path=self.schema, application_name=self.schema, **PATIENT
            )
        return self._connection

    async def take(self, connection: "asyncpg.Connection[asyncpg.Record]", batch: Batch) -> None:
        """Takes one batch in: its effect and the checkpoint, both or neither.

        Raises:
            CheckpointMoved: the batch does not continue what the read model holds.
        """
        wanted = [event for event in batch.events if event.type in self.model.names]
        if not wanted:
            await checkpoints.move(connection, self.schema, batch, version=self.model.version)
            return
        try:
            await self._take(connection, batch, wanted, self._apply)
        except (*AWAY, CheckpointMoved):
            raise
        except Exception:  # noqa: BLE001 - what it was is found out below, and put on record there
            await self._take(connection, batch, wanted, self._fold)

    async def _take(
        self,
        connection: "asyncpg.Connection[asyncpg.Record]",
        batch: Batch,
        wanted: Sequence[Recorded],
        taken: Taken,
    ) -> None:
        streams = {event.stream for event in wanted}
        async with connection.transaction():
            waiting = await checkpoints.move(connection, self.schema, batch, streams, self.model.version)
            await taken(connection, wanted, waiting)

    async def _apply(
        self, connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded], blocked: set[str]
    ) -> None:
        """Applies all of them, without the savepoint that only a failure needs."""
        if blocked:
            await self._fold(connection, events, blocked)
        else:
            await self.model.apply(connection, events)

    async def _fold(
        self, connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded], blocked: set[str]
    ) -> None:
        """Folds the events, halving a batch that fails until the one that cannot be folded stands alone."""
        flowing = []
        for event in events:
            if event.stream in blocked:
                await deadletters.put(connection, self.schema, event, EARLIER_WAITS)
            else:
                flowing.append(event)
        if not flowing:
            return
        try:
            async with connection.transaction():
                await self.model.apply(connection, flowing)
        except AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - poison stops its own stream, is on record, and flows no further
            if len(flowing) == 1:
                await self._set_aside(connection, flowing[0], error, blocked)
                return
            middle = len(flowing) // 2
            await self._fold(connection, flowing[:middle], blocked)
            await self._fold(connection, flowing[middle:], blocked)

    async def _set_aside(
        self, connection: "asyncpg.Connection[asyncpg.Record]", event: Recorded, error: Exception, blocked: set[str]
    ) -> None:
        blocked.add(event.stream)
        reason = deadletters.reason(error)
        await deadletters.put(connection, self.schema, event, reason)
        await logger.aerror(
            "event_dead_lettered", projection=self.schema, position=event.position, type=event.type, reason=reason
        )
