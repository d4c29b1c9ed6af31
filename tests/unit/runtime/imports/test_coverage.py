"""Coverage is what somebody declares, and adds to what was declared before."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from contracts.analytics import Span
from services.runtime.imports.command import _coverage
from services.runtime.imports.coverage import CameIn, Covered, as_far_as_read, declaration, declared
from services.runtime.imports.language import CoverageRule
from services.runtime.imports.mapping_file import find, load
from services.runtime.imports.refusals import MappingRefused

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TODAY = NOW.date()
VANCOUVER = load(find("vancouver-crime"))
NEW_YORK = load(find("nyc-311-noise"))
FIRST, SECOND = Path("vancouver_2003_2010.csv.gz"), Path("vancouver_2011_2017.csv.gz")
GAP_2004 = Span(first=date(2004, 1, 1), last=date(2004, 12, 31))


def days(first: str, last: str) -> CoverageRule:
    return CoverageRule(first=date.fromisoformat(first), last=date.fromisoformat(last))


def covered(rules) -> Covered:
    return Covered(tuple(rules))


def test_the_two_files_of_vancouver_cover_2003_to_june_2017_without_2004():
    event = declaration(VANCOUVER, covered(declared(VANCOUVER, [FIRST, SECOND])), None, NOW)
    assert event.span == Span(first=date(2003, 1, 1), last=date(2017, 6, 30))
    assert event.gaps == (GAP_2004,)
    assert (event.source, event.place, event.zone) == ("vancouver-crime", "vancouver", "America/Vancouver")


def test_one_file_covers_its_own_years_and_the_other_adds_to_it():
    first = declaration(VANCOUVER, covered(declared(VANCOUVER, [FIRST])), None, NOW)
    assert (first.span.last, first.gaps) == (date(2010, 12, 31), (GAP_2004,))
    second = declaration(VANCOUVER, covered(declared(VANCOUVER, [SECOND])), first, NOW)
    assert (second.span, second.gaps) == (Span(first=date(2003, 1, 1), last=date(2017, 6, 30)), (GAP_2004,))


def test_the_order_of_files_does_not_matter():
    second = declaration(VANCOUVER, covered(declared(VANCOUVER, [SECOND])), None, NOW)
    assert second.gaps == ()
    both = declaration(VANCOUVER, covered(declared(VANCOUVER, [FIRST])), second, NOW)
    assert both.gaps == (GAP_2004,)


def test_a_file_of_another_name_covers_what_the_mapping_says_of_all():
    event = declaration(VANCOUVER, covered(declared(VANCOUVER, [Path("combined.csv")])), None, NOW)
    assert (event.span.last, event.gaps) == (date(2017, 6, 30), (GAP_2004,))


def test_new_york_has_a_gap_in_august():
    event = declaration(NEW_YORK, covered(declared(NEW_YORK, [Path("x.csv")])), None, NOW)
    assert event.span == Span(first=date(2020, 5, 6), last=date(2020, 10, 24))
    assert event.gaps == (Span(first=date(2020, 8, 9), last=date(2020, 8, 26)),)


def test_what_was_declared_before_is_not_declared_again():
    rules = declared(VANCOUVER, [FIRST, SECOND])
    event = declaration(VANCOUVER, covered(rules), None, NOW)
    assert declaration(VANCOUVER, covered(rules), event, NOW.replace(hour=5)) is None
    assert declaration(VANCOUVER, covered([days("2005-01-01", "2005-12-31")]), event, NOW) is None


def test_the_command_line_is_heard_before_the_mapping():
    told = _coverage(["2003-01-01..2003-12-31"], ["2003-02-01..2003-02-28"])
    event = declaration(VANCOUVER, covered(declared(VANCOUVER, [FIRST], told)), None, NOW)
    assert event.span == Span(first=date(2003, 1, 1), last=date(2003, 12, 31))
    assert event.gaps == (Span(first=date(2003, 2, 1), last=date(2003, 2, 28)),)


def test_neighbouring_days_leave_no_gap():
    rules = [days("2020-01-01", "2020-01-31"), days("2020-02-01", "2020-02-29"), days("2020-03-02", "2020-03-02")]
    event = declaration(VANCOUVER, covered(rules), None, NOW)
    assert event.gaps == (Span(first=date(2020, 3, 1), last=date(2020, 3, 1)),)


def test_a_gap_that_other_files_fill_is_none():
    told = _coverage(["2020-01-01..2020-12-31"], ["2020-06-01..2020-06-30"])
    before = declaration(VANCOUVER, covered(told), None, NOW)
    assert declaration(VANCOUVER, covered([days("2020-06-01", "2020-06-30")]), before, NOW).gaps == ()


def test_nothing_is_declared_where_nobody_says_anything():
    silent = VANCOUVER.model_copy(update={"coverage": ()})
    assert declaration(silent, covered(declared(silent, [FIRST])), None, NOW) is None


def day(text: str) -> tuple[date, date]:
    return date.fromisoformat(text), date.fromisoformat(text)


def came_in(*failed_on: tuple[date, date] | None, rows: int = 1) -> CameIn:
    file = CameIn()
    file.add(rows, failed_on)
    return file


YEARS = days("2023-01-01", "2024-12-31")
FILE = Path("calls.csv")


def test_the_stretch_of_a_year_in_which_rows_failed_is_not_covered():
    result = as_far_as_read(
        {YEARS: [FILE]}, {FILE: came_in(day("2024-03-05"), day("2024-01-15"), day("2024-06-01"))}, TODAY
    )
    event = declaration(VANCOUVER, result, None, NOW)
    assert event.span == Span(first=date(2023, 1, 1), last=date(2024, 12, 31))
    assert event.gaps == (Span(first=date(2024, 1, 15), last=date(2024, 6, 1)),)
    (reason,) = result.reasons
    assert reason.startswith("Not covered: 2024-01-15 to 2024-06-01. 3 rows of 2024 failed. Mend the mapping")


def test_a_failed_row_that_spans_new_year_leaves_out_its_days_in_both_years():
    over_night = (date(2023, 12, 31), date(2024, 1, 1))
    event = declaration(VANCOUVER, as_far_as_read({YEARS: [FILE]}, {FILE: came_in(over_night)}, TODAY), None, NOW)
    assert event.gaps == (Span(first=over_night[0], last=over_night[1]),)


def test_rows_that_fail_outside_of_what_is_covered_change_nothing():
    result = as_far_as_read({YEARS: [FILE]}, {FILE: came_in(day("2022-05-01"))}, TODAY)
    assert result == Covered((YEARS,))


def test_a_failed_row_that_does_not_say_its_day_leaves_its_span_undeclared_and_others_not():
    other = days("2020-01-01", "2020-12-31")
    second = Path("other.csv")
    result = as_far_as_read({YEARS: [FILE], other: [second]}, {FILE: came_in(None, None), second: came_in()}, TODAY)
    assert result.rules == (other,)
    assert result.reasons[0].startswith(
        "Not covered: 2023-01-01 to 2024-12-31. 2 rows failed that do not say their day"
    )


def test_an_import_where_nothing_came_in_declares_nothing():
    for file in (came_in(rows=0), came_in(day("2024-03-05"), rows=0)):
        result = as_far_as_read({YEARS: [FILE]}, {FILE: file}, TODAY)
        assert not result.declares
        assert result.reasons == ("No row came in, so no day is declared as covered.",)


def test_a_file_without_rows_covers_nothing_beside_one_that_has_some():
    last_year, empty = days("2023-01-01", "2023-12-31"), Path("2024.csv")
    result = as_far_as_read(
        {last_year: [FILE], days("2024-01-01", "2024-12-31"): [empty]}, {FILE: came_in(), empty: came_in(rows=0)}, TODAY
    )
    assert result.rules == (last_year,)
    assert result.reasons[0].startswith("Not covered: 2024-01-01 to 2024-12-31. No row is in 2024.csv.")
    assert as_far_as_read({YEARS: [FILE, empty]}, {FILE: came_in(), empty: came_in(rows=0)}, TODAY).rules == ()


def test_days_that_are_not_over_are_not_covered():
    to_come = days("2026-11-24", "2026-12-31")
    result = as_far_as_read({days("2026-01-01", "2026-12-31"): [FILE], to_come: [FILE]}, {FILE: came_in()}, TODAY)
    assert result.rules == (days("2026-01-01", "2026-11-23"),)
    assert result.reasons == (
        "Not covered: 2026-11-24 to 2026-12-31. These days are not over: import again when they are.",
    )


def test_a_position_that_the_log_has_not_is_corrected_by_the_next_import():
    before = declaration(VANCOUVER, covered([YEARS]), None, NOW, incidents=10**9)
    assert declaration(VANCOUVER, covered([YEARS]), before, NOW, incidents=20).complete_at == {"incidents": 20}
    assert declaration(VANCOUVER, covered([YEARS]), before, NOW, incidents=10**9 + 1) is None


def test_rows_that_fail_later_withdraw_days_that_were_covered_and_a_repair_covers_them_again():
    before = declaration(VANCOUVER, covered([YEARS]), None, NOW)
    last = days("2024-12-01", "2024-12-31")
    result = as_far_as_read({last: [FILE]}, {FILE: came_in(day("2024-12-01"), day("2024-12-31"))}, TODAY)
    withdrawn = declaration(VANCOUVER, result, before, NOW)
    assert withdrawn.span == before.span
    assert withdrawn.gaps == (Span(first=date(2024, 12, 1), last=date(2024, 12, 31)),)
    assert declaration(VANCOUVER, covered([last]), withdrawn, NOW).gaps == ()


@pytest.mark.parametrize("given", ["2003", "2003-01-01", "2003-12-31..2003-01-01", "a..b", ".."])
def test_days_that_are_none_are_refused(given):
    with pytest.raises(MappingRefused, match=r"is no span of days: write FIRST..LAST"):
        _coverage([given], [])


def test_a_gap_needs_a_span():
    with pytest.raises(MappingRefused, match=r"--gap says what is missing of a span"):
        _coverage([], ["2003-01-01..2003-01-02"])
