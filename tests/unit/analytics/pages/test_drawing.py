"""Drawings of figures and towers: honest about doubt, and new only where something is new."""

import pytest

from services.analytics.pages.drawing.figures import COMMON_SCALE, interval_line, scale_of, share_bar, sparkline
from services.analytics.pages.drawing.towers import LETTERS, painted, shape_of
from services.analytics.pages.shapes import Cell, Floor, Tower
from services.analytics.pages.tokens import DARK, LIGHT, USE_CLASSES, stylesheet
from services.analytics.pages.wall.building import hotel_band


def tower(*rows: tuple[int, str]) -> Tower:
    """Floors with a letter a unit."""
    names = {letter: name for name, letter in LETTERS.items()}
    floors = tuple(
        Floor(
            floor=floor,
            units=tuple(
                Cell(id=f"u-{floor}-{n}", number=str(n), label=str(n), colour=names[letter])
                for n, letter in enumerate(colours)
            ),
        )
        for floor, colours in rows
    )
    return Tower(id="t", name="T", floors=floors)


def test_two_years_stand_on_one_scale_that_begins_at_zero():
    drawn = sparkline([0, 10], [5, 10], "both")
    assert 'class="this" points="0.0,42.0 160.0,2.0"' in drawn
    assert 'class="before" points="0.0,22.0 160.0,2.0"' in drawn


def test_a_line_of_one_point_is_not_drawn():
    assert "polyline" not in sparkline([3], [], "one")


def test_tiles_share_a_scale_so_that_they_compare():
    assert scale_of(-19.28, (-31.0, -5.6)) == scale_of(-10.8, (-13.3, -8.2)) == COMMON_SCALE


@pytest.mark.parametrize("interval", [(-20.0, 250.0), (-99.0, None)])
def test_what_does_not_fit_gets_a_wider_scale(interval: tuple[float | None, float | None]):
    low, high = scale_of(10.0, interval)
    assert low == -high
    assert all(low <= end <= high for end in interval if end is not None)


def test_what_may_be_chance_is_drawn_grey_and_said():
    assert 'class="interval chance"' in interval_line(-14.3, (-40.0, 23.0), "x", chance=True)
    assert 'class="interval"' in interval_line(-24.0, (-29.6, -17.9), "x", chance=False)


def test_money_has_no_interval_line():
    assert 'class="doubt"' not in interval_line(-39.89, None, "x", chance=False)


def test_words_in_a_drawing_are_escaped():
    assert "<b>" not in share_bar([("c-h", 1.0)], "<b>")


def test_each_use_class_has_a_letter_of_its_own():
    assert len(set(LETTERS.values())) == len(USE_CLASSES)


def test_a_unit_that_changes_colour_does_not_change_the_shape():
    before, after = tower((2, "hv"), (1, "ro")), tower((2, "hh"), (1, "ro"))
    assert shape_of([before]) == shape_of([after])
    assert (painted([before]), painted([after])) == (["hvro"], ["hhro"])


def test_the_hotel_band_is_the_longest_run_of_hotel_floors():
    floors = [(number, "hhhv" if 6 <= number <= 25 else "roso") for number in range(30, 0, -1)]
    assert hotel_band([tower(*floors)]) == (6, 25)


def test_scattered_hotels_are_no_band():
    assert hotel_band([tower((3, "hr"), (2, "rr"), (1, "hh"))]) == (0, 0)


def test_both_themes_name_the_same_colours():
    assert DARK.keys() == LIGHT.keys()
    assert all(f"--{name}:" in stylesheet() for name in DARK)
