"""Coverage is what somebody declares, and adds to what was declared before."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from contracts.analytics import Span
from services.runtime.imports.command import _coverage
from services.runtime.imports.coverage import declaration, declared
from services.runtime.imports.language import CoverageRule
from services.runtime.imports.mapping_file import find, load
from services.runtime.imports.refusals import MappingRefused

NOW = datetime(2026, 11, 24, tzinfo=UTC)
VANCOUVER = load(find("vancouver-crime"))
NEW_YORK = load(find("nyc-311-noise"))
FIRST, SECOND = Path("vancouver_2003_2010.csv.gz"), Path("vancouver_2011_2017.csv.gz")
GAP_2004 = Span(first=date(2004, 1, 1), last=date(2004, 12, 31))


def days(first: str, last: str) -> CoverageRule:
    return CoverageRule(first=date.fromisoformat(first), last=date.fromisoformat(last))


def test_the_two_files_of_vancouver_cover_2003_to_june_2017_without_2004():
    event = declaration(VANCOUVER, declared(VANCOUVER, [FIRST, SECOND]), None, NOW)
    assert event.span == Span(first=date(2003, 1, 1), last=date(2017, 6, 30))
    assert event.gaps == (GAP_2004,)
    assert (event.source, event.place, event.zone) == ("vancouver-crime", "vancouver", "America/Vancouver")


def test_one_file_covers_its_own_years_and_the_other_adds_to_it():
    first = declaration(VANCOUVER, declared(VANCOUVER, [FIRST]), None, NOW)
    assert (first.span.last, first.gaps) == (date(2010, 12, 31), (GAP_2004,))
    second = declaration(VANCOUVER, declared(VANCOUVER, [SECOND]), first, NOW)
    assert (second.span, second.gaps) == (Span(first=date(2003, 1, 1), last=date(2017, 6, 30)), (GAP_2004,))


def test_the_order_of_files_does_not_matter():
    second = declaration(VANCOUVER, declared(VANCOUVER, [SECOND]), None, NOW)
    assert second.gaps == ()
    both = declaration(VANCOUVER, declared(VANCOUVER, [FIRST]), second, NOW)
    assert both.gaps == (GAP_2004,)


def test_a_file_of_another_name_covers_what_the_mapping_says_of_all():
    event = declaration(VANCOUVER, declared(VANCOUVER, [Path("combined.csv")]), None, NOW)
    assert (event.span.last, event.gaps) == (date(2017, 6, 30), (GAP_2004,))


def test_new_york_has_a_gap_in_august():
    event = declaration(NEW_YORK, declared(NEW_YORK, [Path("x.csv")]), None, NOW)
    assert event.span == Span(first=date(2020, 5, 6), last=date(2020, 10, 24))
    assert event.gaps == (Span(first=date(2020, 8, 9), last=date(2020, 8, 26)),)


def test_what_was_declared_before_is_not_declared_again():
    rules = declared(VANCOUVER, [FIRST, SECOND])
    event = declaration(VANCOUVER, rules, None, NOW)
    assert declaration(VANCOUVER, rules, event, NOW.replace(hour=5)) is None
    assert declaration(VANCOUVER, [days("2005-01-01", "2005-12-31")], event, NOW) is None


def test_the_command_line_is_heard_before_the_mapping():
    told = _coverage(["2003-01-01..2003-12-31"], ["2003-02-01..2003-02-28"])
    event = declaration(VANCOUVER, declared(VANCOUVER, [FIRST], told), None, NOW)
    assert event.span == Span(first=date(2003, 1, 1), last=date(2003, 12, 31))
    assert event.gaps == (Span(first=date(2003, 2, 1), last=date(2003, 2, 28)),)


def test_neighbouring_days_leave_no_gap():
    rules = [days("2020-01-01", "2020-01-31"), days("2020-02-01", "2020-02-29"), days("2020-03-02", "2020-03-02")]
    event = declaration(VANCOUVER, rules, None, NOW)
    assert event.gaps == (Span(first=date(2020, 3, 1), last=date(2020, 3, 1)),)


def test_a_gap_that_other_files_fill_is_none():
    told = _coverage(["2020-01-01..2020-12-31"], ["2020-06-01..2020-06-30"])
    before = declaration(VANCOUVER, told, None, NOW)
    assert declaration(VANCOUVER, [days("2020-06-01", "2020-06-30")], before, NOW).gaps == ()


def test_nothing_is_declared_where_nobody_says_anything():
    silent = VANCOUVER.model_copy(update={"coverage": ()})
    assert declaration(silent, declared(silent, [FIRST]), None, NOW) is None


@pytest.mark.parametrize("given", ["2003", "2003-01-01", "2003-12-31..2003-01-01", "a..b", ".."])
def test_days_that_are_none_are_refused(given):
    with pytest.raises(MappingRefused, match=r"is no span of days: write FIRST..LAST"):
        _coverage([given], [])


def test_a_gap_needs_a_span():
    with pytest.raises(MappingRefused, match=r"--gap says what is missing of a span"):
        _coverage([], ["2003-01-01..2003-01-02"])
