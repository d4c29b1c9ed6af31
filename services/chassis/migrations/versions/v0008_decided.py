"""An append says which history of the log it was decided on, and is told which one it is in."""

from services.chassis.migrations.script import run

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes an append that takes and gives lineages, and drops the one that did not."""
    run(__file__)
