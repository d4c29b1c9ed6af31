"""The append of before has no callers left."""

from services.chassis.migrations.script import run

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drops the first append."""
    run(__file__)
