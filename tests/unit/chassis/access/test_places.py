"""A scope covers itself and what lies inside it, on whole segments, however a request is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.access import PlaceMalformed, covers, parse_place

SIGNS = set("_-")
SEGMENTS = st.text("abcxyz019_-", min_size=1, max_size=6).filter(lambda text: not set(text) <= SIGNS)
PATHS = st.lists(SEGMENTS, min_size=1, max_size=10)


def joined(path: list[str]) -> str:
    return "/".join(path)


@given(PATHS, PATHS)
def test_a_scope_covers_exactly_the_places_whose_first_segments_are_its_own(scope, place):
    assert covers(joined(scope), joined(place)) == (place[: len(scope)] == scope)


@given(PATHS, st.integers(0, 9))
def test_a_place_lies_within_each_of_its_own_beginnings(path, length):
    assert covers(joined(path[: length + 1]), joined(path))


@given(PATHS, SEGMENTS)
def test_a_longer_last_segment_is_another_place(path, more):
    assert not covers(joined(path), joined(path) + more)


@pytest.mark.parametrize("place", ["", "yinchuan", "/", "a/b"])
def test_an_empty_scope_covers_nothing(place):
    assert not covers("", place)


def test_ward_3_does_not_cover_ward_30():
    assert not covers("yinchuan/ward_3", "yinchuan/ward_30")
    assert not covers("yinchuan/ward_3", "yinchuan/wardx3")
    assert covers("yinchuan/ward_3", "yinchuan/ward_3/post-1")


@given(PATHS)
def test_a_well_formed_place_is_taken_as_it_is(path):
    assert parse_place(joined(path)) == joined(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "/yinchuan",
        "yinchuan/",
        "yinchuan//jinfeng",
        "yinchuan/..",
        "..",
        ".",
        "-",
        "_",
        "yinchuan/-",
        "yinchuan/--_/jinfeng",
        "yinchuan/./jinfeng",
        "yinchuan/../helan",
        "Yinchuan",
        "yinchuan/%2e%2e",
        "yinchuan%2fjinfeng",
        "yinchuan\\jinfeng",
        "yinchuan/jinfeng\n",
        "yinchuan\x00",
        " yinchuan",
        "yinchuan/jinfeng ",
        "yinchuɑn",  # a Latin alpha
        "уinchuan",  # a Cyrillic u
        "yinchuan/１２",  # full-width digits
        "yinchuan∕jinfeng",  # a division slash
        "yinchuan/*",
        "yinchuan/jin'feng",
        "/".join(["a"] * 11),
        "a" * 81,
    ],
)
def test_nothing_else_is_taken_for_a_place(text):
    with pytest.raises(PlaceMalformed) as refused:
        parse_place(text)
    assert str(refused.value) == str(PlaceMalformed())


@given(st.text(max_size=40))
def test_whatever_is_taken_has_only_plain_segments(text):
    try:
        place = parse_place(text)
    except PlaceMalformed:
        return
    assert place == text
    for segment in place.split("/"):
        assert set(segment) - SIGNS
        assert set(segment) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-")
