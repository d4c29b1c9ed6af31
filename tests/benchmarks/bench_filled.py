"""How long an append takes where the log is long, beside one that is empty: ``EVENTS`` of them, a million else."""

import asyncio
import os
from collections.abc import Sequence
from statistics import median

import asyncpg

from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append
from services.chassis.migrations.migrate import migrate
from services.chassis.postgres import Database
from tests.benchmarks.a_log import NOON, OnALog, an_event
from tests.benchmarks.measure import ROUNDS, WARM_UP, Result, sized
from tests.benchmarks.timing import percentile

EVENTS = int(os.environ.get("EVENTS", sized(1_000_000, 100_000)))
WRITERS, EACH = 16, sized(200, 5)
FILL = """
insert into log.events
select number, 'full-' || number / 10, number % 10 + 1, gen_random_uuid(), 'bench.happened.v1', $2, $3, $4, $4, $5
from generate_series($1::bigint, $1::bigint + 99999) as number
"""
HEAD = "update log.head set position = $1, recorded_at = $2"


class AppendToFull(OnALog):
    """Single events from 16 writers; the two logs take turns in one PostgreSQL."""

    name = "append-filled"

    async def prepare(self) -> None:
        """Fills one log within PostgreSQL, which appends do not notice: they look at the head and at their stream."""
        await super().prepare()
        owner = await asyncpg.connect(self.server.dsn("postgres"))
        await owner.execute("create database filled")
        await owner.close()
        await migrate(self.server.dsn("filled"))
        self.filled = await Database.open("filled", self.server.dsn("filled"))
        self.stack.push_async_callback(self.filled.close)
        event = an_event()
        for first in range(1, EVENTS, 100_000):
            await self.filled.pool.execute(FILL, first, event.data, event.metadata, NOON, bytes(32), timeout=600)
        await self.filled.pool.execute(HEAD, EVENTS, NOON)
        await self.filled.pool.execute("vacuum analyze log.events", timeout=600)

    async def results(self) -> Sequence[Result]:
        """Medians of five rounds after one that does not count."""
        full, empty = EventStore("filled", self.filled.pool), self.store
        values: dict[EventStore, list[float]] = {full: [], empty: []}
        for number in range(WARM_UP + ROUNDS):
            for store, kept in values.items():
                took = await self._appended(store, number)
                if number >= WARM_UP:
                    kept.append(percentile(took, 99))
        against = f"an empty log; the other has {EVENTS:,} events"
        return [
            Result(f"{self.name}-p99", "ms", median(values[full]), against, median(values[empty]), 1.2, at_most=True)
        ]

    async def _appended(self, store: EventStore, number: int) -> list[float]:
        loop, took = asyncio.get_running_loop(), list[float]()

        async def write(writer: int) -> None:
            for version in range(EACH):
                began = loop.time()
                await store.append(Append(f"new-{number}-{writer}", version, (an_event(),), NOON))
                took.append((loop.time() - began) * 1000)

        await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
        return took
