"""One state of the log's functions, whichever text of 0008 made them."""

from services.chassis.migrations.script import run

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the functions that begin a history, take the head and append, as 0008's last text did."""
    run(__file__)
