"""An append that may change beside the one that an older release calls."""

from services.chassis.migrations.script import run

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the second append; it does what the first does."""
    run(__file__)
