"""The tables of the casebook."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

METADATA = sa.MetaData(schema="casebook")
MOMENT = sa.DateTime(timezone=True)
PATH = sa.Text(collation="C")
"""Ordered byte by byte, so that all paths below one lie side by side in the index."""

incidents = sa.Table(
    "incidents",
    METADATA,
    sa.Column("incident", sa.Text(collation="C"), primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("place", PATH, nullable=False),
    sa.Column("category", PATH, nullable=False),
    sa.Column("phase", sa.Text, nullable=False),
    sa.Column("phase_since", MOMENT, nullable=False),
    sa.Column("priority", sa.Text),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("earliest", MOMENT, nullable=False),
    sa.Column("latest", MOMENT, nullable=False),
    sa.Column("zone", sa.Text, nullable=False),
    sa.Column("source_unit", sa.Text),
    sa.Column("caller_unit", sa.Text),
    sa.Column("caller", sa.Text),
    sa.Column("officers", ARRAY(sa.Text), nullable=False),
    sa.Column("en_route", ARRAY(sa.Text), nullable=False),
    sa.Column("arrived", ARRAY(sa.Text), nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("drill", sa.Boolean, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("source_id", sa.Text),
    sa.Column("longitude", sa.Double),
    sa.Column("latitude", sa.Double),
    sa.Column("system", sa.Text),
    sa.Column("reported_at", MOMENT, nullable=False),
    sa.Column("dispatched_at", MOMENT),
    sa.Column("arrived_at", MOMENT),
    sa.Column("waited_seconds", sa.BigInteger),
    sa.Column("wait_measured", sa.Boolean),
    sa.Column("reopened_at", MOMENT),
    sa.Column("resolved_at", MOMENT),
    sa.Index("incidents_latest_first", sa.text("earliest desc"), sa.text("incident desc")),
    sa.Index("incidents_place", "place", "earliest"),
    # what an import brings was over long ago: open is what the platform itself has still to deal with
    sa.Index("incidents_open", "place", postgresql_where=sa.text("phase <> 'resolved' and source = 'live'")),
    sa.Index("incidents_caller", "caller", postgresql_where=sa.text("caller is not null")),
)

# literal, so that the planner sees that the index above holds them
OPEN = sa.and_(incidents.c.phase != sa.literal_column("'resolved'"), incidents.c.source == sa.literal_column("'live'"))
"""What somebody has still to deal with."""
