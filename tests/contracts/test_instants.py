"""A moment that a contract takes, it takes again: a command's becomes an event's, and is read back."""

from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.common import EARLIEST, LATEST, Instant

INSTANT = TypeAdapter(Instant)
ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=ZONES))
def test_what_is_taken_is_taken_again(moment):
    try:
        taken = INSTANT.validate_python(moment)
    except ValidationError:
        return
    assert (taken, taken.tzinfo) == (moment, UTC)
    assert INSTANT.validate_python(taken) == taken


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("1900-01-01T00:00:00+08:00", False),
        ("1899-12-31T23:00:00-08:00", True),
        ("2199-12-31T23:00:00-08:00", False),
        ("2200-01-01T07:59:59+08:00", True),
        ("0001-01-01T00:00:00+14:00", False),
        ("9999-12-31T23:59:59-14:00", False),
    ],
)
def test_the_years_are_those_of_utc(text, taken):
    assert EARLIEST.year == 1900
    assert LATEST.year == 2199
    if taken:
        assert INSTANT.validate_python(text).isoformat() in {"1900-01-01T07:00:00+00:00", "2199-12-31T23:59:59+00:00"}
    else:
        with pytest.raises(ValidationError, match="between 1900 and 2199 in UTC"):
            INSTANT.validate_python(text)
