"""How far a log is published on one of its topics."""

from collections.abc import Collection
from dataclasses import astuple, dataclass, replace

import asyncpg

from contracts.catalogue import CATALOGUE
from services.chassis.kafka.partitions import partition_of
from services.chassis.relay.lease import EVENTS, LeaseLost

LOAD = """
select position, partitions, generation, began_after, before, before_began_after, lasts, offsets
from relay.progress where line = $1
"""
BEGIN = """
insert into relay.progress
    (line, position, partitions, generation, began_after, before, before_began_after, lasts, offsets)
values ($1, 0, $2::integer, 1, 0, 0, 0, array_fill(0::bigint, array[$2]), array_fill(-1::bigint, array[$2]))
on conflict do nothing
"""
# the lease's row is locked, so that no take-over comes between the look at the epoch and the commit
MOVE = """
with owned as materialized (select epoch from relay.lease where line = $1 and epoch = $2 for share)
update relay.progress
set position = $3, partitions = $4, generation = $5, began_after = $6, before = $7, before_began_after = $8, lasts = $9,
    offsets = $10
from owned where line = $1 and (position <= $3 or $11)
"""
STREAMS = """
select position, stream from log.events
where position > $1 and position <= $2 and ($3::text[] is null or type = any($3))
order by position desc limit 5000
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """What has been acknowledged by the broker.

    Attributes:
        position: all events up to it. partitions: how many the topic has; the first generation's is what it began
            with, each growth begins another. generation, began_after: which one, and the position behind which it
            began. before, before_began_after: partitions and beginning of the generation before; 0 for none.
        lasts: for each partition, the position of the last event in it, at least ``began_after``; it
            follows from the log, the number of partitions and ``began_after`` alone.
        offsets: for each partition, the offset of the last record of ours, -1 for none.
    """

    position: int
    partitions: int
    generation: int
    began_after: int
    before: int
    before_began_after: int
    lasts: tuple[int, ...]
    offsets: tuple[int, ...]

    def grown(self, partitions: int) -> "Progress":
        """The same at the beginning of a generation with more partitions."""
        more = partitions - self.partitions
        return replace(
            self,
            partitions=partitions,
            generation=self.generation + 1,
            began_after=self.position,
            before=self.partitions,
            before_began_after=self.began_after,
            lasts=(self.position,) * partitions,
            offsets=self.offsets + (-1,) * more,
        )


class ProgressBook:
    """The progress of one topic of a log, in the service's own database.

    Args:
        pool: of that database. line: which of the log's topics. types: of the events that go there; None for all.
    """

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", line: str = EVENTS, types: Collection[str] | None = None
    ) -> None:
        self._pool = pool
        self._line = line
        self._types = None if types is None else sorted(CATALOGUE.names(types))

    async def load(self, partitions: int) -> Progress:
        """Where it stands; begun with so many partitions where there is none yet."""
        progress = await self.look()
        if progress is None:
            await self._pool.execute(BEGIN, self._line, partitions)
            progress = await self.look()
        if progress is None:
            raise LookupError("relay.progress has no row: run the migrations.")
        return progress

    async def look(self) -> Progress | None:
        """Where it stands; None where nothing was ever published."""
        row = await self._pool.fetchrow(LOAD, self._line)
        if row is None:
            return None
        columns = dict(row) | {"lasts": tuple(row["lasts"]), "offsets": tuple(row["offsets"])}
        return Progress(**columns)

    async def move(self, epoch: int, to: Progress, *, back: bool = False) -> None:
        """Moves it under an epoch, forward unless ``back``.

        Raises:
            LeaseLost: the epoch is not the current one, or somebody has come further.
        """
        if await self._pool.execute(MOVE, self._line, epoch, *astuple(to), back) != "UPDATE 1":
            raise LeaseLost(epoch)

    async def lasts(self, position: int, partitions: int, began_after: int) -> tuple[int, ...]:
        """For each partition the last event up to a position, by the log; ``began_after`` where there is none."""
        lasts = [began_after] * partitions
        missing = set(range(partitions))
        upto = position
        while missing and (rows := await self._pool.fetch(STREAMS, began_after, upto, self._types)):
            for row in rows:
                partition = partition_of(row["stream"], partitions)
                if partition in missing:
                    missing.discard(partition)
                    lasts[partition] = row["position"]
            upto = rows[-1]["position"] - 1
        return tuple(lasts)

    async def back(self, progress: Progress, position: int, partitions: int) -> Progress:
        """Where progress stands once everything after a position is sent again.

        Before its generation began, or with another number of partitions, it is a generation of its own.
        """
        if position < progress.began_after or partitions != progress.partitions:
            return Progress(
                position,
                partitions,
                progress.generation + 1,
                position,
                progress.partitions,
                min(progress.began_after, position),
                (position,) * partitions,
                (-1,) * partitions,
            )
        lasts = await self.lasts(position, partitions, progress.began_after)
        return replace(progress, position=position, lasts=lasts, offsets=(-1,) * partitions)
