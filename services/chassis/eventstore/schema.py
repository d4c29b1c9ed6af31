"""Tables of a log. The migrations make them; a test compares the two."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, TIMESTAMP, UUID

log = sa.MetaData(schema="log")

MOMENT = TIMESTAMP(timezone=True)

events = sa.Table(
    "events",
    log,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("id", UUID(as_uuid=True), nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    # bytea, since jsonb refuses \u0000 and rewrites bytes, and the chain hashes bytes
    sa.Column("data", BYTEA, nullable=False),
    sa.Column("metadata", BYTEA, nullable=False),
    sa.Column("effective_at", MOMENT, nullable=False),
    sa.Column("recorded_at", MOMENT, nullable=False),
    sa.Column("hash", BYTEA, nullable=False),
    sa.Index("events_by_stream", "stream", "version", unique=True),
)

head = sa.Table(
    "head",
    log,
    sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("hash", BYTEA, nullable=False),
    sa.Column("recorded_at", MOMENT, nullable=False),
    sa.Column("lineage", UUID(as_uuid=True), nullable=False),
)

lineages = sa.Table(
    "lineages",
    log,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("lineage", UUID(as_uuid=True), nullable=False, unique=True),
    sa.Column("began_after", sa.BigInteger, nullable=False),
    sa.Column("system", sa.BigInteger, nullable=False),
    sa.Column("timeline", sa.Integer, nullable=False),
    sa.Column("database", sa.BigInteger, nullable=False),
    sa.Column("at", MOMENT, nullable=False),
)

streams = sa.Table(
    "streams",
    log,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
)

commands = sa.Table(
    "commands",
    log,
    sa.Column("actor", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("digest", BYTEA, nullable=False),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("first", sa.BigInteger, nullable=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("recorded_at", MOMENT, nullable=False),
)

snapshots = sa.Table(
    "snapshots",
    log,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("decider", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("state", BYTEA, nullable=False),
)
