"""The interval of a ratio of two counts: published values, scipy's own references, and what must always hold."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from services.analytics.statistics.ratio import Interval, change_percent, may_be_chance, ratio_interval

counts = st.integers(0, 20_000)


@pytest.mark.parametrize(
    ("previous", "value", "percent"),
    [
        (363, 293, -19.28),
        (178, 107, -39.89),
        (70, 60, -14.29),
        (24, 12, -50.0),
        (1500, 1140, -24.0),
        (780, 620, -20.51),
        (10_000, 8_920, -10.8),
    ],
)
def test_the_changes_of_the_case_come_out_of_their_counts(previous, value, percent):
    assert change_percent(value, previous) == percent


def test_nothing_before_gives_no_change():
    assert change_percent(3, 0) is None


def test_the_interval_is_the_one_that_the_manual_of_r_prints():
    # ?poisson.test: cases of leukaemia after Fallon, 11 among 800 against 21 among 3,011
    interval = ratio_interval(11, 21, exposure=800 / (1083 + 1050 + 878))
    assert interval is not None
    assert interval.low == pytest.approx(0.8584264, abs=1e-7)
    assert interval.high == pytest.approx(4.2772659, abs=1e-7)


@given(counts, counts, st.sampled_from([0.5, 1.0, 366 / 365]), st.sampled_from([0.9, 0.95, 0.99]))
def test_the_bounds_are_those_of_the_exact_binomial_test(value, previous, exposure, confidence):
    assume(value + previous > 0)
    interval = ratio_interval(value, previous, exposure=exposure, confidence=confidence)
    chance = stats.binomtest(value, value + previous).proportion_ci(confidence, method="exact")
    assert interval is not None
    assert interval.low == pytest.approx(chance.low / (1 - chance.low) / exposure, rel=1e-6)
    if previous:
        assert interval.high == pytest.approx(chance.high / (1 - chance.high) / exposure, rel=1e-6)
    else:
        assert interval.high == math.inf


@given(counts, counts)
def test_the_interval_holds_the_ratio_and_turns_with_it(value, previous):
    assume(value + previous > 0)
    interval, turned = ratio_interval(value, previous), ratio_interval(previous, value)
    assert interval is not None
    assert turned is not None
    if previous:
        assert interval.low <= value / previous <= interval.high
    if turned.low > 0:
        assert interval.high == pytest.approx(1 / turned.low, rel=1e-6)
    assert may_be_chance(interval) == may_be_chance(turned)


@given(st.integers(1, 500), st.integers(1, 500), st.integers(2, 20))
def test_more_of_the_same_makes_it_narrower(value, previous, times):
    narrow, wide = ratio_interval(value * times, previous * times), ratio_interval(value, previous)
    assert narrow is not None
    assert wide is not None
    assert wide.low <= narrow.low <= narrow.high <= wide.high


def test_two_zeros_say_nothing():
    assert ratio_interval(0, 0) is None


def test_a_count_is_not_negative():
    with pytest.raises(ValueError, match="negative"):
        ratio_interval(-1, 3)


def test_a_halving_of_few_may_be_chance_and_a_fall_of_many_is_not():
    few, many = ratio_interval(12, 24), ratio_interval(1140, 1500)
    assert few is not None
    assert may_be_chance(few)
    assert many is not None
    assert not may_be_chance(many)
    assert may_be_chance(Interval(1.0, 2.0))
