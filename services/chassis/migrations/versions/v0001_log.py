"""The log and what stands beside it."""

from services.chassis.migrations.script import run

revision = "0001"
down_revision = None
branch_labels = ("chassis",)
depends_on = None


def upgrade() -> None:
    """Makes the schemas log, vault, projections and windows."""
    run(__file__)
