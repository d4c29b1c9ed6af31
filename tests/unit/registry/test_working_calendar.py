"""Working days in China, and what is due by them."""

import json
from datetime import date

import pytest

from contracts.registry import TenancyCategory, UseClass
from services.registry.domain.working_days import Due, verification_due
from services.registry.working_calendar import CHINA, WorkingCalendar, read_notices
from tests.unit.registry.cases import local


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2024, 2, 4), True),  # a Sunday worked for the Spring Festival
        (date(2024, 2, 9), True),  # New Year's Eve was no statutory day off in 2024
        (date(2024, 2, 12), False),
        (date(2024, 2, 16), False),
        (date(2024, 2, 18), True),  # a Sunday
        (date(2024, 9, 29), True),  # a Sunday worked for the National Day
        (date(2024, 10, 1), False),
        (date(2024, 10, 7), False),
        (date(2024, 10, 8), True),
        (date(2024, 10, 12), True),  # a Saturday
        (date(2025, 1, 26), True),  # a Sunday
        (date(2025, 1, 28), False),  # New Year's Eve is one since 2025
        (date(2025, 2, 4), False),
        (date(2025, 2, 8), True),  # a Saturday
        (date(2025, 9, 28), True),
        (date(2025, 10, 8), False),
        (date(2025, 10, 11), True),
    ],
)
def test_the_calendar_knows_holidays_and_worked_weekends(day, worked):
    assert CHINA.is_working_day(day) is worked


@pytest.mark.parametrize(
    ("moved_in", "due_at"),
    [
        (local(2, 8), local(2, 19, 18)),  # Feb 9, 18 (a worked Sunday) and 19; the festival lies between
        (local(9, 27), local(10, 8, 18)),  # Sept 29 (a worked Sunday), 30, Oct 8
        (local(1, 24, year=2025), local(2, 5, 18, year=2025)),  # Jan 26 (a worked Sunday), 27, Feb 5
        (local(9, 30, year=2025), local(10, 11, 18, year=2025)),  # Oct 9, 10, 11 (a worked Saturday)
        (local(6, 7, 23), local(6, 13, 18)),  # a Friday evening before the Dragon Boat Festival: 11, 12, 13
    ],
)
def test_three_working_days_skip_festivals_and_use_worked_weekends(moved_in, due_at):
    due = verification_due(moved_in, UseClass.RENTAL, TenancyCategory.LONG_LET, "Asia/Shanghai", CHINA)
    assert due == Due(due_at, "official")


def test_the_count_begins_after_the_local_day_not_the_utc_day():
    just_after_midnight = local(6, 4, 0)  # still June 3 in UTC
    due = verification_due(just_after_midnight, UseClass.RENTAL, TenancyCategory.SHORT_LET, "Asia/Shanghai", CHINA)
    assert due == Due(local(6, 5, 18), "official")


def test_short_stays_of_a_hotel_are_never_due():
    for category in TenancyCategory:
        due = verification_due(local(6, 3), UseClass.HOTEL, category, "Asia/Shanghai", CHINA)
        assert due is None


def test_a_year_without_a_notice_counts_monday_to_friday_and_says_so():
    calendar = WorkingCalendar()
    assert calendar.is_working_day(date(2031, 10, 7))
    assert not calendar.is_working_day(date(2031, 10, 4))
    assert not calendar.knows(2031)
    assert calendar.knows(2025)


def test_a_table_extends_the_calendar(tmp_path):
    table = tmp_path / "notices.json"
    table.write_text(json.dumps({"2031": {"off": ["2031-10-06"], "work": ["2031-10-04"]}}))
    calendar = WorkingCalendar(read_notices(table))
    assert not calendar.is_working_day(date(2031, 10, 6))
    assert calendar.is_working_day(date(2031, 10, 4))
    assert calendar.is_working_day(date(2031, 10, 7))
    assert calendar.knows(2031)


def test_a_day_under_the_wrong_year_is_told_at_once(tmp_path):
    table = tmp_path / "notices.json"
    table.write_text(json.dumps({"2031": {"off": ["2030-10-01"]}}))
    with pytest.raises(ValueError, match="2030-10-01 stands under 2031"):
        read_notices(table)


@pytest.mark.parametrize("holiday", [(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)])
def test_holidays_of_every_year_are_off_whether_its_notice_is_known_or_not(holiday):
    assert not [year for year in range(2004, 2100) if CHINA.is_working_day(date(year, *holiday))]


def test_what_is_due_after_the_turn_of_an_unknown_year_leaves_new_years_day_out_and_says_how_it_was_counted():
    due = verification_due(
        local(12, 30, year=2031), UseClass.RENTAL, TenancyCategory.LONG_LET, "Asia/Shanghai", WorkingCalendar()
    )
    assert due == Due(local(1, 5, 18, year=2032), "weekdays")  # Dec 31, Jan 2 and 5


def test_a_notice_of_a_few_days_leaves_the_rest_of_its_year_as_it_was(tmp_path):
    table = tmp_path / "notices.json"
    table.write_text(json.dumps({"2025": {"work": ["2025-12-27"]}, "2031": {"work": ["2031-10-04"]}}))
    calendar = WorkingCalendar(read_notices(table))
    assert calendar.is_working_day(date(2025, 12, 27))
    assert not calendar.is_working_day(date(2025, 10, 6))  # a Monday of the National Day's week
    assert calendar.is_working_day(date(2025, 10, 11))  # a Saturday that is worked for it
    assert not calendar.knows(2031), "a notice without a day off is not the whole of a year's"
