"""A stream's version is that of its last event."""

from services.chassis.migrations.script import run

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lets the append ask the events, and drops the table that said it a second time."""
    run(__file__)
