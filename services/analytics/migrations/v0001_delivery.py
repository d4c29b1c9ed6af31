"""Who is told of an alert, over which channel, and what came of each attempt."""

from services.chassis.migrations.script import run

revision = "analytics_0001"
down_revision = None
branch_labels = ("analytics",)
depends_on = ("0001",)


def upgrade() -> None:
    """Makes the schema delivery."""
    run(__file__)
