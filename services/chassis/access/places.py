"""Paths as scopes: a path covers itself and what lies inside it, on whole segments; in Python, in a condition, in SQL.

This is the one place that says so: categories are paths as places are, and every query that shows rows of a caller's
places uses one of these.
"""

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

Text = str | sa.ColumnElement[str]

MOST_SEGMENTS = 10
SEGMENT = re.compile(r"(?=[_-]*[a-z0-9])[a-z0-9_-]{1,80}", re.ASCII)


class PlaceMalformed(ValueError):
    """A text that is no place path."""

    def __init__(self) -> None:
        # the text itself is not repeated: it may be anything
        super().__init__(
            "A place is 1 to 10 segments of lower-case letters, digits, hyphens and underscores joined by '/', each "
            "with a letter or a digit, such as yinchuan/jinfeng: correct it."
        )


def parse_place(text: str) -> str:
    """The place path in a text, as it is; nothing is repaired.

    Raises:
        PlaceMalformed: empty, a segment that is empty or signs alone, or that has another character (dots, capitals,
            percent signs, backslashes, look-alikes from other scripts), or more than ten segments.
    """
    segments = text.split("/")
    if len(segments) > MOST_SEGMENTS or not all(SEGMENT.fullmatch(segment) for segment in segments):
        raise PlaceMalformed
    return text


def covers(scope: str, path: str) -> bool:
    """Whether the path is the scope or lies inside it; an empty scope covers nothing."""
    return bool(scope) and (path == scope or path.startswith(f"{scope}/"))


def inside(path: Text, scope: Text) -> sa.ColumnElement[bool]:
    """The same as a condition; each of the two may be a column."""
    # starts_with takes its argument as it is: _ is a character of paths, and a wildcard of like
    return (_expression(path) == scope) | sa.func.starts_with(path, scope + "/")


def within(column: sa.ColumnElement[str], scopes: Sequence[str]) -> sa.ColumnElement[bool]:
    """Rows that lie in any of the scopes; none where there are none."""
    return sa.or_(sa.false(), *(inside(column, scope) for scope in scopes if scope))


def within_any(column: sa.ColumnElement[str], scopes: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """The same for scopes that are an array in the query."""
    scope = sa.func.unnest(scopes).column_valued("scope")
    return sa.select(scope).where(scope != "", inside(column, scope)).exists()


def inside_sql(path: str, scope: str) -> str:
    """``inside`` in the text of a query, for what its text calls the two: columns, or parameters such as ``:place``."""
    return _text(inside(_named(path), _named(scope)))


def within_sql(column: str) -> str:
    """``within`` in the text of a query, for the scopes in its parameter ``:places``."""
    return _text(within_any(_named(column), sa.literal_column("cast(:places as text[])", sa.ARRAY(sa.Text))))


def _named(name: str) -> sa.ColumnElement[str]:
    return sa.literal_column(name, sa.Text)


def _expression(path: Text) -> sa.ColumnElement[str]:
    return sa.literal(path) if isinstance(path, str) else path


def _text(condition: sa.ColumnElement[bool]) -> str:
    return f"({condition.compile(compile_kwargs={'literal_binds': True})})"
