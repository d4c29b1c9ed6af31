"""An append says which history of the log it was decided on, and is told which one it is in."""

from services.chassis.migrations.script import run

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the append of today."""
    run(__file__, "../0008_decided.sql", "../histories.sql", "../append.sql")


def downgrade() -> None:
    """A log is not unmade."""
    raise RuntimeError("A log is not unmade: restore a backup from before the migration.")
