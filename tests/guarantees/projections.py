"""Projections under test: the product's runner, and four that are wrong."""

from collections.abc import Sequence
from typing import Protocol

import asyncpg

from services.chassis.postgres import Session
from services.chassis.projections import checkpoints, deadletters
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.projections.model import ReadModel
from services.chassis.projections.runner import EARLIER_WAITS, ProjectionRunner
from services.chassis.subscriptions.subscription import Batch, Mark, whole
from tests.guarantees.counting import add_up, tally


class ProjectionUnderTest(Protocol):
    """Takes batches in; each continues where its checkpoint stands."""

    model: ReadModel

    def __init__(self, dsn: str, pool: "asyncpg.Pool[asyncpg.Record]") -> None: ...

    async def take(self, connection: Session, batch: Batch) -> None:
        """Effect and checkpoint; what it raises is tried again from the checkpoint."""
        ...


class OneTransaction:
    """The real one: effect and checkpoint in one transaction; poison goes to the dead letters."""

    def __init__(self, dsn: str, pool: "asyncpg.Pool[asyncpg.Record]", model: ReadModel | None = None) -> None:
        self.model = model or tally()
        self._runner = ProjectionRunner(self.model, dsn, {}, Checkpoints(pool))

    async def take(self, connection: Session, batch: Batch) -> None:
        """The product's own."""
        await self._runner.take(connection, batch)


class CheckpointAfterwards(OneTransaction):
    """Wrong: the effect is committed, then the checkpoint is moved."""

    async def take(self, connection: Session, batch: Batch) -> None:
        """Effect first."""
        await self.model.apply(connection, batch.events)
        await checkpoints.move(connection, self.model.name, batch)


class CheckpointBefore(OneTransaction):
    """Wrong: the checkpoint is moved, then the effect is committed."""

    async def take(self, connection: Session, batch: Batch) -> None:
        """Checkpoint first."""
        await checkpoints.move(connection, self.model.name, batch)
        await self.model.apply(connection, batch.events)


class StopsEverything(OneTransaction):
    """Wrong: a batch with a poison event is tried again for ever."""

    async def take(self, connection: Session, batch: Batch) -> None:
        """All or nothing."""
        async with connection.transaction():
            await checkpoints.move(connection, self.model.name, batch)
            await add_up(connection, batch.events)


class LeavesPoisonOut(OneTransaction):
    """Wrong: the poison event is put aside, and its later siblings are taken in without it."""

    async def take(self, connection: Session, batch: Batch) -> None:
        """One by one, whatever fails left out."""
        async with connection.transaction():
            await checkpoints.move(connection, self.model.name, batch)
            for event in batch.events:
                try:
                    await add_up(connection, [event])
                except ValueError:
                    await deadletters.put(connection, self.model.name, event, EARLIER_WAITS)


def batches(events: Sequence, mark: Mark, cuts: Sequence[int]) -> list[Batch]:
    """Events after a mark as batches of one source, cut after as many events as ``cuts`` says, over and over."""
    after = mark.position
    made: list[Batch] = []
    sizes = list(cuts) or [1000]
    while events:
        size = sizes[len(made) % len(sizes)]
        part, events = events[:size], events[size:]
        made.append(whole("registry", after, part[-1].position, part, mark.lineage))
        after = part[-1].position
    return made
