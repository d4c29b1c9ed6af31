"""The tables of the docket."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

METADATA = sa.MetaData(schema="docket")
MOMENT = sa.DateTime(timezone=True)
PATH = sa.Text(collation="C")
"""Ordered byte by byte, so that all paths below one lie side by side in the index."""

disputes = sa.Table(
    "disputes",
    METADATA,
    sa.Column("dispute", sa.Text(collation="C"), primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("place", PATH, nullable=False),
    sa.Column("category", PATH, nullable=False),
    sa.Column("phase", sa.Text, nullable=False),
    sa.Column("mediator", sa.Text),
    sa.Column("source_unit", sa.Text),
    sa.Column("parties", ARRAY(sa.Text), nullable=False),
    sa.Column("incident", sa.Text),
    sa.Column("sessions", sa.Integer, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("logged_at", MOMENT, nullable=False),
    sa.Column("resolved_at", MOMENT),
    sa.Index("disputes_latest_first", sa.text("logged_at desc"), sa.text("dispute desc")),
    sa.Index("disputes_place", "place", "logged_at"),
    sa.Index("disputes_parties", "parties", postgresql_using="gin"),
)

issues = sa.Table(
    "issues",
    METADATA,
    sa.Column("issue", sa.Text(collation="C"), primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("title_withheld", sa.Boolean, nullable=False),
    sa.Column("place", PATH, nullable=False),
    sa.Column("category", PATH, nullable=False),
    sa.Column("building", sa.Text),
    sa.Column("floor", sa.Integer),
    sa.Column("raised_by", sa.Text),
    sa.Column("phase", sa.Text, nullable=False),
    sa.Column("times_disputed", sa.Integer, nullable=False),
    sa.Column("raised_at", MOMENT, nullable=False),
    sa.Column("resolved_at", MOMENT),
    sa.Column("answered_at", MOMENT),
    sa.Index("issues_latest_first", sa.text("raised_at desc"), sa.text("issue desc")),
    sa.Index("issues_place", "place", "raised_at"),
    sa.Index("issues_raised_by", "raised_by", postgresql_where=sa.text("raised_by is not null")),
)

commitments = sa.Table(
    "commitments",
    METADATA,
    sa.Column("issue", sa.Text(collation="C"), primary_key=True),
    sa.Column("commitment", sa.Text(collation="C"), primary_key=True),
    sa.Column("place", PATH, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("promise", sa.Text, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("made_at", MOMENT, nullable=False),
    sa.Column("fulfilled_at", MOMENT),
    sa.Column("late_days", sa.Integer),
    sa.Column("missed_at", MOMENT),
    sa.Index("commitments_owner", "owner", "due_on"),
    sa.Index("commitments_open", "due_on", postgresql_where=sa.text("fulfilled_at is null")),
)

sessions = sa.Table(
    "sessions",
    METADATA,
    sa.Column("session", sa.Text(collation="C"), primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("place", PATH, nullable=False),
    sa.Column("starts_at", MOMENT, nullable=False),
    sa.Column("venue", sa.Text, nullable=False),
    sa.Column("agenda", ARRAY(sa.Text), nullable=False),
    sa.Column("organisations", ARRAY(sa.Text), nullable=False),
    sa.Column("residents", sa.Integer),
    sa.Column("closed_at", MOMENT),
    sa.Index("sessions_latest_first", sa.text("starts_at desc"), sa.text("session desc")),
    sa.Index("sessions_agenda", "agenda", postgresql_using="gin"),
)
