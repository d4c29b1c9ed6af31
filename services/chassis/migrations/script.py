"""Runs the SQL of a migration."""

from pathlib import Path

from alembic import op
from sqlalchemy import text
from sqlalchemy.util import await_only


def run(migration: str) -> None:
    """Executes the SQL file beside a migration's own file, of the same name, in its transaction."""
    bind = op.get_bind()
    bind.execute(text("select 1"))  # opens the transaction that the script has to run in
    driver = bind.connection.driver_connection
    if driver is None:
        raise ConnectionError("The migration has no database connection.")
    await_only(driver.execute(Path(migration).with_suffix(".sql").read_text(encoding="utf-8")))
