"""What a release asks of the schema that the migrations make: its SQL, as PostgreSQL is given it.

python -m tests.integration.migrations.released puts the present code on record as the release before the next one.
"""

import asyncio
import importlib
import pkgutil
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.asyncpg import dialect

import services
from services.chassis.migrations.migrate import migrate
from services.chassis.postgres import APPLICATION_ROLE
from services.runtime.databases import OWNER_ROLE, make_missing, migrations_of
from services.runtime.postgres import running_postgres

RECORD = Path(__file__).with_name("released.sql")
DATABASE = "analytics"
"""The one that has all that migrations make."""
SCHEMAS = re.compile(r"\b(log|vault|projections|windows|relay|delivery)\.[a-z_]+")
BEGINS = re.compile(r"\s*(select|insert|update|delete|with)\b")
AT = "-- revisions: "
HEADING = re.compile(r"^-- (\S+)\n", re.MULTILINE)


def revisions() -> list[str]:
    """Where the migrations of the release before this one ended."""
    first, *_ = RECORD.read_text("utf-8").splitlines()
    return first.removeprefix(AT).split()


def recorded() -> dict[str, str]:
    """The statements of the release before this one by the names of their constants."""
    _, *parts = HEADING.split(RECORD.read_text("utf-8"))
    return {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}


async def plan(connection: "asyncpg.Connection[asyncpg.Record]", statement: str) -> None:
    """Lets PostgreSQL plan it for any arguments and see to the rights, without running it."""
    await connection.execute(f"explain (generic_plan) {statement}")


def _constants() -> Iterator[tuple[str, object]]:
    """Those of all modules; of a tuple or list, each part."""
    for found in pkgutil.walk_packages(services.__path__, "services."):
        if ".migrations" in found.name or found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            if name.isupper() and isinstance(value, tuple | list):
                yield from ((f"{found.name}.{name}.{number}", part) for number, part in enumerate(value))
            elif name.isupper():
                yield f"{found.name}.{name}", value


def _written() -> Iterator[tuple[str, str]]:
    """Every constant that is SQL on what migrations make."""
    for name, value in _constants():
        text = str(value.compile(dialect=dialect())) if isinstance(value, sa.TextClause) else value
        if isinstance(text, str) and BEGINS.match(text) and SCHEMAS.search(text):
            yield name, text.strip()


async def record() -> None:
    """Puts the present code's statements on record; each can be run as the application."""
    with tempfile.TemporaryDirectory() as folder:
        async with running_postgres(Path(folder), durable=False) as server:
            await make_missing(server.dsn("postgres"))
            await migrate(server.dsn(DATABASE, OWNER_ROLE), *migrations_of(DATABASE))
            connection = await asyncpg.connect(server.dsn(DATABASE, APPLICATION_ROLE))
            written = sorted(_written())
            for _, text in written:
                await plan(connection, text)
            await connection.close()
            owner = await asyncpg.connect(server.dsn(DATABASE, OWNER_ROLE))
            ends = [row["version_num"] for row in await owner.fetch("table alembic_version order by 1")]
            await owner.close()
    parts = [f"{AT}{' '.join(ends)}\n", *(f"-- {name}\n{text}\n" for name, text in written)]
    RECORD.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(record())
