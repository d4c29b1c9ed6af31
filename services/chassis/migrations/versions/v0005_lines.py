"""Several topics a log."""

from services.chassis.migrations.script import run

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Gives each topic of a log a lease and a progress."""
    run(__file__, "../0005_lines.sql")


def downgrade() -> None:
    """A log is not unmade."""
    raise RuntimeError("A log is not unmade: restore a backup from before the migration.")
