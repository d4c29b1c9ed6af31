"""PostgreSQL from a wheel, in a folder of the user's, under a supervisor of ours.

async with running_postgres(folder) as server:
    connection = await asyncpg.connect(server.dsn("registry"))
"""

from services.runtime.postgres.server import PostgresServer, kept_postgres, running_postgres, start_postgres
from services.runtime.postgres.unavailable import PostgresUnavailable

__all__ = ["PostgresServer", "PostgresUnavailable", "kept_postgres", "running_postgres", "start_postgres"]
