"""Reads logs into a read model that grows beside the live one, exactly as far as the live one has read."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

import asyncpg

from services.chassis.eventstore.types import Recorded
from services.chassis.postgres import connect
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.projections.model import ReadModel
from services.chassis.projections.runner import ProjectionRunner
from services.chassis.subscriptions.layout import Layout
from services.chassis.subscriptions.subscription import WHOLE, Batch, LogReader, Mark, Move

Progress = Callable[[str, int], None]
"""Told the source and the position reached."""
Held = Mapping[int, Mark]
"""The marks of one source, by partition."""
CHUNK = 2000


@contextlib.asynccontextmanager
async def replaying(
    model: ReadModel, beside: str, dsn: str, readers: Mapping[str, LogReader], progress: Progress
) -> AsyncIterator["Replay"]:
    """Opens what a replay works on.

    Args:
        model: which. beside: the schema to fill. dsn: the application's address. readers: the log of each source.
    """
    pool = await asyncpg.create_pool(dsn, min_size=1, max_size=2)
    connection = await connect(dsn, search_path=beside)
    try:
        yield Replay(model, beside, readers, progress, Checkpoints(pool), connection)
    finally:
        await connection.close()
        await pool.close()


class Replay:
    """Fills the schema beside."""

    def __init__(
        self,
        model: ReadModel,
        beside: str,
        readers: Mapping[str, LogReader],
        progress: Progress,
        checkpoints: Checkpoints,
        connection: "asyncpg.Connection[asyncpg.Record]",
    ) -> None:
        self._sources = model.sources
        self._readers = readers
        self._progress = progress
        self._marks = checkpoints.marks(beside)
        self._connection = connection
        self._runner = ProjectionRunner(model, "", {}, checkpoints, schema=beside)

    async def to_the_head(self) -> None:
        """Reads every log to its end."""
        for source in self._sources:
            await self._read(source, None)

    async def upto(self, held: Mapping[str, Held], layouts: Mapping[str, Layout]) -> None:
        """Reads each log as far as these marks, partition by partition where it is read so."""
        for source in self._sources:
            partitions = {partition: mark.position for partition, mark in held[source].items() if partition != WHOLE}
            if len(await self._marks.held(source)) <= 1:  # once it is read by partition, it is never again read whole
                await self._read(source, min(partitions.values(), default=held[source][WHOLE].position))
            if partitions:
                await self._align(source, partitions, layouts[source])

    async def _read(self, source: str, limit: int | None) -> None:
        await self._marks.begin(source, [WHOLE])
        mark = (await self._marks.held(source))[WHOLE]
        lineage = (await self._readers[source].head()).lineage
        while limit is None or mark.position < limit:
            size = CHUNK if limit is None else min(CHUNK, limit - mark.position)
            events = await self._readers[source].read(mark.position, size)
            if not events:
                break
            to = Mark(events[-1].position, lineage)
            await self._runner.take(self._connection, Batch(source, (Move(WHOLE, mark, to),), events))
            mark = to
            self._progress(source, mark.position)

    async def _align(self, source: str, wanted: Mapping[int, int], layout: Layout) -> None:
        """From where the log was read whole to the mark of each partition."""
        await self._marks.begin(source, list(wanted))
        marks = await self._marks.held(source)
        after, lineage = min(marks[partition].position for partition in wanted), marks[WHOLE].lineage
        while after < max(wanted.values()):
            events = await self._readers[source].read(after, min(CHUNK, max(wanted.values()) - after))
            if not events:
                break
            upto = events[-1].position
            moves = {}
            for partition, end in sorted(wanted.items()):
                held = marks[partition]
                marks[partition] = to = Mark(max(held.position, min(end, upto)), lineage)
                moves[partition] = Move(partition, held, to)
            await self._runner.take(
                self._connection, Batch(source, tuple(moves.values()), _passed(events, moves, layout))
            )
            after = upto


def _passed(events: Sequence[Recorded], moves: Mapping[int, Move], layout: Layout) -> list[Recorded]:
    """The events that the mark of their own partition passes."""
    passed = []
    for event in events:
        move = moves[layout.partition(event.stream, event.position)]
        if move.held.position < event.position <= move.to.position:
            passed.append(event)
    return passed
