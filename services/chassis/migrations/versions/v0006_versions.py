"""A stream's version is that of its last event."""

from services.chassis.migrations.script import run

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the append of today, and drops the table that said it a second time."""
    run(__file__, "../append.sql", "../0006_versions.sql")


def downgrade() -> None:
    """A log is not unmade."""
    raise RuntimeError("A log is not unmade: restore a backup from before the migration.")
