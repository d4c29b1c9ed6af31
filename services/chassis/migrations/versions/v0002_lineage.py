"""Histories of the log, and its relay."""

from services.chassis.migrations.script import run

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table of lineages and the schema relay."""
    run(__file__, "../0002_lineage.sql", "../0002_relay.sql")


def downgrade() -> None:
    """A log is not unmade."""
    raise RuntimeError("A log is not unmade: restore a backup from before the migration.")
