"""States of long streams."""

from services.chassis.migrations.script import run

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table of snapshots."""
    run(__file__)
