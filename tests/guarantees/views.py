"""A log with a view beside it, and the ways to bring the view up to date."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from services.chassis.eventstore.store import EventStore
from services.chassis.postgres import AWAY, Session, connect, engine
from services.chassis.projections import deadletters
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.projections.model import ReadModel
from services.chassis.projections.rebuild import Rebuild
from services.chassis.subscriptions.subscription import WHOLE, Mark
from tests.guarantees.counting import counted
from tests.guarantees.projections import ProjectionUnderTest, batches

Amounts = Sequence[tuple[str, int | bytes]]
"""Streams, and the amount that each event adds to its own."""


@dataclass
class Stage:
    """A log, its view, and everything that the tests ask of them.

    Attributes:
        store: the log. owner, pool: connections. dsn: of the application. rebuild: of the view.
    """

    store: EventStore
    owner: AsyncEngine
    pool: "asyncpg.Pool[asyncpg.Record]"
    dsn: str
    rebuild: Rebuild

    async def append(self, amounts: Amounts) -> int:
        """Appends an event each; answers the last position."""
        position = (await self.store.head()).position
        for stream, amount in amounts:
            position = (await self.store.append(counted(stream, [amount]))).last
        return position

    async def emptied(self) -> None:
        """Nothing is in the view, which has read all that there is so far."""
        await self.pool.execute("delete from tally.tally")
        await self.pool.execute("delete from projections.dead_letters")
        await self.pool.execute(
            "update projections.checkpoints set position = (select position from log.head) where projection = 'tally'"
        )

    async def mark(self) -> int:
        """How far the view has read."""
        return (await self._held()).position

    async def totals(self) -> dict[str, int]:
        """The view."""
        return {row["stream"]: row["total"] for row in await self.pool.fetch("select * from tally.tally")}

    async def letters(self) -> list[int]:
        """Positions of what was set aside."""
        return [letter.position for letter in await deadletters.listed(self.pool, "tally")]

    async def follow(self, projection: ProjectionUnderTest, dsn: str, cuts: Sequence[int], tries: int = 50) -> None:
        """Reads on from the checkpoint, again and again where it fails, until all is taken in or no try helps."""
        for _ in range(tries):
            with contextlib.suppress(*AWAY, ValueError):
                connection = await connect(dsn, search_path="tally")
                try:
                    await self.follow_on(projection, connection, cuts)
                    return
                finally:
                    connection.terminate()

    async def follow_on(self, projection: ProjectionUnderTest, session: Session, cuts: Sequence[int]) -> None:
        """Reads on from the checkpoint once."""
        mark = await self._held()
        for batch in batches(await self.store.read(mark.position), mark, cuts):
            await projection.take(session, batch)

    async def _held(self) -> Mark:
        return (await Checkpoints(self.pool).marks("tally").held("registry"))[WHOLE]


@contextlib.asynccontextmanager
async def staged(owner_dsn: str, dsn: str, model: ReadModel) -> AsyncIterator[Stage]:
    """The view's schema, made where it is missing."""
    owner = engine(owner_dsn, connections=2)
    pool = await asyncpg.create_pool(dsn, min_size=1, max_size=2)
    store = EventStore("registry", pool)
    rebuild = Rebuild(model, owner, dsn, {"registry": store})
    try:
        await rebuild.prepare()
        yield Stage(store, owner, pool, dsn, rebuild)
    finally:
        await store.close()
        await pool.close()
        await owner.dispose()
