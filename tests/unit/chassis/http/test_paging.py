"""A cursor goes on after the last item, whatever the key holds; a broken one is refused."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.http import CursorBroken, Page
from services.chassis.http.paging import read_cursor, write_cursor

PRINTABLE = st.text(st.characters(categories=["L", "N", "P"]), max_size=20)
KEYS = st.tuples(
    PRINTABLE,
    st.integers(-(2**62), 2**62 - 1),
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.floats(allow_nan=False, allow_infinity=False),
)
TYPES = (str, int, datetime, float)


def raw(value) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@given(KEYS)
def test_a_key_is_read_as_it_was_written(key):
    assert read_cursor(write_cursor(key), TYPES) == key


@given(st.text(max_size=60))
def test_garbage_is_refused_and_breaks_nothing(text):
    try:
        assert isinstance(read_cursor(text, (str,)), tuple)
    except CursorBroken:
        return


@pytest.mark.parametrize(
    ("value", "types"),
    [
        ("x", (str,)),
        ({"a": 1}, (str,)),
        ([], (str,)),
        (["a", "b"], (str,)),
        ([1], (str,)),
        ([True], (int,)),
        ([1.5], (int,)),
        ([2**63], (int,)),
        ([2**63 - 1], (int,)),
        ([10**400], (float,)),
        (["a\x00"], (str,)),
        (["a\n"], (str,)),
        ([None], (str,)),
        ([["a"]], (str,)),
        (["yesterday"], (datetime,)),
        (["2024-05-06T04:00:00"], (datetime,)),
        (["0001-01-01T00:00:00+14:00"], (datetime,)),
        ([float("inf")], (float,)),
        ([float("nan")], (float,)),
    ],
)
def test_a_cursor_of_another_list_is_refused(value, types):
    with pytest.raises(CursorBroken):
        read_cursor(raw(value), types)


def test_a_very_deep_cursor_is_refused():
    with pytest.raises(CursorBroken):
        read_cursor(base64.urlsafe_b64encode(b"[" * 100_000).decode(), (str,))


@given(st.lists(st.integers(0, 1000), unique=True, max_size=40), st.integers(1, 10))
def test_going_through_the_pages_gives_each_item_once(numbers, limit):
    rows, seen, cursor = sorted(numbers), [], None
    while True:
        page = Page(limit, cursor)
        after = page.after(int)
        items, cursor = page.cut([n for n in rows if after is None or n > after[0]][: limit + 1], lambda n: (n,))
        assert len(items) <= limit
        seen += items
        if cursor is None:
            break
    assert seen == rows
