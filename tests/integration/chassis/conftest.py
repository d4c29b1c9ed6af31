"""A log in a fresh database, and events to put in it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, CommandRecord, NewEvent
from services.chassis.ids import uuid7
from services.chassis.postgres import Database
from services.chassis.subscriptions.wake import Signal

NOON = datetime(2024, 5, 6, 4, tzinfo=UTC)


@dataclass
class Log:
    """A store with what stands around it."""

    store: EventStore
    database: Database
    signal: Signal
    owner: str

    async def put(self, stream: str, *payloads: str, expected: int | None = None, key: str | None = None) -> int:
        """Appends and answers the last position."""
        record = CommandRecord("tester", key, key.encode()) if key else None
        events = tuple(an_event(payload) for payload in payloads)
        return (await self.store.append(Append(stream, expected, events, NOON, record))).last


def an_event(payload: str = "1", type_name: str = "test.counted.v1") -> NewEvent:
    """An event that no contract describes; the log does not look inside."""
    return NewEvent(uuid7(), type_name, f'{{"n":{payload}}}'.encode(), b'{"actor":{"role":"officer","id":"o1"}}', NOON)


@pytest.fixture
async def log(database) -> AsyncIterator[Log]:
    """An empty log."""
    opened = await Database.open("registry", database.app)
    signal = Signal()
    store = EventStore("registry", opened.pool, signal.set)
    try:
        yield Log(store, opened, signal, database.owner)
    finally:
        await store.close()
        await opened.close()


@pytest.fixture
def moment() -> Callable[[], datetime]:
    """The tests' noon."""
    return lambda: NOON
