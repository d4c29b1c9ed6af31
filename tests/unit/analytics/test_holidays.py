"""A holiday that moves between two spans is noted; one that lies in both whole is not."""

from datetime import date

from services.analytics.figures.figure import moved_holidays
from services.analytics.statistics.coverage import Declared
from services.analytics.statistics.days import Days
from services.analytics.statistics.holidays import moved

JANUARY = Days(date(2025, 1, 1), date(2025, 1, 31)), Days(date(2024, 1, 1), date(2024, 1, 31))
BOTH = Days(date(2025, 1, 1), date(2025, 2, 28)), Days(date(2024, 1, 1), date(2024, 2, 29))


def declared(zone):
    return Declared("feastown", (), JANUARY[0], zone=zone)


def test_a_spring_festival_that_begins_in_january_is_noted_beside_one_that_does_not():
    (festival,) = moved(*JANUARY)
    assert (festival.en, festival.zh, festival.days, festival.previous_days) == ("Spring Festival", "春节", 4, 0)


def test_a_span_that_holds_it_whole_both_times_is_like():
    assert list(moved(*BOTH)) == []


def test_a_year_gives_it_a_day_more_and_it_has_not_moved():
    # eight days off in 2024, seven in 2023
    assert list(moved(Days(date(2024, 1, 1), date(2024, 12, 31)), Days(date(2023, 1, 1), date(2023, 12, 31)))) == []


def test_nothing_is_noted_of_years_without_a_notice():
    assert list(moved(Days(date(2004, 1, 1), date(2004, 1, 31)), Days(date(2003, 1, 1), date(2003, 1, 31)))) == []


def test_it_is_noted_where_the_calendar_is_kept():
    assert [each.name.en for each in moved_holidays(*JANUARY, [declared("Asia/Shanghai")])] == ["Spring Festival"]
    assert moved_holidays(*JANUARY, [declared("America/Vancouver")]) == []
