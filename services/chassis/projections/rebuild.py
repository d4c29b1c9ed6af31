"""Builds a read model anew beside the live one, compares the two at the same position, and switches."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.chassis.projections import schema
from services.chassis.projections.model import ReadModel, last_name, next_name
from services.chassis.projections.replay import Progress, Replay, replaying
from services.chassis.subscriptions.continuity import Held, kept_of
from services.chassis.subscriptions.layout import Layout
from services.chassis.subscriptions.subscription import WHOLE, LogReader, Mark

HELD = sa.text("select source, partition, position, lineage from projections.checkpoints where projection = :name")
HOLD = sa.text(f"{HELD.text} order by source, partition for update")
LAYOUTS = sa.text("select source, began_after, partitions from projections.layouts order by source, began_after")
GO_ON = sa.text("delete from projections.stopped where projection = :name")
START = sa.text(
    "insert into projections.checkpoints (projection, source, partition, position) values (:name, :source, -1, 0) "
    "on conflict do nothing"
)
FORGET = sa.text("delete from projections.checkpoints where projection = :name")
FORGET_VERSION = sa.text("delete from projections.models where name = :name")
FORGET_LETTERS = sa.text("delete from projections.dead_letters where projection = :name")
TAKE_OVER = sa.text("update projections.checkpoints set projection = :name where projection = :other")
TAKE_OVER_LETTERS = sa.text("update projections.dead_letters set projection = :name where projection = :other")
TAKE_OVER_VERSION = sa.text("update projections.models set name = :name where name = :other")
# several processes of one service may start at once
TAKE_TURNS = sa.text("select pg_advisory_xact_lock(7236473)")
REGISTERED = sa.text("select version from projections.models where name = :name")
REGISTER = sa.text(
    "insert into projections.models values (:name, :version) "
    "on conflict (name) do update set version = excluded.version"
)


@dataclass
class Difference:
    """What a comparison found in one table.

    Attributes:
        table: which. rows: in the live one. missing: rebuilt rows that the live one lacks.
        surplus: live rows that the rebuilt one lacks.
    """

    table: str
    rows: int
    missing: int
    surplus: int


@dataclass
class Comparison:
    """Live against rebuilt, at the same position.

    Attributes:
        model: which. position: of each source, where the live one was stopped. tables: what was found in each.
    """

    model: str
    position: dict[str, int]
    tables: list[Difference] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether the two hold the same rows."""
        return not any(table.missing or table.surplus for table in self.tables)


class Rebuild:
    """Rebuilds one read model.

    Args:
        model: which. owner: engine as the role that owns the schemas. dsn: the application's address.
        readers: the log of each source of the model.
    """

    def __init__(
        self,
        model: ReadModel,
        owner: AsyncEngine,
        dsn: str,
        readers: Mapping[str, LogReader],
        progress: Progress = lambda *_: None,
    ) -> None:
        self._model = model
        self._owner = owner
        self._dsn = dsn
        self._readers = readers
        self._progress = progress
        self._beside = next_name(model.name)

    async def prepare(self) -> int:
        """Makes the live schema where it is missing; answers the version of the read model that its rows are of."""
        name = self._model.name
        async with self._owner.begin() as connection:
            await connection.execute(TAKE_TURNS)
            found: int | None = (await connection.execute(REGISTERED, {"name": name})).scalar()
            if found is None:
                await schema.create(connection, self._model, name)
                await connection.execute(REGISTER, {"name": name, "version": self._model.version})
            for source in self._model.sources:
                await connection.execute(START, {"name": name, "source": source})
            return self._model.version if found is None else found

    async def run(self, *, switch: bool = True) -> Comparison:
        """Replays, stops the live one at its marks, compares there, and switches unless told only to compare.

        Where the log of a source does not hold all that the live one has read, there is nothing to compare with: the
        new one is read to the end of the logs then.
        """
        await self._start()
        async with self._owner.begin() as connection:
            held = await self._held(connection, HELD)
        same = await self._within_the_logs(held)
        async with self._replaying() as replay:
            await (replay.upto(held, await self._layouts()) if same else replay.to_the_head())
        async with self._owner.begin() as connection:
            held = await self._held(connection, HOLD)
            if same:
                async with self._replaying() as replay:
                    await replay.upto(held, await self._layouts())
            comparison = await self._compare(connection, _positions(held))
            if switch:
                await self._switch(connection)
        if not switch:
            await self._discard()
        return comparison

    async def by_partition(self) -> bool:
        """Whether the live one was read by topic, so that its logs cannot be read whole from where it stands."""
        async with self._owner.connect() as connection:
            held = await self._held(connection, HELD)
        return any(len(marks) > 1 for marks in held.values())

    async def catch_up(self) -> None:
        """Reads the logs to their end into the live one, before topics are read: they need not hold what is older."""
        live = replaying(self._model, self._model.name, self._dsn, self._readers, self._progress)
        async with live as replay:
            await replay.to_the_head()

    async def replace(self) -> None:
        """Builds the model anew to the end of the logs, and switches to it without looking at the live one."""
        await self._start()
        async with self._replaying() as replay:
            await replay.to_the_head()
        async with self._owner.begin() as connection:
            await self._held(connection, HOLD)
            await self._switch(connection)

    async def back(self) -> bool:
        """Switches back to what the last rebuild replaced; False where nothing was kept.

        The live one stays stopped only for the renaming; it then reads on from where the older one stood.
        """
        async with self._owner.begin() as connection:
            kept = last_name(self._model.name)
            if not await schema.exists(connection, kept):
                return False
            await self._held(connection, HOLD)
            await self._swap(connection, kept)
            await connection.execute(GO_ON, {"name": self._model.name})
            return True

    async def _start(self) -> None:
        await self._discard()
        async with self._owner.begin() as connection:
            await schema.create(connection, self._model, self._beside)
            await connection.execute(REGISTER, {"name": self._beside, "version": self._model.version})

    async def _discard(self) -> None:
        async with self._owner.begin() as connection:
            await self._forget(connection, self._beside)

    async def _forget(self, connection: AsyncConnection, other: str) -> None:
        """Drops a schema that is not live, and what is on record of it."""
        await schema.drop(connection, other)
        for statement in (FORGET, FORGET_LETTERS, FORGET_VERSION):
            await connection.execute(statement, {"name": other})

    async def _held(self, connection: AsyncConnection, query: sa.TextClause) -> dict[str, dict[int, Mark]]:
        """The live marks; ``HOLD`` locks them: the live runner, wherever it is, waits at its next move."""
        found: dict[str, dict[int, Mark]] = {source: {WHOLE: Mark()} for source in self._model.sources}
        for row in await connection.execute(query, {"name": self._model.name}):
            if row.source in found:
                found[row.source][row.partition] = Mark(row.position, row.lineage)
        return found

    async def _within_the_logs(self, held: Mapping[str, Mapping[int, Mark]]) -> bool:
        for source, marks in held.items():
            lineages = await self._readers[source].lineages()
            for mark in marks.values():
                if kept_of(Held(mark.position, mark.lineage), lineages) < mark.position:
                    return False
        return True

    async def _layouts(self) -> dict[str, Layout]:
        async with self._owner.connect() as connection:
            rows = (await connection.execute(LAYOUTS)).all()
        sources = {row.source for row in rows}
        return {
            source: Layout([(row.began_after, row.partitions) for row in rows if row.source == source])
            for source in sources
        }

    def _replaying(self) -> contextlib.AbstractAsyncContextManager[Replay]:
        return replaying(self._model, self._beside, self._dsn, self._readers, self._progress)

    async def _compare(self, connection: AsyncConnection, position: dict[str, int]) -> Comparison:
        comparison = Comparison(self._model.name, position)
        for table in self._model.tables.tables.values():
            live, beside = f'"{self._model.name}"."{table.name}"', f'"{self._beside}"."{table.name}"'
            if not await _same_shape(connection, self._model.name, self._beside, table.name):
                comparison.tables.append(Difference(table.name, 0, 1, 1))
                continue
            rows = await _count(connection, f"table {live}")
            missing = await _count(connection, f"table {beside} except all table {live}")
            surplus = await _count(connection, f"table {live} except all table {beside}")
            comparison.tables.append(Difference(table.name, rows, missing, surplus))
        return comparison

    async def _switch(self, connection: AsyncConnection) -> None:
        await self._swap(connection, self._beside)
        await connection.execute(GO_ON, {"name": self._model.name})

    async def _swap(self, connection: AsyncConnection, other: str) -> None:
        """The other schema becomes the live one; the live one becomes what is kept."""
        name, kept, aside = self._model.name, last_name(self._model.name), f"{self._model.name}_aside"
        await schema.rename(connection, name, aside)
        await schema.rename(connection, other, name)
        if other != kept:
            await self._forget(connection, kept)
        await schema.rename(connection, aside, kept)
        for statement in (TAKE_OVER, TAKE_OVER_LETTERS, TAKE_OVER_VERSION):
            await connection.execute(statement, {"name": aside, "other": name})
            await connection.execute(statement, {"name": name, "other": other})
            await connection.execute(statement, {"name": kept, "other": aside})


def _positions(held: Mapping[str, Mapping[int, Mark]]) -> dict[str, int]:
    """How far each source is read at least."""
    return {
        source: min((mark.position for at, mark in marks.items() if at != WHOLE), default=marks[WHOLE].position)
        for source, marks in held.items()
    }


async def _count(connection: AsyncConnection, query: str) -> int:
    return int((await connection.execute(sa.text(f"select count(*) from ({query}) as rows"))).scalar_one())


async def _same_shape(connection: AsyncConnection, live: str, beside: str, table: str) -> bool:
    """Whether both tables have the same columns, in the same order; an older version may have others."""
    columns = sa.text(
        "select array_agg(column_name || ':' || data_type order by ordinal_position) "
        "from information_schema.columns where table_schema = :schema and table_name = :table"
    )
    first = (await connection.execute(columns, {"schema": live, "table": table})).scalar()
    second = (await connection.execute(columns, {"schema": beside, "table": table})).scalar()
    return bool(first == second)
