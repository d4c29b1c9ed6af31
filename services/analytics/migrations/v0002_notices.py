"""A delivery keeps the words that were sent, and names a person."""

from services.chassis.migrations.script import run

revision = "analytics_0002"
down_revision = "analytics_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds kind and words to the tasks."""
    run(__file__)
