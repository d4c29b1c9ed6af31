"""Working days in China, and what is due by them."""

import json
from datetime import date

import pytest

from contracts.registry import TenancyCategory, UseClass
from services.registry.domain.working_days import verification_due_at
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
    due = verification_due_at(
        moved_in, UseClass.RENTAL, TenancyCategory.LONG_LET, "Asia/Shanghai", CHINA.is_working_day
    )
    assert due == due_at


def test_the_count_begins_after_the_local_day_not_the_utc_day():
    just_after_midnight = local(6, 4, 0)  # still June 3 in UTC
    due = verification_due_at(
        just_after_midnight, UseClass.RENTAL, TenancyCategory.SHORT_LET, "Asia/Shanghai", CHINA.is_working_day
    )
    assert due == local(6, 5, 18)


def test_short_stays_of_a_hotel_are_never_due():
    for category in TenancyCategory:
        due = verification_due_at(local(6, 3), UseClass.HOTEL, category, "Asia/Shanghai", CHINA.is_working_day)
        assert due is None


def test_a_year_without_a_notice_counts_monday_to_friday_and_says_so():
    calendar = WorkingCalendar()
    assert calendar.is_working_day(date(2031, 10, 1))
    assert not calendar.is_working_day(date(2031, 10, 4))
    assert not calendar.knows(2031)
    assert calendar.knows(2025)


def test_a_table_extends_the_calendar(tmp_path):
    table = tmp_path / "notices.json"
    table.write_text(json.dumps({"2031": {"off": ["2031-10-01"], "work": ["2031-10-04"]}}))
    calendar = WorkingCalendar(read_notices(table))
    assert not calendar.is_working_day(date(2031, 10, 1))
    assert calendar.is_working_day(date(2031, 10, 4))
    assert calendar.is_working_day(date(2031, 10, 2))
    assert calendar.knows(2031)


def test_a_day_under_the_wrong_year_is_told_at_once(tmp_path):
    table = tmp_path / "notices.json"
    table.write_text(json.dumps({"2031": {"off": ["2030-10-01"]}}))
    with pytest.raises(ValueError, match="2030-10-01 stands under 2031"):
        read_notices(table)
