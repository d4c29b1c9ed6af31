"""Histories of the log, and its relay."""

from services.chassis.migrations.script import run

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table of lineages and the schema relay."""
    run(__file__)
