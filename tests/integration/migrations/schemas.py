"""The schemas that all migrations come to, as pg_dump writes them, beside the migrations.

python -m tests.integration.migrations.schemas writes the files anew after a migration was added.
"""

import asyncio
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from sqlalchemy import text

from services.chassis.migrations.migrate import HERE, configured, migrate
from services.chassis.postgres import engine
from services.runtime.databases import OWNER_ROLE, make_missing, migrations_of
from services.runtime.postgres import running_postgres
from services.runtime.postgres.binaries import installation


@dataclass(frozen=True)
class Described:
    """What some migrations make.

    Attributes:
        name: of a database that has it. schemas: which of its schemas they made. file: where these are described.
    """

    name: str
    schemas: tuple[str, ...]
    file: Path


DESCRIBED = (
    Described("registry", ("log", "vault", "projections", "windows", "relay"), HERE / "schema.sql"),
    Described("analytics", ("delivery",), migrations_of("analytics")[0] / "schema.sql"),
)


def dumped(dsn: str, schemas: tuple[str, ...]) -> str:
    """Schemas of a database as statements, without what differs from one run or server to another."""
    program = str(installation() / "bin" / "pg_dump")
    chosen = [f"--schema={schema}" for schema in schemas]
    command = [program, "--schema-only", "--no-owner", "--no-comments", *chosen, f"--dbname={dsn}"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    told = [line for line in lines if line and not line.startswith(("--", "\\", "SET ", "SELECT pg_catalog."))]
    return "\n".join(told) + "\n"


async def only_as_far_as(owner_dsn: str, locations: tuple[Path, ...], revisions: Iterable[str]) -> None:
    """Takes all away that migrations made in a database, and migrates it again, no further than these."""
    owner = engine(owner_dsn, connections=1)
    made = ", ".join(schema for each in DESCRIBED for schema in each.schemas)
    try:
        async with owner.begin() as connection:
            await connection.execute(text(f"drop schema if exists {made} cascade"))
            await connection.execute(text("drop table alembic_version"))
            for revision in revisions:
                await connection.run_sync(lambda sync, to: command.upgrade(configured(sync, locations), to), revision)
    finally:
        await owner.dispose()


async def write() -> None:
    """Writes each file anew."""
    with tempfile.TemporaryDirectory() as folder:
        async with running_postgres(Path(folder), durable=False) as server:
            await make_missing(server.dsn("postgres"))
            for each in DESCRIBED:
                await migrate(server.dsn(each.name, OWNER_ROLE), *migrations_of(each.name))
                each.file.write_text(dumped(server.dsn(each.name), each.schemas), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(write())
