"""The tables of the register. Each fact has its position, when it became true and when it became known."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

METADATA = sa.MetaData(schema="register")
MOMENT = sa.DateTime(timezone=True)


def _facts(name: str, *own: "sa.Column[Any] | sa.Index") -> sa.Table:
    return sa.Table(
        name,
        METADATA,
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("effective_at", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        *own,
    )


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)


def _text_or_none(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text)


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, nullable=False)


def _texts(name: str) -> "sa.Column[Any]":
    return sa.Column(name, ARRAY(sa.Text), nullable=False)


buildings = _facts(
    "buildings",
    _text("id"),
    _text("name"),
    _text("place"),
    _text("zone"),
    sa.Column("longitude", sa.Double),
    sa.Column("latitude", sa.Double),
    _text_or_none("system"),
    sa.Index("buildings_id", "id", unique=True),
    sa.Index("buildings_place", "place", "id"),
)
surveys = _facts(
    "surveys",
    _text("building"),
    _number("lowest_floor"),
    _number("highest_floor"),
    sa.Index("surveys_building", "building", "effective_at"),
)
units = _facts(
    "units",
    _text("id"),
    _text("building"),
    _text("number"),
    _number("floor"),
    _text("place"),
    _number("capacity"),
    sa.Index("units_id", "id", unique=True),
    sa.Index("units_building", "building", "floor"),
)
spans = sa.Table(
    "spans",
    METADATA,
    _text("id"),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("until", MOMENT, nullable=False),
    _text("building"),
    _text("number"),
    _number("floor"),
    _text("place"),
    _number("capacity"),
    _text_or_none("use_class"),
    sa.Column("class_since", MOMENT),
    _text_or_none("operator"),
    _text_or_none("observed_use"),
    _text_or_none("organisation"),
    sa.Column("observed_at", MOMENT),
    sa.Column("differs", sa.Boolean, nullable=False),
    _number("tenancies"),
    _number("occupants"),
    _number("to_verify"),
    _number("overdue"),
    _text("colour"),
    sa.Index("spans_id", "id"),
    sa.Index("spans_building", "building", "floor", "number"),
    sa.Index("spans_colour", "colour", "building", "floor", "number"),
    sa.Index("spans_place", "place", postgresql_ops={"place": "text_pattern_ops"}),
    sa.Index("spans_operator", "operator", postgresql_where=sa.text("operator is not null")),
    sa.Index("spans_differs", "building", "floor", "number", postgresql_where=sa.text("differs")),
)
"""How each unit was from a moment until another, as far as it is known now; follows from the facts."""
classes = _facts(
    "classes",
    _text("event"),
    _text("unit"),
    _text("use_class"),
    _text_or_none("corrects"),
    _text_or_none("reason"),
    sa.Index("classes_unit", "unit", "effective_at"),
)
operators = _facts(
    "operators", _text("unit"), _text_or_none("operator"), sa.Index("operators_unit", "unit", "effective_at")
)
observations = _facts(
    "observations",
    _text("unit"),
    _text("observed_use"),
    sa.Column("differs", sa.Boolean, nullable=False),
    _text_or_none("organisation"),
    sa.Index("observations_unit", "unit", "effective_at"),
)
tenancies = _facts(
    "tenancies",
    _text("unit"),
    _text("tenancy"),
    _text("place"),
    _text("category"),
    _text_or_none("lease_filing"),
    _text("registered_by"),
    sa.Column("corrected", sa.Boolean, nullable=False),
    sa.Column("ended_at", MOMENT),
    sa.Column("due_at", MOMENT),
    _text_or_none("calendar"),
    sa.Index("tenancies_unit", "unit", "tenancy"),
)
"""A row for each registration and each correction of a tenancy: the last one known is in force. A correction also says
when the household left and by when its occupants are to be verified; what was on record of both before it is void."""
departures = _facts("departures", _text("unit"), _text("tenancy"), sa.Index("departures_unit", "unit", "tenancy"))
occupants = _facts(
    "occupants",
    _text("unit"),
    _text("tenancy"),
    _text("subject"),
    _text("place"),
    sa.Column("due_at", MOMENT),
    _text_or_none("calendar"),
    _text_or_none("name"),
    _text_or_none("phone"),
    _text_or_none("document"),
    sa.Index("occupants_unit", "unit", "tenancy", "subject", unique=True),
    sa.Index("occupants_subject", "subject"),
    sa.Index("occupants_due_at", "due_at"),
)
attempts = _facts(
    "attempts",
    _text("unit"),
    _text("tenancy"),
    _text("subject"),
    sa.Column("succeeded", sa.Boolean, nullable=False),
    _text("how"),
    sa.Index("attempts_unit", "unit", "tenancy", "subject"),
)
rounds = _facts(
    "rounds",
    _text("id"),
    _text("place"),
    _text("officer"),
    _texts("units"),
    _text("day_part"),
    sa.Index("rounds_id", "id", unique=True),
)
visits = _facts(
    "visits",
    _text("round"),
    _text("unit"),
    _text("outcome"),
    sa.Index("visits_round", "round"),
    sa.Index("visits_unit", "unit", "effective_at"),
)
closings = _facts(
    "closings", _text("round"), _number("visited"), _number("met"), sa.Index("closings_round", "round", unique=True)
)
subjects = _facts("subjects", _text("id"), _text("place"), sa.Index("subjects_id", "id", unique=True))
openings = _facts(
    "openings",
    _text("subject"),
    _text("place"),
    _text("purpose"),
    _text_or_none("task"),
    _texts("fields"),
    _text("actor_role"),
    _text("actor_id"),
    sa.Index("openings_subject", "subject"),
)
erasures = _facts("erasures", _text("subject"), _text("ground"), sa.Index("erasures_subject", "subject", unique=True))
versions = sa.Table(
    "versions",
    METADATA,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)

COLUMNS = {table.name: tuple(table.columns.keys()) for table in METADATA.tables.values()}
