"""Who is told of an alert, over which channel, and what came of each attempt."""

from services.chassis.migrations.script import run

revision = "analytics_0001"
down_revision = None
branch_labels = ("analytics",)
depends_on = ("0001",)


def upgrade() -> None:
    """Makes the schema delivery."""
    run(__file__, "v0001_delivery.sql")


def downgrade() -> None:
    """What was sent is on record."""
    raise RuntimeError("Deliveries are on record: restore a backup from before the migration.")
