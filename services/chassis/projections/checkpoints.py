"""How far a projection has read, and waiting until it has read far enough."""

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

import asyncpg

from services.chassis.eventstore.shared import Shared
from services.chassis.postgres import Session
from services.chassis.subscriptions.layout import Layout
from services.chassis.subscriptions.subscription import WHOLE, Batch, Mark
from services.chassis.subscriptions.wake import Signal

Vector = Mapping[str, int]
Holds = Callable[[str, Mark], Awaitable[bool]]
"""Whether the history that a mark of a source is of holds what is asked for; what it raises ends the wait."""
POLL = 0.25
"""Seconds after which who waits looks again, though nobody has told of a commit."""

# how a topic is divided is read with the marks of its partitions, and once
READ = """
select source, partition, position, lineage,
       case when partition = 0 then array(
           select array[layout.began_after, layout.partitions] from projections.layouts as layout
           where layout.source = mark.source order by layout.began_after
       ) end as grown,
       exists (select from projections.dead_letters as letter where letter.projection = $1) as letters,
       array(select stopped.source from projections.stopped as stopped where stopped.projection = $1) as stopped
from projections.checkpoints as mark where projection = $1
"""
# a partition that was never read stands where the log was read whole: what a rebuild took in is not taken twice
START = """
insert into projections.checkpoints (projection, source, partition, position, lineage)
select $1, $2, wanted.partition, coalesce(whole.position, 0), whole.lineage
from unnest($3::integer[]) as wanted (partition)
left join projections.checkpoints as whole
on whole.projection = $1 and whole.source = $2 and whole.partition = -1
on conflict do nothing
"""
HELD = """
select partition, position, lineage, "offset" from projections.checkpoints where projection = $1 and source = $2
"""
# compared and set, all or none: a stalled former owner that commits late changes no row, and aborts; so does a release
# whose tables have been replaced by another's
MOVE = """
with step as (
    select * from unnest($3::integer[], $4::bigint[], $5::uuid[], $6::bigint[], $7::uuid[], $8::bigint[])
        as step (partition, held, held_lineage, position, lineage, "offset")
), held as (
    select mark.partition from projections.checkpoints as mark join step using (partition)
    where mark.projection = $1 and mark.source = $2
    and mark.position = step.held and mark.lineage is not distinct from step.held_lineage
    and not exists (select from projections.models as model where model.name = $1 and model.version <> $10)
    for update of mark
), moved as (
    update projections.checkpoints as mark
    set position = step.position, lineage = step.lineage, "offset" = step."offset"
    from step
    where mark.projection = $1 and mark.source = $2 and mark.partition = step.partition
    and (select count(*) from held) = cardinality($3)
    returning mark.partition
)
select (select count(*) from moved) as moved, exists (
    select from projections.dead_letters as letter where letter.projection = $1 and letter.source = $2
    and letter.stream = any($9::text[])
) as waiting
"""
# a statement of its own: who had the lock on the marks before may have settled them
WAITING = """
select distinct stream from projections.dead_letters
where projection = $1 and source = $2 and stream = any($3::text[])
"""
BACK = """
update projections.checkpoints set position = least(position, $3), lineage = null, "offset" = null
where projection = $1 and source = $2
"""
STAYS = """
select from projections.checkpoints
where projection = $1 and source = $2 and partition = $3 and position = $4 and lineage is not distinct from $5
"""
LAYOUT = "select began_after, partitions from projections.layouts where source = $1 order by began_after"
DIVIDE = "insert into projections.layouts values ($1, $2, $3) on conflict do nothing"
# who comes late to a topic sees at first only how it is divided now
WAS_DIVIDED = """
update projections.layouts set partitions = $3 where source = $1 and partitions <> $3 and began_after = (
    select max(began_after) from projections.layouts where source = $1 and began_after < $2
)
"""
STOP = """
insert into projections.stopped values ($1, $2, $3)
on conflict (projection, source) do update set reason = excluded.reason
"""
GO_ON = "delete from projections.stopped where projection = $1 and source = $2"
STOPPED = "select projection, source, reason from projections.stopped order by projection, source"
VERSION = "select version from projections.models where name = $1"
LETTER = """
select position, stream, error from projections.dead_letters
where projection = $1 and source = $2 and position = $3
"""


class CheckpointMoved(Exception):
    """Somebody else has moved this projection's checkpoint: two runners work on one read model."""


class NotReadYet(Exception):
    """A read model did not reach the position asked for within the time allowed."""

    def __init__(self, projection: str, wanted: Vector, reached: Vector) -> None:
        super().__init__(f"{projection} has read {dict(reached)}, not yet {dict(wanted)}: ask again in a moment.")
        self.projection = projection


class SetAside(Exception):
    """The event asked for could not be folded in; its stream waits in the dead letters."""

    def __init__(self, projection: str, stream: str, error: str) -> None:
        super().__init__(
            f"{projection} has set {stream} aside ({error}): an operator must retry or drop its dead letters."
        )
        self.projection = projection
        self.stream = stream


class ReaderStopped(Exception):
    """The read model takes nothing in: its positions may be of a history that the log has left."""

    def __init__(self, projection: str, source: str) -> None:
        super().__init__(
            f"{projection} has stopped reading {source}, so nobody can say that what you have written is in this "
            "picture: an operator is needed (`maplebridge projections list` says why)."
        )
        self.projection = projection


@dataclass(frozen=True, slots=True)
class Stopped:
    """A projection that reads no further. projection, source: which. reason: a sentence."""

    projection: str
    source: str
    reason: str


@dataclass(frozen=True)
class Seen:
    """What a look at a projection found.

    Attributes:
        marks: of each source by partition, ``WHOLE`` alone where its log is read whole. letters: something waits in the
            dead letters. stopped: the sources of which it reads no further. layouts: of each source that is read by
            partition, how its topic is divided.
    """

    marks: Mapping[str, Mapping[int, Mark]]
    letters: bool
    stopped: frozenset[str]
    layouts: Mapping[str, Layout] = field(default_factory=dict)

    @cached_property
    def least(self) -> Mapping[str, Mark]:
        """The mark of each source behind which nothing is missing: of its partitions, the one that is furthest back."""
        return {source: min(marks.values(), key=lambda mark: mark.position) for source, marks in self.marks.items()}

    @property
    def positions(self) -> dict[str, int]:
        """What has been read of each source, in all of its partitions."""
        return {source: mark.position for source, mark in self.least.items()}


class ReaderMarks:
    """The marks of one projection, as a subscription asks for them."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", name: str) -> None:
        self._pool = pool
        self.name = name

    async def begin(self, source: str, partitions: Sequence[int]) -> None:
        """Makes the marks of these partitions where they are missing, at what was read of the log whole."""
        await self._pool.execute(START, self.name, source, list(partitions))
        if WHOLE not in partitions:
            await self._pool.execute(DIVIDE, source, 0, len(partitions))

    async def held(self, source: str) -> dict[int, Mark]:
        """All marks of a source, by partition."""
        rows = await self._pool.fetch(HELD, self.name, source)
        return {row["partition"]: Mark(row["position"], row["lineage"], row["offset"]) for row in rows}

    async def divided(self, source: str, began_after: int, before: int, partitions: int) -> None:
        """A topic that had ``before`` partitions has so many from a position on."""
        await self._pool.execute(WAS_DIVIDED, source, began_after, before)
        await self._pool.execute(DIVIDE, source, began_after, partitions)

    async def layout(self, source: str) -> Layout:
        """How a source's topic is divided; in one where nothing else is known."""
        return await layout_of(self._pool, source)

    async def put_back(self, source: str, position: int) -> None:
        """Nothing after a position is taken for read any more, of whichever history it was."""
        await self._pool.execute(BACK, self.name, source, position)


async def layout_of(pool: "asyncpg.Pool[asyncpg.Record]", source: str) -> Layout:
    """How a source's topic is divided; in one where nothing else is known."""
    rows = await pool.fetch(LAYOUT, source)
    return Layout([(row["began_after"], row["partitions"]) for row in rows] or [(0, 1)])


async def move(
    connection: Session, projection: str, batch: Batch, streams: Collection[str] = (), version: int | None = None
) -> set[str]:
    """Moves the marks through a batch, in the transaction of its effect.

    Args:
        streams: of the batch's events. Those that wait in the dead letters are answered.
        version: of the read model that the caller writes; None where there is but one.

    Raises:
        CheckpointMoved: the batch does not continue what the projection holds, or its rows are of another version.
    """
    source, steps = batch.source, batch.moves
    if all(step.held == step.to for step in steps):
        for step in steps:
            if not await connection.fetch(STAYS, projection, source, step.partition, *_place(step.held)):
                raise CheckpointMoved(f"{projection} is not at {source}={step.held.position} any more")
        return set()
    columns = [(step.partition, *_place(step.held), *_place(step.to), step.to.offset) for step in steps]
    arguments = *map(list, zip(*columns, strict=True)), list(streams), version
    done = await connection.fetchrow(MOVE, projection, source, *arguments)
    if done is None or done["moved"] != len(steps):
        raise CheckpointMoved(f"{projection} is not at {source}={steps[0].held.position} any more")
    if not done["waiting"]:
        return set()
    return {row["stream"] for row in await connection.fetch(WAITING, projection, source, list(streams))}


def _place(mark: Mark) -> tuple[int, UUID | None]:
    return mark.position, mark.lineage


class Checkpoints:
    """Positions of the projections of one database.

    Args:
        pool: of the database. tell: is told the name of each projection that a runner of this process has moved, for
            readers in other processes.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", tell: Callable[[str], None] = lambda _: None) -> None:
        self._pool = pool
        self._tell = tell
        self._signals: defaultdict[str, Signal] = defaultdict(Signal)
        self._looks = Shared(self._look)

    def marks(self, projection: str) -> ReaderMarks:
        """The marks of one projection."""
        return ReaderMarks(self._pool, projection)

    async def stop(self, projection: str, source: str, reason: str) -> None:
        """Puts on record that a projection reads no further until somebody has acted."""
        await self._pool.execute(STOP, projection, source, reason)

    async def go_on(self, projection: str, source: str) -> None:
        """The projection reads on."""
        await self._pool.execute(GO_ON, projection, source)

    async def stopped(self) -> list[Stopped]:
        """The projections that wait for somebody to act before they read on."""
        return [Stopped(*row) for row in await self._pool.fetch(STOPPED)]

    async def version(self, projection: str) -> int | None:
        """Of the read model of that name, which its rows are of; None where it is none."""
        found: int | None = await self._pool.fetchval(VERSION, projection)
        return found

    def moved(self, projection: str) -> None:
        """A runner of this process has committed; who waits for it, here or elsewhere, looks again."""
        self._signals[projection].set()
        self._tell(projection)

    def heard(self, projection: str) -> None:
        """A runner of another process has committed; an empty name stands for all projections."""
        for signal in [self._signals[projection]] if projection else list(self._signals.values()):
            signal.set()

    def signal(self, projection: str) -> Signal:
        """Set whenever a runner has moved the projection's checkpoint, as far as this process is told of it."""
        return self._signals[projection]

    async def position(self, projection: str) -> dict[str, int]:
        """What the projection has read: a position for each source."""
        return (await self.look(projection)).positions

    async def look(self, projection: str) -> Seen:
        """Where the projection stands; one look for all who ask in the same moment, as who was woken by a commit."""
        return await self._looks.ask(projection)

    async def _look(self, projection: str) -> Seen:
        rows = await self._pool.fetch(READ, projection)
        marks: defaultdict[str, dict[int, Mark]] = defaultdict(dict)
        for row in rows:
            marks[row["source"]][row["partition"]] = Mark(row["position"], row["lineage"])
        for held in marks.values():
            if len(held) > 1:  # it is read by partition since
                held.pop(WHOLE, None)
        stopped = frozenset(source for row in rows for source in row["stopped"])
        layouts = {
            row["source"]: Layout([(began_after, partitions) for began_after, partitions in row["grown"]])
            for row in rows
            if row["grown"]
        }
        return Seen(marks, any(row["letters"] for row in rows), stopped, layouts)

    async def reached(
        self,
        projection: str,
        wanted: Vector,
        seconds: float = 5.0,
        streams: Mapping[str, str] | None = None,
        holds: Holds | None = None,
    ) -> Seen:
        """Waits, bounded, until the projection includes the positions asked for; answers how far it has read.

        Sources that the projection does not read are left out of the comparison.

        Args:
            streams: by source, the one that the position is about: where topics are read, its partition is waited for
                instead of all.
            holds: asked of each mark that has come as far; without it, a position is one whichever history it is of.

        Raises:
            NotReadYet: the time ran out. ReaderStopped: it reads no further, and may hold what the log has left.
            SetAside: an event at one of the positions lies in the dead letters.
        """
        deadline, signal = time.monotonic() + seconds, self._signals[projection]
        while True:
            coming = signal.coming()
            seen = await self.look(projection)
            if stopped := seen.stopped & wanted.keys():
                raise ReaderStopped(projection, min(stopped))
            read = seen.marks.keys() & wanted.keys()
            if all([await self._includes(seen, source, wanted, streams or {}, holds) for source in read]):
                if seen.letters:
                    await self._refuse_dead(projection, wanted)
                return seen
            if time.monotonic() >= deadline:
                raise NotReadYet(projection, wanted, seen.positions)
            await signal.wait(coming, min(POLL, max(deadline - time.monotonic(), 0)))

    async def _includes(
        self, seen: Seen, source: str, wanted: Vector, streams: Mapping[str, str], holds: Holds | None
    ) -> bool:
        marks, position = seen.marks[source], wanted[source]

        async def includes(mark: Mark) -> bool:
            return mark.position >= position and (holds is None or await holds(source, mark))

        if all([await includes(mark) for mark in marks.values()]):
            return True
        layout = seen.layouts.get(source)
        if source not in streams or layout is None:
            return False
        mark = marks.get(layout.partition(streams[source], position))
        return mark is not None and await includes(mark)

    async def _refuse_dead(self, projection: str, wanted: Vector) -> None:
        for source, position in wanted.items():
            letter = await self._pool.fetchrow(LETTER, projection, source, position)
            if letter is not None:
                raise SetAside(projection, letter["stream"], letter["error"])
