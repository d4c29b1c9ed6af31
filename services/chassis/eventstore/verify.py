"""Checks the hash chain of a log, row by row, from its beginning or from a row that was trusted before."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

import asyncpg

from services.chassis.eventstore.chain import CONTENT, GENESIS, seal
from services.chassis.eventstore.store import EventStore

# PostgreSQL puts the content together: one value to fetch and hash, instead of ten to decode and encode again
ROWS = f"""
select position, {CONTENT} as content, hash from log.events
where position > $1 and position <= $2 order by position limit $3
"""
END = (1 << 63) - 1


class ChainBroken(Exception):
    """A row was altered, removed or put in from outside.

    Attributes:
        position: the first place where the log does not follow from what stands before.
    """

    def __init__(self, source: str, position: int, what: str) -> None:
        super().__init__(f"The log of {source} is broken at position {position}: {what}. Compare it with a backup.")
        self.source = source
        self.position = position
        self.what = what

    def __reduce__(self) -> tuple[type["ChainBroken"], tuple[str, int, str]]:
        return ChainBroken, (self.source, self.position, self.what)


@dataclass(frozen=True, slots=True)
class Verified:
    """How far a check has come.

    Attributes:
        position: up to where the chain holds. hash: the chain there.
    """

    position: int
    hash: bytes


BEGINNING = Verified(0, GENESIS)


async def verify(
    store: EventStore, after: Verified | None = None, *, batch: int = 5000
) -> AsyncGenerator[Verified, None]:
    """Follows the chain to the head that stands there when it arrives, yielding after each batch.

    Raises:
        ChainBroken: a row does not follow from its predecessor, or the head does not stand at the end.
    """
    known = after or BEGINNING
    while True:
        head = await store.head()
        rows = await store.pool.fetch(ROWS, known.position, END, batch)
        if rows:
            known = followed(store.source, known, rows)
            if known.position > head.position:
                now = await store.head()  # what was appended meanwhile came with a head of its own
                if known.position > now.position:
                    raise ChainBroken(store.source, now.position + 1, "it stands behind the head: it was put in")
            yield known
        if len(rows) < batch:
            break
    if not rows and known.position > head.position:
        raise ChainBroken(store.source, head.position + 1, "rows that were there are gone")
    if known.position < head.position:
        raise ChainBroken(store.source, known.position + 1, f"the head says that it goes on to {head.position}")
    if known.position == head.position and known.hash != head.hash:
        raise ChainBroken(store.source, known.position, "the head has another hash")


def followed(source: str, known: Verified, rows: Sequence[asyncpg.Record]) -> Verified:
    """The end of a run of rows, as ``ROWS`` gives them, that follows from what is known.

    Raises:
        ChainBroken: a row does not follow from its predecessor.
    """
    at, tip = known.position, known.hash
    for position, content, stored in rows:
        if position != at + 1:
            raise ChainBroken(source, at + 1, f"the next row is {position}")
        at, tip = position, seal(tip, content)
        if tip != stored:
            raise ChainBroken(source, position, "its content does not match its hash")
    return Verified(at, tip)
