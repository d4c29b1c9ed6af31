"""A place in a stream is taken once."""

from services.chassis.migrations.script import run

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the index of streams a unique one."""
    run(__file__)
