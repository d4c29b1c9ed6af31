"""Brings a service's database up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from services.chassis.postgres import engine

HERE = Path(__file__).parent


class DatabaseNewer(Exception):
    """The database was migrated by a newer release."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database is at revision {revision}, which this release does not know: update Maple Bridge."
        )


async def migrate(dsn: str, *locations: Path) -> None:
    """Applies every migration that is missing, in one transaction; ``dsn`` is the owner's.

    Args:
        dsn: where, as the role that owns the schemas.
        locations: folders with the service's own migrations, beside the chassis'.

    Raises:
        DatabaseNewer: the database knows a revision that this release does not.
    """
    owner = engine(dsn, connections=1)
    try:
        async with owner.begin() as connection:
            # two processes that start together take turns
            await connection.execute(text("select pg_advisory_xact_lock(7236472)"))
            await connection.run_sync(_upgrade, locations)
    finally:
        await owner.dispose()


def _upgrade(connection: Connection, locations: tuple[Path, ...]) -> None:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    folders = (HERE / "versions", *locations)
    config.set_main_option("version_locations", "\n".join(str(folder) for folder in folders).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = MigrationContext.configure(connection).get_current_heads()
    for revision in current:
        if revision not in known:
            raise DatabaseNewer(revision)
    command.upgrade(config, "heads")
