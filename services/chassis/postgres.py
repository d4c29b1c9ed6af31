"""One PostgreSQL database of one service: a pool for the hot path, an engine for queries."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any, TypeAlias

import asyncpg
import structlog
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

Session: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
"""A connection of one's own, or one lent by a pool."""

logger = structlog.get_logger(__name__)
APPLICATION_ROLE = "maplebridge_app"

AWAY = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    asyncpg.CannotConnectNowError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.InternalClientError,  # what the pool says when it resets a connection that was cut in mid-query
)
"""What means that the database is away, full or busy, and not that a statement was wrong: wait and try again."""

SETTINGS = {"jit": "off", "timezone": "UTC"}
PATIENT = {"idle_in_transaction_session_timeout": "10s"}
"""A transaction whose client stands still ends, and with it what it locks."""
IMPATIENT = PATIENT | {"lock_timeout": "3s"}
"""Of who serves people: they are answered in seconds, also where somebody holds what they need."""

STARTING = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)
"""What a database says that starts, recovers, stops, or has no connection left."""
LOOK_AGAIN = 1.0
RECOGNISE = "select log.recognise()"


NOT_MIGRATED = (asyncpg.InvalidCatalogNameError, asyncpg.InvalidSchemaNameError, asyncpg.UndefinedFunctionError)
"""What a database says that lacks what the migrations make."""


class DatabaseOlder(Exception):
    """The database lacks what this release calls."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The database {name} was not migrated for this release: run `maplebridge migrate --before`, then start "
            "this again."
        )


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error, what it came of, and the members of its groups."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [current.__cause__, getattr(current, "orig", None)]
        if isinstance(current, BaseExceptionGroup):
            waiting += current.exceptions


def caused_by(error: BaseException, kinds: tuple[type[BaseException], ...]) -> BaseException | None:
    """The first of ``causes`` that is of one of these kinds."""
    return next((cause for cause in causes(error) if isinstance(cause, kinds)), None)


async def connect(dsn: str, **settings: str) -> asyncpg.Connection[asyncpg.Record]:
    """One connection outside any pool; ``settings`` are server settings such as ``search_path``."""
    return await asyncpg.connect(dsn, server_settings=SETTINGS | settings, timeout=10)


class Database:
    """Connections of one service to its own database.

    Attributes:
        name: the service's name. dsn: where, as the application role.
        pool: asyncpg connections, for appends, loads and projections. engine: SQLAlchemy, for queries.
    """

    def __init__(self, name: str, dsn: str, pool: asyncpg.Pool[asyncpg.Record], engine: AsyncEngine) -> None:
        self.name = name
        self.dsn = dsn
        self.pool = pool
        self.engine = engine

    @classmethod
    async def open(cls, name: str, dsn: str, *, connections: int = 8, wait: float = 0) -> Database:
        """Opens both.

        Args:
            name, dsn: of the service and its database. connections: bounds each of the two.
            wait: seconds that a database which starts or recovers is waited for.

        Raises:
            DatabaseOlder: no migration has run on it.
        """
        deadline = time.monotonic() + wait
        while True:
            try:
                pool = await asyncpg.create_pool(
                    dsn,
                    min_size=1,
                    max_size=connections,
                    init=_recognise,
                    reset=_as_it_is,
                    server_settings=SETTINGS | IMPATIENT,
                    command_timeout=60,
                )
                break
            except NOT_MIGRATED as error:
                raise DatabaseOlder(name) from error
            except STARTING as error:
                if time.monotonic() >= deadline:
                    raise
                await logger.awarning("database_awaited", database=name, reason=str(error))
                await asyncio.sleep(LOOK_AGAIN)
        return cls(name, dsn, pool, engine(dsn, connections=connections))

    async def close(self) -> None:
        """Closes both, waiting a little for who still works."""
        await self.engine.dispose()
        try:
            await asyncio.wait_for(self.pool.close(), 5)
        except TimeoutError:
            self.pool.terminate()


async def _recognise(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Asks, before anything is appended on a connection, whether the log stands where it stood.

    A cluster, timeline or database that is another one means a restored or failed-over log; none of them can change
    under a connection.
    """
    if await connection.fetchval(RECOGNISE):
        await logger.awarning(
            "lineage_begun",
            cause="the log is in another database than before: restored, copied or failed over",
            action="rebuild the readers that have seen more than the log kept",
        )


async def _as_it_is(_: asyncpg.Connection[asyncpg.Record]) -> None:
    """What asyncpg would put back is what nobody changes: settings, locks and listeners of the session.

    It would take a second round trip for each query; what a transaction left open is rolled back all the same.
    """


def engine(dsn: str, *, connections: int = 4, **options: Any) -> AsyncEngine:
    """A SQLAlchemy engine over the same driver and the same kind of address as the pool."""
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: connect(dsn),
        pool_size=connections,
        max_overflow=0,
        pool_pre_ping=True,
        **options,
    )
