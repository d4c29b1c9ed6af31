"""Like is compared with like, leap days included; only what is covered is compared at all."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.statistics.coverage import Declared, covered, intersection, is_covered, union, without
from services.analytics.statistics.days import Days, PeriodKind, latest_first, months, named, periods, year_before
from services.analytics.statistics.paths import common

dates = st.dates(date(2000, 1, 1), date(2030, 12, 31))
some_days = st.builds(lambda first, length: Days(first, first + timedelta(days=length)), dates, st.integers(0, 900))
near = st.builds(
    lambda start, length: Days(date(2020, 1, 1) + timedelta(start), date(2020, 1, 1) + timedelta(start + length)),
    st.integers(0, 40),
    st.integers(-1, 12),
)


def span(first, last):
    return Days(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("asked", "like"),
    [
        (("2017-01-01", "2017-06-30"), ("2016-01-01", "2016-06-30")),
        (("2024-01-01", "2024-12-31"), ("2023-01-01", "2023-12-31")),
        (("2024-02-01", "2024-02-29"), ("2023-02-01", "2023-02-28")),
        (("2025-02-01", "2025-02-28"), ("2024-02-01", "2024-02-29")),
        (("2025-02-10", "2025-02-28"), ("2024-02-10", "2024-02-28")),
        (("2024-02-10", "2024-02-29"), ("2023-02-10", "2023-02-28")),
        (("2024-02-29", "2024-03-10"), ("2023-03-01", "2023-03-10")),
        (("2024-02-28", "2024-02-28"), ("2023-02-28", "2023-02-28")),
    ],
)
def test_a_span_is_compared_with_its_like_a_year_before(asked, like):
    assert year_before(span(*asked)) == span(*like)


def test_the_leap_day_alone_has_no_like():
    assert year_before(span("2024-02-29", "2024-02-29")) is None


@given(some_days)
def test_the_like_span_is_as_long_but_for_a_leap_day(days):
    like = year_before(days)
    if like is not None:
        assert abs(len(like) - len(days)) <= 1
        assert like.last < days.last


@given(some_days, st.sampled_from(PeriodKind))
def test_periods_cut_a_span_without_a_gap_and_their_names_lead_back(days, kind):
    cut = list(periods(kind, days))
    assert cut[0].days.first == days.first
    assert cut[-1].days.last == days.last
    for one, following in itertools.pairwise(cut):
        assert following.days.first == one.days.last + timedelta(days=1)
    assert [named(period.name) for period in cut] == [period.days for period in cut]


def test_a_part_of_a_year_is_named_by_its_days():
    (half,) = periods(PeriodKind.YEAR, span("2017-01-01", "2017-06-30"))
    assert half.name == "2017-01-01/2017-06-30"
    assert [period.name for period in periods(PeriodKind.YEAR, span("2016-01-01", "2016-12-31"))] == ["2016"]


@pytest.mark.parametrize("name", ["", "2017-13", "2017-01-02-03", "yes", "2017-01-01/"])
def test_what_is_no_period_is_refused(name):
    with pytest.raises(ValueError, match=r".*"):
        named(name)


def test_equal_spans_before_and_after_have_as_many_months():
    before, after = span("2023-07-01", "2024-03-31"), span("2024-04-01", "2024-12-31")
    assert len(before) == len(after) == 275
    assert len(months(before)) == len(months(after)) == 9


VANCOUVER = Declared("vancouver", (), span("2003-01-01", "2017-06-30"), gaps=(span("2004-01-01", "2004-12-31"),))


def test_a_missing_year_and_half_a_year_are_not_covered():
    days = covered([VANCOUVER], "vancouver/west-end", [None])
    full = {year: is_covered(span(f"{year}-01-01", f"{year}-12-31"), days) for year in range(2002, 2019)}
    assert [year for year, whole in full.items() if whole] == [2003, *range(2005, 2017)]
    assert is_covered(span("2017-01-01", "2017-06-30"), days)


def test_a_declaration_speaks_of_its_own_place_and_kinds():
    noise = Declared("new-york/queens", ("noise",), span("2020-05-05", "2020-10-24"))
    asked = span("2020-06-01", "2020-06-30")
    assert is_covered(asked, covered([noise], "new-york/queens", ["noise/alarm"]))
    assert is_covered(asked, covered([noise], "new-york/queens", ["noise/alarm", "noise"]))
    assert not is_covered(asked, covered([noise], "new-york/queens", [None]))
    assert not is_covered(asked, covered([noise], "new-york/queens", ["noise", "crime"]))
    assert not is_covered(asked, covered([noise], "new-york", ["noise"]))
    assert not is_covered(asked, covered([noise], "new-york/queens-2", ["noise"]))


def test_a_later_declaration_overrules_an_earlier_one_for_its_own_days():
    first = Declared("city", (), span("2020-01-01", "2020-12-31"))
    second = Declared("city", (), span("2020-06-01", "2020-06-30"), gaps=(span("2020-06-10", "2020-06-12"),))
    mended = Declared("city", (), span("2020-06-10", "2020-06-12"))
    year = span("2020-01-01", "2020-12-31")
    assert is_covered(year, covered([first], "city", [None]))
    assert not is_covered(year, covered([first, second], "city", [None]))
    assert is_covered(year, covered([first, second, mended], "city", [None]))


@given(st.lists(near, max_size=5), st.lists(near, max_size=5))
def test_spans_behave_as_the_sets_of_days_that_they_stand_for(one, other):
    mine, theirs = _days(one), _days(other)
    assert _days(union(one, other)) == mine | theirs
    assert _days(without(one, other)) == mine - theirs
    assert _days(intersection(union(one, ()), union(other, ()))) == mine & theirs
    whole = union(one, ())
    assert all(a.last + timedelta(days=1) < b.first for a, b in itertools.pairwise(whole))


def _days(spans):
    return {days.first + timedelta(n) for days in spans for n in range(len(days))}


def test_paths_have_whole_segments_in_common():
    assert common(["a/b/c", "a/b/d"]) == "a/b"
    assert common(["a/b"]) == "a/b"
    assert common(["a", "b"]) == common([]) == ""


@given(some_days, st.sampled_from(PeriodKind))
def test_the_newest_first_are_the_same_periods(days, kind):
    assert list(latest_first(kind, days)) == list(periods(kind, days))[::-1]


def test_the_newest_first_ends_with_the_calendar():
    assert [each.name for each in latest_first(PeriodKind.YEAR, Days(date.min, date(2, 12, 31)))] == ["0002", "0001"]
