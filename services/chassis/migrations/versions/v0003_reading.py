"""Reading by partition."""

from services.chassis.migrations.script import run

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Gives each mark a lineage and an offset, and makes the table of readers that have stopped."""
    run(__file__)
