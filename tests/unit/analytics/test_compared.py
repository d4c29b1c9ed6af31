"""Two totals of spans of unlike length are held against each other by the day."""

import pytest

from services.analytics.figures.figure import compared


def test_as_many_a_day_is_no_change_and_may_be_chance():
    # 260 a day in February of a common year and of a leap year
    month = compared(7280, 7540, counts=True, exposure=28 / 29)
    assert month.change_percent == 0
    assert month.interval == (pytest.approx(0.968, abs=1e-3), pytest.approx(1.033, abs=1e-3))
    assert month.may_be_chance is True


def test_a_week_over_the_leap_day_is_held_against_one_without_by_the_day():
    assert compared(700, 800, counts=True, exposure=7 / 8).change_percent == 0


def test_a_figure_that_was_published_as_a_change_of_totals_stays_one_beside_an_interval_of_the_rate():
    year = compared(293, 363, counts=True, exposure=366 / 365, change_of="total")
    assert year.change_percent == -19.28
    assert compared(293, 363, counts=True, exposure=366 / 365).change_percent == -19.5
    assert year.interval == compared(293, 363, counts=True, exposure=366 / 365).interval
