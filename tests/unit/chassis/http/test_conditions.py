"""Headers that make a request conditional or repeatable."""

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.http import HeaderMalformed
from services.chassis.http.conditions import correlation_id, etag, expected_version, idempotency_key, trace_of
from services.chassis.http.openapi import COMMAND_HEADERS

FRESH = UUID(int=7)
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


@given(st.integers(0, 10**18 - 1))
def test_a_version_is_read_from_its_tag(version):
    assert expected_version(etag(version)) == version


@pytest.mark.parametrize("header", [None, "*", " * "])
def test_no_condition_expects_no_version(header):
    assert expected_version(header) is None


@pytest.mark.parametrize("header", ["", "7", 'W/"7"', '"7", "8"', '"-1"', '"7', '"x"', '""', '"' + "9" * 19 + '"'])
def test_any_other_condition_is_refused(header):
    with pytest.raises(HeaderMalformed, match="If-Match"):
        expected_version(header)


@pytest.mark.parametrize(("header", "key"), [("k1", "k1"), ('"k1"', "k1"), (" k1 ", "k1"), ("a" * 200, "a" * 200)])
def test_a_key_is_taken_with_or_without_quotes(header, key):
    assert idempotency_key(header) == key


def test_no_key_is_no_key():
    assert idempotency_key(None) is None


@pytest.mark.parametrize("header", ["", '""', "a" * 201, "a b", "a\x00b", "ключ", "a\tb"])
def test_any_other_key_is_refused(header):
    with pytest.raises(HeaderMalformed, match="Idempotency-Key"):
        idempotency_key(header)


def test_the_senders_correlation_goes_before_the_traces():
    assert correlation_id("order-7", TRACE, FRESH) == "order-7"
    assert correlation_id(None, TRACE, FRESH) == "a" * 32
    assert correlation_id(None, None, FRESH) == str(FRESH)


@pytest.mark.parametrize("given_id", ["", "a b", "x" * 81, "\n", "王小明", "-x", "<script>"])
def test_a_correlation_that_could_be_anything_is_replaced(given_id):
    assert correlation_id(given_id, None, FRESH) == str(FRESH)


@pytest.mark.parametrize("header", [None, "", "x", TRACE.upper(), TRACE + "\n"])
def test_a_broken_trace_is_left_behind(header):
    assert trace_of(header) is None
    assert correlation_id(None, header, FRESH) == str(FRESH)


def test_a_trace_goes_on():
    assert trace_of(TRACE) == TRACE


PATTERNS = {header["name"]: re.compile(header["schema"]["pattern"], re.ASCII) for header in COMMAND_HEADERS}
NEARLY = st.text(st.sampled_from('"*79a!~ '), max_size=21) | st.sampled_from(
    [quote + "k" * n + quote for quote in ('"', "") for n in (0, 1, 199, 200, 201)]
)


@pytest.mark.parametrize(("name", "read"), [("If-Match", expected_version), ("Idempotency-Key", idempotency_key)])
@given(value=NEARLY.filter(lambda value: value == value.strip()))
def test_the_document_allows_what_is_taken_and_nothing_else(name, read, value):
    try:
        read(value)
        taken = True
    except HeaderMalformed:
        taken = False
    assert bool(PATTERNS[name].search(value)) is taken, value
