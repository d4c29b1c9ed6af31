"""Makes and removes the schema that a read model lives in; as the owner."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.postgres import APPLICATION_ROLE
from services.chassis.projections.model import ReadModel


async def create(connection: AsyncConnection, model: ReadModel, schema: str) -> None:
    """Makes the schema and its empty tables where they are missing, readable and writable by the application."""
    await connection.execute(sa.text(f'create schema if not exists "{schema}"'))
    copy = sa.MetaData(schema=schema)
    for table in model.tables.tables.values():
        table.to_metadata(copy, schema=schema)
    await connection.run_sync(copy.create_all)
    await connection.execute(sa.text(f'grant usage on schema "{schema}" to {APPLICATION_ROLE}'))
    await connection.execute(
        sa.text(f'grant select, insert, update, delete on all tables in schema "{schema}" to {APPLICATION_ROLE}')
    )


async def drop(connection: AsyncConnection, schema: str) -> None:
    """Removes a schema with all that is in it."""
    await connection.execute(sa.text(f'drop schema if exists "{schema}" cascade'))


async def exists(connection: AsyncConnection, schema: str) -> bool:
    """Whether there is such a schema."""
    found = await connection.execute(sa.text("select 1 from pg_namespace where nspname = :name"), {"name": schema})
    return found.first() is not None


async def rename(connection: AsyncConnection, old: str, new: str) -> None:
    """Renames a schema; plans that name its tables are made anew by PostgreSQL."""
    await connection.execute(sa.text(f'alter schema "{old}" rename to "{new}"'))
