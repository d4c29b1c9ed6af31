"""Chained logs under test: the product's, and three that leave something out."""

import contextlib
from collections.abc import Iterator
from unittest.mock import patch

import asyncpg

from services.chassis.eventstore import chain, rows
from services.chassis.eventstore import verify as verification
from services.chassis.eventstore.bulk import BulkEvent, BulkWriter
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, NewEvent
from services.chassis.eventstore.verify import ChainBroken, verify
from services.chassis.ids import uuid7
from services.chassis.postgres import Session
from tests.guarantees.counting import COUNTED, NOON


class ChainOverEveryColumn:
    """The real one: a row's hash covers the one before it and all of its own columns."""

    TABLES = ""
    APPENDED = True
    """Whether half of the events come by ``append``, which PostgreSQL chains, and not all by the writer of imports."""

    @contextlib.contextmanager
    def in_force(self) -> Iterator[None]:
        """Within the block rows are chained and checked in this way."""
        yield

    async def fill(self, pool: "asyncpg.Pool[asyncpg.Record]", events: int) -> None:
        """Appends events of two streams."""
        told = [
            BulkEvent(
                f"s-{number % 2}",
                1 + number // 2,
                NewEvent(uuid7(), COUNTED, b"%d" % number, b'{"actor":%d}' % number, NOON),
                NOON,
            )
            for number in range(events)
        ]
        imported = events // 2 if self.APPENDED else events
        with self.in_force():
            await BulkWriter(pool).write(told[:imported])
        store = EventStore("registry", pool)
        for row in told[imported:]:
            await store.append(Append(row.stream, row.version - 1, (row.event,), row.recorded_at))
        await store.close()

    async def sound(self, session: Session) -> bool:
        """Whether the check finds the log as it was written."""
        with self.in_force():
            try:
                async for _ in verify(EventStore("registry", session), batch=3):
                    pass
            except ChainBroken:
                return False
        return True


class ChainWithoutMetadata(ChainOverEveryColumn):
    """Wrong: who acted is not part of the hash."""

    APPENDED = False

    @contextlib.contextmanager
    def in_force(self) -> Iterator[None]:
        """The product's, with the metadata left out on both sides."""

        def link(previous: bytes, numbers: chain.Numbers, stream: bytes, name: bytes, data: bytes, _: bytes) -> bytes:
            return chain.link_encoded(previous, numbers, stream, name, data, b"")

        checked = verification.ROWS.replace("metadata", "''::bytea")
        with patch.object(rows, "link_encoded", link), patch.object(verification, "ROWS", checked):
            yield


class ChainOfRowsAlone(ChainOverEveryColumn):
    """Wrong: each row's hash covers its own columns and nothing before it."""

    APPENDED = False

    @contextlib.contextmanager
    def in_force(self) -> Iterator[None]:
        """The product's, without the predecessor and the place in the log."""

        def link(_: bytes, numbers: chain.Numbers, *rest: bytes) -> bytes:
            return chain.link_encoded(chain.GENESIS, (0, *numbers[1:]), *rest)

        def seal(_: bytes, content: bytes) -> bytes:
            return chain.seal(chain.GENESIS, bytes(8) + content[8:])

        with patch.object(rows, "link_encoded", link), patch.object(verification, "seal", seal):
            yield


class GrantsAlone(ChainOverEveryColumn):
    """Wrong: the application has no right to rewrite, and nothing stops the owner."""

    TABLES = "drop trigger append_only on log.events; drop trigger never_truncated on log.events;"
