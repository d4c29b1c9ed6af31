"""Runs SQL files of a migration whole."""

from pathlib import Path

from alembic import op
from sqlalchemy import text
from sqlalchemy.util import await_only


def run(beside: str, *files: str) -> None:
    """Executes SQL files, named relative to the migration's own file, in its transaction."""
    bind = op.get_bind()
    bind.execute(text("select 1"))  # opens the transaction that the script has to run in
    driver = bind.connection.driver_connection
    if driver is None:
        raise ConnectionError("The migration has no database connection.")
    for file in files:
        await_only(driver.execute((Path(beside).parent / file).resolve().read_text(encoding="utf-8")))
