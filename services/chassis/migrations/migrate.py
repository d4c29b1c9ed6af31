"""Brings a service's database up to date, at once or around a release that rolls."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from services.chassis.postgres import caused_by, engine

HERE = Path(__file__).parent
AFTER = "_after"
"""Ends the name of a migration that takes away what only the release before has called."""

TAKE_TURNS = text("select pg_advisory_xact_lock(7236472)")
# whoever comes after a lock that waits, waits too: commands for less than the three seconds that they have
BRIEFLY = text("set local lock_timeout = '500ms'")
PATIENCE = 60.0
"""Seconds in which locks are tried for again and again."""
PAUSE = 0.5


class DatabaseNewer(Exception):
    """The database was migrated by a newer release."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database is at revision {revision}, which this release does not know: update Maple Bridge."
        )


class ReleaseLeftOut(Exception):
    """A release cannot roll over one whose own roll has not ended."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"Migration {revision} ends the roll of an earlier release and has not run: run `maplebridge migrate` of "
            "the release that runs now, then this again; or end all processes and run `maplebridge migrate` of this "
            "one."
        )


async def migrate(dsn: str, *locations: Path, before: bool = False) -> None:
    """Applies every migration that is missing, in one transaction; ``dsn`` is the owner's.

    Args:
        dsn: where, as the role that owns the schemas.
        locations: folders with the service's own migrations, beside the chassis'.
        before: leaves out what the release before this one still needs, while processes of both run.

    Raises:
        DatabaseNewer: the database knows a revision that this release does not.
        ReleaseLeftOut: processes of two releases ago may run still.
        DBAPIError, LockNotAvailableError: a table that has to change was held for a minute.
    """
    owner = engine(dsn, connections=1)
    deadline = time.monotonic() + PATIENCE
    try:
        while True:
            try:
                async with owner.begin() as connection:
                    await connection.execute(TAKE_TURNS)
                    await connection.execute(BRIEFLY)
                    await connection.run_sync(_upgrade, locations, before)
            except (DBAPIError, asyncpg.LockNotAvailableError) as error:
                if caused_by(error, (asyncpg.LockNotAvailableError,)) is None or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(PAUSE)
            else:
                return
    finally:
        await owner.dispose()


def configured(connection: Connection, locations: tuple[Path, ...]) -> Config:
    """Alembic's configuration for a database that has the migrations of these folders beside the chassis'."""
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    folders = (HERE / "versions", *locations)
    config.set_main_option("version_locations", "\n".join(str(folder) for folder in folders).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection, locations: tuple[Path, ...], before: bool) -> None:
    config = configured(connection, locations)
    scripts = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_heads()
    known = {script.revision for script in scripts.walk_revisions()}
    for revision in current:
        if revision not in known:
            raise DatabaseNewer(revision)
    if not before:
        command.upgrade(config, "heads")
        return
    applied = {script.revision for script in _down_from(scripts, current)}
    targets = [_before(scripts, head) for head in scripts.get_heads()]
    missing = [script for script in _down_from(scripts, targets) if script.revision not in applied]
    for script in missing:
        if current and _is_after(script):
            raise ReleaseLeftOut(script.revision)
    for target in targets:
        if target not in applied:
            command.upgrade(config, target)


def _before(scripts: ScriptDirectory, head: str) -> str:
    """The last migration on the way to a head that runs before the release."""
    return next(script.revision for script in _down_from(scripts, [head]) if not _is_after(script))


def _down_from(scripts: ScriptDirectory, revisions: Iterable[str]) -> Iterator[Script]:
    """The migrations of these revisions, and all below them, the last first."""
    for revision in revisions:
        yield from scripts.iterate_revisions(revision, "base")


def _is_after(script: Script) -> bool:
    return Path(script.path).stem.endswith(AFTER)
