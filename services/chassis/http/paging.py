"""Lists in pages: a cursor holds the sort key of the last item, and nothing that one could not have read."""

import base64
import binascii
import json
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from services.chassis.http.refusals import CursorBroken

Item = TypeVar("Item")
Key = tuple[Any, ...]
LONGEST = 2048
LARGEST = 2**62
"""Bound of the numbers in a cursor: one more, or a page more, still fits into a bigint."""


class Listed(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: Annotated[str | None, Field(description="Cursor of the next page; null at the end.")] = None
    as_of: Annotated[datetime, Field(description="The service's time of this answer.")]
    position: Annotated[dict[str, int], Field(description="How far each log has been read for it.")]


class Page:
    """Which page was asked for.

    Attributes:
        limit: most items. cursor: where it begins; None for the first.
    """

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=500, description="Most items.")] = 100,
        cursor: Annotated[str | None, Query(max_length=LONGEST, description="From `next` of the page before.")] = None,
    ) -> None:
        self.limit = limit
        self.cursor = cursor

    def after(self, *types: type) -> Key | None:
        """The sort key of the last item of the page before, one value for each type (str, int, float, datetime).

        Raises:
            CursorBroken: it is not a cursor of a list with such a key.
        """
        return None if self.cursor is None else read_cursor(self.cursor, types)

    def cut(self, items: Sequence[Item], key: Callable[[Item], Key]) -> tuple[list[Item], str | None]:
        """The page's own items out of up to ``limit + 1``, and the cursor of the next one where there are more."""
        mine = list(items[: self.limit])
        return mine, write_cursor(key(mine[-1])) if len(items) > self.limit else None


Paging = Annotated[Page, Depends()]


def write_cursor(key: Key) -> str:
    """A sort key as a cursor."""
    values = [value.isoformat() if isinstance(value, datetime) else value for value in key]
    packed = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def read_cursor(cursor: str, types: Sequence[type]) -> Key:
    """The sort key of a cursor.

    Raises:
        CursorBroken: it does not hold values of these types.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise CursorBroken from None
    if not isinstance(values, list) or len(values) != len(types):
        raise CursorBroken
    return tuple(_value(value, type_) for value, type_ in zip(values, types, strict=True))


def _value(value: Any, type_: type) -> Any:
    match value:
        case str() if type_ is datetime:
            return _moment(value)
        case str() if type_ is str and value.isprintable():
            return value
        case int() if type_ is int and not isinstance(value, bool) and -LARGEST <= value < LARGEST:
            return value
        case int() | float() if type_ is float and not isinstance(value, bool) and abs(value) <= sys.float_info.max:
            return float(value)
    raise CursorBroken


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CursorBroken from None
    if moment.tzinfo is None or not 1800 <= moment.year <= 2300:
        raise CursorBroken
    return moment
