"""Several topics a log."""

from services.chassis.migrations.script import run

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Gives each topic of a log a lease and a progress."""
    run(__file__)
