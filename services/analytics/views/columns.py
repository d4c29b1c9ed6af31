"""Short names for the columns of read models."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

MOMENT = sa.DateTime(timezone=True)


def text(name: str) -> "sa.Column[str]":
    """Text that is always there."""
    return sa.Column(name, sa.Text, nullable=False)


def text_or_none(name: str) -> "sa.Column[str]":
    """Text that may be missing."""
    return sa.Column(name, sa.Text)


def texts(name: str) -> "sa.Column[Any]":
    """Several texts."""
    return sa.Column(name, ARRAY(sa.Text), nullable=False)


def number(name: str) -> "sa.Column[int]":
    """A whole number."""
    return sa.Column(name, sa.Integer, nullable=False)


def count(name: str) -> "sa.Column[int]":
    """A whole number that a released event does not bound below a bigint."""
    return sa.Column(name, sa.BigInteger, nullable=False)


def moment(name: str) -> "sa.Column[Any]":
    """A moment that is always there."""
    return sa.Column(name, MOMENT, nullable=False)


def moment_or_none(name: str) -> "sa.Column[Any]":
    """A moment that may be missing."""
    return sa.Column(name, MOMENT)


def day(name: str) -> "sa.Column[Any]":
    """A calendar day."""
    return sa.Column(name, sa.Date, nullable=False)


def position() -> "sa.Column[int]":
    """The place of a fact in its log; one row an event."""
    return sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False)


def names(table: sa.Table) -> tuple[str, ...]:
    """The table's columns, in order."""
    return tuple(str(column.name) for column in table.columns)
