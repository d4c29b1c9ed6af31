"""Places as scopes: a path covers itself and what lies inside it, on whole segments."""

import re

import sqlalchemy as sa

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


def covers(scope: str, place: str) -> bool:
    """Whether the place is the scope or lies inside it; an empty scope covers nothing."""
    return bool(scope) and (place == scope or place.startswith(f"{scope}/"))


def within(column: "sa.ColumnElement[str]", scopes: tuple[str, ...]) -> "sa.ColumnElement[bool]":
    """The same as a condition on a column: in any of the scopes; nothing where there are none."""
    # starts_with takes its argument as it is: _ is a character of places, and a wildcard of like
    inside = [sa.or_(column == scope, sa.func.starts_with(column, f"{scope}/")) for scope in scopes if scope]
    return sa.or_(sa.false(), *inside)
