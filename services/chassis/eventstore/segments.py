"""Checks the hash chain of a long log in several processes at once, a segment each."""

import asyncio
import multiprocessing
import signal
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ProcessPoolExecutor

import asyncpg

from services.chassis.eventstore.chain import GENESIS
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.verify import BEGINNING, ROWS, ChainBroken, Verified, followed, verify
from services.chassis.postgres import connect

BATCH = 5000
HASH_AT = "select hash from log.events where position = $1"
Joint = tuple[bytes, Verified]
"""The hash that a segment began with, as the row before it has it, and where it ended."""


async def verify_in_segments(
    store: EventStore, dsn: str, after: Verified | None = None, *, processes: int, size: int = 100_000
) -> AsyncGenerator[Verified, None]:
    """Follows the chain to the head, yielding each time that everything up to a position is known to hold.

    Each segment is followed from the hash that its predecessor's last row has; where that row is reached from before,
    the two must agree. So segments need not wait for each other, and nothing between them goes unseen.

    Args:
        store: the log. dsn: of its database, for the processes. after: where to go on; what stands there is compared.
        processes: how many at once. size: rows a segment.

    Raises:
        ChainBroken: at the first position that does not follow.
    """
    known = after or BEGINNING
    head = await store.head()
    spans = list(_spans(known.position, head.position, size))
    if processes > 1 and len(spans) > 1:
        async for end in _joined(store.source, dsn, known, spans, processes):
            known = end
            yield known
    elif after is not None:
        _join(store.source, known, await _hash_at(store.pool, store.source, known.position))
    async for end in verify(store, known, batch=BATCH):
        yield end


def _spans(after: int, upto: int, size: int) -> Iterator[tuple[int, int]]:
    for start in range(after, upto, size):
        yield start, min(start + size, upto)


async def _joined(
    source: str, dsn: str, known: Verified, spans: list[tuple[int, int]], processes: int
) -> AsyncGenerator[Verified, None]:
    loop, spawning = asyncio.get_running_loop(), multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(processes, len(spans)), spawning, signal.signal, (signal.SIGINT, signal.SIG_IGN))
    segments = [loop.run_in_executor(pool, check, source, dsn, *span) for span in spans]
    try:
        for segment in segments:
            before, end = await segment
            _join(source, known, before)
            known = end
            yield known
    finally:
        for segment in segments:
            segment.cancel()
        pool.shutdown(wait=False, cancel_futures=True)


def _join(source: str, known: Verified, stored: bytes) -> None:
    if stored != known.hash:
        raise ChainBroken(source, known.position, "its hash is not what it was when it was checked")


def check(source: str, dsn: str, after: int, upto: int) -> Joint:
    """Follows one segment, in a process of its own.

    Raises:
        ChainBroken: a row does not follow from its predecessor, or is missing.
    """
    return asyncio.run(_check(source, dsn, after, upto))


async def _check(source: str, dsn: str, after: int, upto: int) -> Joint:
    connection = await connect(dsn)
    try:
        before = await _hash_at(connection, source, after)
        known = Verified(after, before)
        while known.position < upto:
            rows = await connection.fetch(ROWS, known.position, upto, BATCH)
            if not rows:
                raise ChainBroken(source, known.position + 1, "the row is missing")
            known = followed(source, known, rows)
    finally:
        await connection.close()
    return before, known


async def _hash_at(
    session: "asyncpg.Pool[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]", source: str, position: int
) -> bytes:
    if position == 0:
        return GENESIS
    stored: bytes | None = await session.fetchval(HASH_AT, position)
    if stored is None:
        raise ChainBroken(source, position, "the row is missing")
    return stored
