"""States of long streams."""

from services.chassis.migrations.script import run

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table of snapshots."""
    run(__file__, "../0004_snapshots.sql")


def downgrade() -> None:
    """A log is not unmade."""
    raise RuntimeError("A log is not unmade: restore a backup from before the migration.")
