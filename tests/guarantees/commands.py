"""Commands under test: the product's, and two that keep the idempotency record outside the transaction."""

from dataclasses import dataclass
from typing import Protocol

from services.chassis.eventstore.store import EventStore
from services.chassis.postgres import Database
from tests.guarantees.counting import COUNTER, Count, context, handler

REMEMBERED = "select version, position from wrong.answers where key = $1"
REMEMBER = "insert into wrong.answers values ($1, $2, $3) on conflict do nothing"


@dataclass(frozen=True)
class Answer:
    """What the sender is told. version: of the stream after the command. position: of its event."""

    version: int
    position: int


class CommandsUnderTest(Protocol):
    """Sends commands; one that gets no answer is sent again with its key."""

    TABLES: str

    def __init__(self, database: Database) -> None: ...

    async def send(self, aggregate: str, key: str) -> Answer:
        """Applies a command, or answers as the first time."""
        ...


class RecordInTheTransaction:
    """The real one: the answer is stored with the events."""

    TABLES = ""

    def __init__(self, database: Database) -> None:
        self._handler = handler(EventStore("registry", database.pool))

    async def send(self, aggregate: str, key: str) -> Answer:
        """As the product does."""
        handled = await self._handler.handle(COUNTER, aggregate, Count(), context(key))
        return Answer(handled.version, handled.position)


class RecordAfterwards:
    """Wrong: the answer is stored once the events are, in a transaction of its own."""

    TABLES = """
        create schema wrong;
        create table wrong.answers (key text primary key, version bigint not null, position bigint not null);
        grant usage on schema wrong to public;
        grant all on all tables in schema wrong to public;
    """

    def __init__(self, database: Database) -> None:
        self._pool = database.pool
        self._handler = handler(EventStore("registry", database.pool))

    async def send(self, aggregate: str, key: str) -> Answer:
        """Looks, appends, remembers."""
        if (row := await self._pool.fetchrow(REMEMBERED, key)) is not None:
            return Answer(*row)
        handled = await self._handler.handle(COUNTER, aggregate, Count(), context(None))
        await self._pool.execute(REMEMBER, key, handled.version, handled.position)
        return Answer(handled.version, handled.position)


class RecordBefore(RecordAfterwards):
    """Wrong: the answer is stored first, since what is remembered is never done twice."""

    async def send(self, aggregate: str, key: str) -> Answer:
        """Looks, remembers, appends."""
        if (row := await self._pool.fetchrow(REMEMBERED, key)) is not None:
            return Answer(*row)
        _, version = await self._handler.state(COUNTER, aggregate)
        position = (await self._handler.store.head()).position
        await self._pool.execute(REMEMBER, key, version + 1, position + 1)
        handled = await self._handler.handle(COUNTER, aggregate, Count(), context(None))
        return Answer(handled.version, handled.position)
