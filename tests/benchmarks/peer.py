"""The peer, the package `eventsourcing`, on a database of the same PostgreSQL, at its best setting."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import asyncpg
from eventsourcing.persistence import InfrastructureFactory, StoredEvent

from services.runtime.postgres import PostgresServer

DATABASE = "peer"
CONNECTIONS = 8
"""The quickest of those tried, with its database functions: each append notifies, so commits wait for one another."""


async def environment(server: PostgresServer) -> dict[str, str]:
    """Makes its database; answers its settings."""
    owner = await asyncpg.connect(server.dsn("postgres"))
    await owner.execute(f"create database {DATABASE}")
    await owner.close()
    [host] = parse_qs(urlsplit(server.dsn(DATABASE)).query)["host"]
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": DATABASE,
        "POSTGRES_HOST": host,
        "POSTGRES_PORT": "5432",
        "POSTGRES_USER": "postgres",
        "POSTGRES_PASSWORD": "",
        "POSTGRES_POOL_SIZE": str(CONNECTIONS),
        "POSTGRES_MAX_OVERFLOW": "0",
        "POSTGRES_MAX_WAITING": "0",
        "POSTGRES_ENABLE_DB_FUNCTIONS": "yes",
    }


class PeerLog:
    """Its recorder with as many threads as there are writers; it has no other way to write at the same time."""

    def __init__(self, settings: dict[str, str], writers: int) -> None:
        self._factory: InfrastructureFactory[Any] = InfrastructureFactory.construct(settings)
        self._recorder = self._factory.application_recorder()
        self._threads = ThreadPoolExecutor(writers)
        self._writers = writers

    async def append(self, state: bytes, each: int) -> None:
        """So many single events from each writer, to a stream of its own."""
        loop = asyncio.get_running_loop()
        jobs = (loop.run_in_executor(self._threads, self._write, state, each) for _ in range(self._writers))
        await asyncio.gather(*jobs)

    def _write(self, state: bytes, each: int) -> None:
        stream = uuid4()
        for version in range(each):
            self._recorder.insert_events([StoredEvent(stream, version, "bench:Happened", state)])

    def close(self) -> None:
        """Ends its threads and connections."""
        self._threads.shutdown()
        self._factory.close()
