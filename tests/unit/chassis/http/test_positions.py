"""A position token is read as it was written, or not at all."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.http import HeaderMalformed, PositionVector
from services.chassis.http.positions import history

SOURCES = st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True)
VECTORS = st.dictionaries(SOURCES, st.integers(0, 10**18 - 1), max_size=8)


@given(VECTORS)
def test_what_was_written_is_read(positions):
    assert dict(PositionVector.parse(str(PositionVector(positions)))) == positions


def test_it_names_the_stream_that_was_written_to():
    token = PositionVector({"registry": 1234, "incidents": 7}, {"registry": "unit-wanda-a-1812"})
    assert str(token) == "incidents=7, registry=1234@unit-wanda-a-1812"
    read = PositionVector.parse(str(token))
    assert (dict(read), read.streams) == ({"registry": 1234, "incidents": 7}, {"registry": "unit-wanda-a-1812"})


def test_it_names_the_history_that_the_position_is_in():
    lineage = UUID("3f9c2b7d-0000-4000-8000-000000000000")
    token = PositionVector({"registry": 1234}, {"registry": "unit-a"}, {"registry": history(lineage)})
    assert str(token) == "registry=1234.3f9c2b7d@unit-a"
    read = PositionVector.parse(str(token))
    assert (dict(read), read.histories, read.streams) == (
        {"registry": 1234},
        {"registry": "3f9c2b7d"},
        {"registry": "unit-a"},
    )
    assert not PositionVector.parse("registry=1234@unit-a").histories


def test_a_stream_that_a_header_cannot_carry_is_left_out():
    assert str(PositionVector({"registry": 4}, {"registry": "枫桥, 1"})) == "registry=4"


def test_it_is_written_in_one_way():
    assert str(PositionVector({"registry": 1234, "incidents": 7})) == "incidents=7, registry=1234"
    assert str(PositionVector()) == ""


@pytest.mark.parametrize("text", ["registry=1234,incidents=7", " incidents=7 ,registry=1234 "])
def test_spaces_do_not_matter(text):
    assert PositionVector.parse(text) == {"registry": 1234, "incidents": 7}


@pytest.mark.parametrize("text", ["", "  "])
def test_nothing_asks_for_nothing(text):
    assert not PositionVector.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "registry",
        "registry=",
        "=7",
        "registry=-1",
        "registry=1.5",
        "registry=1.3F9C2B7D",
        "registry=1.3f9c2b7d0",
        "registry=1e3",
        "registry=x",
        "registry=1;incidents=2",
        "registry=1,,incidents=2",
        "registry=1,registry=2",
        "Registry=1",
        "registry=" + "9" * 19,
        "registry=٣",
        ",".join(f"s{n}=1" for n in range(17)),
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(HeaderMalformed, match="Maple-After"):
        PositionVector.parse(text)


@given(VECTORS, VECTORS)
def test_one_covers_another_when_it_has_read_at_least_as_far_everywhere(one, other):
    assert PositionVector(one).covers(other) == all(one.get(source, 0) >= n for source, n in other.items())


@given(VECTORS)
def test_each_covers_itself_and_nothing(positions):
    assert PositionVector(positions).covers(positions)
    assert PositionVector(positions).covers({})
