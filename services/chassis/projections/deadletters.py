"""Events that a projection could not fold in. One stops its own stream and nothing else."""

from dataclasses import dataclass

import asyncpg
from pydantic import ValidationError

from services.chassis.eventstore.types import Recorded
from services.chassis.postgres import Session
from services.chassis.projections.model import ReadModel
from services.chassis.subscriptions.subscription import LogReader

PUT = """
insert into projections.dead_letters (projection, source, position, stream, version, type, error)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing
"""
LIST = """
select projection, source, position, stream, version, type, error from projections.dead_letters
where $1::text is null or projection = $1 order by projection, source, position
"""
OF_STREAM = """
select position from projections.dead_letters
where projection = $1 and source = $2 and stream = $3 order by position for update
"""
# the runner moves them when it sets something aside: who holds them knows what waits
HOLD = "select from projections.checkpoints where projection = $1 and source = $2 order by partition for update"
DROP = "delete from projections.dead_letters where projection = $1 and source = $2 and stream = $3"
HELD = """
select projection, count(*) as events, array_agg(distinct stream) as streams
from projections.dead_letters group by projection order by projection
"""
NAMED = 3
"""Streams that a sentence names."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One event set aside.

    Attributes:
        projection: which could not take it. source, position, stream, version, type: which event it is.
        error: why; for a later sibling, that an earlier event of its stream waits.
    """

    projection: str
    source: str
    position: int
    stream: str
    version: int
    type: str
    error: str


@dataclass(frozen=True, slots=True)
class Held:
    """What one reader holds aside.

    Attributes:
        projection: which read model or rules. events: how many. streams: theirs, in order.
    """

    projection: str
    events: int
    streams: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """How many of which streams, and what to do."""
        more = f" and {len(self.streams) - NAMED} more" if len(self.streams) > NAMED else ""
        return (
            f"{self.projection} holds {self.events:,} events aside, of {', '.join(self.streams[:NAMED])}{more}: "
            f"see `maplebridge deadletters list {self.projection}`."
        )


async def held(pool: "asyncpg.Pool[asyncpg.Record]") -> list[Held]:
    """What waits in a database, by reader."""
    return [Held(row["projection"], row["events"], tuple(sorted(row["streams"]))) for row in await pool.fetch(HELD)]


def reason(error: Exception) -> str:
    """Why, without any value of the event: what a payload holds has no place in a log or a table of errors."""
    if isinstance(error, ValidationError):
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults[:5])
    if isinstance(error, asyncpg.PostgresError):
        return f"{type(error).__name__}: {error.args[0] if error.args else ''}"
    return type(error).__name__


async def put(connection: Session, projection: str, recorded: Recorded, error: str) -> None:
    """Sets one event aside, in the transaction that moves the checkpoint past it."""
    await connection.execute(
        PUT,
        projection,
        recorded.source,
        recorded.position,
        recorded.stream,
        recorded.version,
        recorded.type,
        error[:500],
    )


async def listed(pool: "asyncpg.Pool[asyncpg.Record]", projection: str | None = None) -> list[DeadLetter]:
    """All that wait, of one projection or of all."""
    return [DeadLetter(*row) for row in await pool.fetch(LIST, projection)]


async def streams(pool: "asyncpg.Pool[asyncpg.Record]", projection: str) -> list[tuple[str, str]]:
    """Source and stream of everything that waits for one projection."""
    return sorted({(letter.source, letter.stream) for letter in await listed(pool, projection)})


async def drop(pool: "asyncpg.Pool[asyncpg.Record]", projection: str, source: str, stream: str) -> int:
    """Gives up on a stream's waiting events; the read model lacks them until it is rebuilt. Answers how many."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(HOLD, projection, source)
        return int((await connection.execute(DROP, projection, source, stream)).split()[-1])


async def retry(
    connection: "asyncpg.Connection[asyncpg.Record]", model: ReadModel, reader: LogReader, stream: str
) -> int:
    """Folds a stream's waiting events in again, in order, all or none; answers how many.

    Args:
        connection: as the application role, with the model's schema as ``search_path``.
        model: whose letters. reader: the log that they came from. stream: which stream.
    """
    async with connection.transaction():
        await connection.execute(HOLD, model.name, reader.source)
        waiting = await connection.fetch(OF_STREAM, model.name, reader.source, stream)
        for row in waiting:
            (recorded,) = await reader.read(row["position"] - 1, 1)
            await model.apply(connection, [recorded])
        await connection.execute(DROP, model.name, reader.source, stream)
        return len(waiting)
