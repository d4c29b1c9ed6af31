"""Folds events into a read model in the ways that must not matter: cut into batches, streams in any order."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from contracts.common import Event
from services.chassis.eventstore.types import Recorded
from services.chassis.postgres import connect, engine
from services.chassis.projections import schema
from services.chassis.projections.model import ReadModel

RECORDED = datetime(2024, 7, 1, tzinfo=UTC)


def recorded(source: str, happened: Sequence[tuple[str, Event]]) -> list[Recorded]:
    """Events of streams as a log would hold them, a second apart."""
    versions: dict[str, int] = {}
    log = []
    for position, (stream, event) in enumerate(happened, start=1):
        versions[stream] = versions.get(stream, 0) + 1
        log.append(
            Recorded(
                source=source,
                position=position,
                stream=stream,
                version=versions[stream],
                id=UUID(int=position),
                type=event.type,
                data=event.model_dump_json().encode(),
                metadata=b'{"actor":{"role":"officer","id":"officer-li"}}',
                effective_at=event.effective_at,
                recorded_at=RECORDED + timedelta(seconds=position),
                hash=b"",
            )
        )
    return log


def batches(log: Sequence[Recorded], seed: int) -> list[list[Recorded]]:
    """The log cut at random, its streams interleaved at random, each stream in its own order."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    streams: dict[str, list[Recorded]] = {}
    for event in log:
        streams.setdefault(event.stream, []).append(event)
    mixed = []
    while streams:
        name = chance.choice(sorted(streams))
        mixed.append(streams[name].pop(0))
        if not streams[name]:
            del streams[name]
    cut: list[list[Recorded]] = []
    while mixed:
        size = chance.randint(1, 7)
        cut.append(mixed[:size])
        mixed = mixed[size:]
    return cut


async def rows(model: ReadModel, database: Any, cut: Sequence[Sequence[Recorded]], name: str) -> dict[str, list[Any]]:
    """What the model's tables hold after these batches, in a schema of its own."""
    owner = engine(database.owner, connections=1)
    async with owner.begin() as connection:
        await schema.create(connection, model, name)
    await owner.dispose()
    connection = await connect(database.app, search_path=name)
    try:
        for batch in cut:
            async with connection.transaction():
                await model.apply(connection, batch)
        return {table.name: await _all(connection, table.name) for table in model.tables.sorted_tables}
    finally:
        await connection.close()


async def _all(connection: "asyncpg.Connection[asyncpg.Record]", table: str) -> list[Any]:
    return [dict(row) for row in await connection.fetch(f"select * from {table} order by 1, 2")]
