"""The tables of the kpi read model: what was counted, by whom it can be shown, and what is covered."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from services.analytics.views.columns import day, moment_or_none, names, position, text, text_or_none

METADATA = sa.MetaData(schema="kpi")

series = sa.Table(
    "series",
    METADATA,
    # a digest of the other columns, so that a rebuild gives the same number
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    text("kind"),
    text("source"),
    text("category"),
    text("label"),
)
happenings = sa.Table(
    "happenings",
    METADATA,
    sa.Column("log", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    # an event that moves a happening to another category takes one away and adds one
    sa.Column("part", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("event", UUID(as_uuid=True), nullable=False),
    # a digest of the stream's name: half a million of these go through an index, which is slow for long text
    sa.Column("stream", sa.BigInteger, nullable=False),
    sa.Column("series", sa.BigInteger, nullable=False),
    text("place"),
    day("day"),
    sa.Column("amount", sa.SmallInteger, nullable=False),
    # of what was told here, so that its day follows the zone of its building; an import says itself which day it was
    moment_or_none("at"),
    sa.Index("happenings_series", "series", "day"),
    sa.Index(
        "happenings_live",
        "place",
        postgresql_where=sa.text("at is not null"),
        postgresql_ops={"place": "text_pattern_ops"},
    ),
    sa.Index("happenings_stream", "stream"),
)
zones = sa.Table(
    "zones",
    METADATA,
    sa.Column("building", sa.Text, primary_key=True),
    text("place"),
    text("zone"),
    sa.Index("zones_place", "place"),
)
"""The zones of buildings."""
reports = sa.Table(
    "reports",
    METADATA,
    position(),
    sa.Column("event", UUID(as_uuid=True), nullable=False),
    text("indicator"),
    text("source"),
    text("place"),
    day("first"),
    day("last"),
    sa.Column("value", sa.Double, nullable=False),
    text("unit"),
    sa.Column("correction", sa.Boolean, nullable=False),
    # until a supervisor has released it, what was reported before counts
    sa.Column("waiting", sa.Boolean, nullable=False),
    sa.Index("reports_indicator", "indicator", "first"),
)
coverages = sa.Table(
    "coverages",
    METADATA,
    position(),
    text("source"),
    text("place"),
    sa.Column("categories", ARRAY(sa.Text), nullable=False),
    day("first"),
    day("last"),
    sa.Column("gap_firsts", ARRAY(sa.Date), nullable=False),
    sa.Column("gap_lasts", ARRAY(sa.Date), nullable=False),
    text("zone"),
    text_or_none("continues"),
    # until these logs have been read so far, only a part of what is covered was counted
    sa.Column("complete_logs", ARRAY(sa.Text), nullable=False),
    sa.Column("complete_positions", ARRAY(sa.BigInteger), nullable=False),
)

COLUMNS = {table.name: names(table) for table in METADATA.tables.values()}
