"""Reported figures and declared coverage."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from contracts.analytics import CoverageDeclared, IndicatorCorrected, IndicatorReleased, IndicatorReported, Span
from services.analytics.deciders import COVERAGE, INDICATOR
from services.analytics.domain import refusals
from services.analytics.domain.figure import told_of
from services.analytics.domain.figure_commands import (
    CorrectIndicator,
    DeclareCoverage,
    ReleaseIndicator,
    ReportIndicator,
)
from tests.unit.given import NOON, story

given_reports, given_coverage = story(INDICATOR), story(COVERAGE)
JUNE = Span(first=date(2024, 6, 1), last=date(2024, 6, 30))
COST = {
    "indicator": "building-security-cost",
    "source": "security-1",
    "place": "yinchuan/jinfeng",
    "span": JUNE,
    "unit": "CNY",
}
JULY = Span(first=date(2024, 7, 1), last=date(2024, 7, 31))
REPORTED = IndicatorReported(**COST, value=1000, effective_at=NOON)
WAITING = IndicatorReported(**COST, value=1000, awaits_release=True, effective_at=NOON)
RELEASE = {name: COST[name] for name in ("indicator", "source", "place", "span")}
COVER = {"source": "live", "place": "yinchuan", "span": JUNE}


def test_a_figure_is_reported_once_and_another_value_corrects_it():
    given_reports(REPORTED).when(ReportIndicator(**COST, value=1000)).nothing()
    given_reports(REPORTED).when(ReportIndicator(**COST, value=900)).then(
        IndicatorCorrected(**COST, value=900, effective_at=NOON)
    )


def test_a_correction_needs_a_report_in_the_same_unit():
    given_reports().when(CorrectIndicator(**COST, value=900)).refused(refusals.NothingToCorrect, pointer="/span")
    other = ReportIndicator(**{**COST, "unit": "USD"}, value=900)
    given_reports(REPORTED).when(other).refused(refusals.UnitDiffers, pointer="/unit")


def test_a_span_does_not_end_before_it_begins():
    wrong = Span(first=JUNE.last, last=JUNE.first)
    given_reports().when(ReportIndicator(**{**COST, "span": wrong}, value=1)).refused(refusals.SpanUpsideDown)
    given_coverage().when(DeclareCoverage(**{**COVER, "span": wrong})).refused(refusals.SpanUpsideDown)
    given_coverage().when(DeclareCoverage(**COVER, gaps=(wrong,))).refused(
        refusals.SpanUpsideDown, pointer="/gaps/0/last"
    )


def test_coverage_is_declared_and_the_same_again_is_nothing():
    declared = CoverageDeclared(**COVER, effective_at=NOON)
    given_coverage().when(DeclareCoverage(**COVER)).then(declared).when(DeclareCoverage(**COVER)).nothing()


def test_a_position_that_was_told_too_far_ahead_is_corrected():
    far = CoverageDeclared(**COVER, complete_at={"incidents": 1_000_000_000}, effective_at=NOON)
    near = CoverageDeclared(**COVER, complete_at={"incidents": 10}, effective_at=NOON)
    given_coverage(far).when(DeclareCoverage(**COVER, complete_at={"incidents": 10})).then(near)
    given_coverage(near).when(DeclareCoverage(**COVER, complete_at={"incidents": 11})).nothing()


def test_a_gap_lies_within_its_span_and_a_zone_is_known():
    outside = Span(first=date(2024, 6, 30), last=date(2024, 7, 1))
    given_coverage().when(DeclareCoverage(**COVER, gaps=(outside,))).refused(refusals.GapOutsideSpan, pointer="/gaps/0")
    for zone in ("Mars/Olympus", "/etc/passwd", "localtime"):
        given_coverage().when(DeclareCoverage(**COVER, zone=zone)).refused(refusals.ZoneUnknown, pointer="/zone")


@pytest.mark.parametrize(
    ("first", "last"), [("1899-12-31", "1900-01-31"), ("2025-12-01", "2026-01-01"), ("0001-01-01", "9999-12-31")]
)
def test_a_figure_is_of_a_year_that_a_city_has(first, last):
    span = Span(first=date.fromisoformat(first), last=date.fromisoformat(last))
    given_reports().when(ReportIndicator(**COST | {"span": span}, value=1)).refused(
        refusals.SpanOutsideYears, pointer="/span"
    )
    next_year = Span(first=date(1900, 1, 1), last=date(2025, 12, 31))
    assert given_reports().when(ReportIndicator(**COST | {"span": next_year}, value=1)).events()
    long_ago = Span(first=date(1899, 12, 31), last=JUNE.last)
    given_coverage().when(DeclareCoverage(**COVER | {"span": long_ago})).refused(refusals.SpanOutsideYears)


def test_days_to_come_are_not_declared_in_the_zone_of_the_place():
    # at noon in Yinchuan on 30 June it is still 29 June in Honolulu
    abroad = given_coverage().when(DeclareCoverage(**COVER, zone="Pacific/Honolulu"))
    assert "2024-06-29" in str(abroad.refused(refusals.SpanNotOver, pointer="/span/last"))
    longer = COVER | {"span": Span(first=JUNE.first, last=JULY.first)}
    given_coverage().when(DeclareCoverage(**longer)).refused(refusals.SpanNotOver, pointer="/span/last")
    given_coverage().when(DeclareCoverage(**longer), now=NOON + timedelta(days=1)).then(
        CoverageDeclared(**longer, effective_at=NOON + timedelta(days=1))
    )


def test_the_first_figure_of_a_source_waits_for_a_supervisor_and_counts_once_it_is_released():
    given_reports().when(ReportIndicator(**COST, value=1000)).then(WAITING)
    given_reports().when(ReportIndicator(**COST, value=1000, supervisor=True)).then(REPORTED)
    released = IndicatorReleased(**COST, value=1000, by="boss", effective_at=NOON)
    release = ReleaseIndicator(**RELEASE, value=1000, by="boss")
    given_reports(WAITING).when(release).then(released).when(release).nothing()
    july = COST | {"span": JULY}
    given_reports(WAITING, released).when(ReportIndicator(**july, value=2000)).then(
        IndicatorReported(**july, value=2000, effective_at=NOON)
    )


@pytest.mark.parametrize(
    ("value", "waits"), [(9_999, False), (10_001, True), (101, False), (99, True), (-1000, True), (0, True)]
)
def test_a_figure_far_from_the_one_before_waits(value, waits):
    july = COST | {"span": JULY}
    given_reports(REPORTED).when(ReportIndicator(**july, value=value)).then(
        IndicatorReported(**july, value=value, awaits_release=waits, effective_at=NOON)
    )
    given_reports(REPORTED).when(ReportIndicator(**COST, value=value)).then(
        IndicatorCorrected(**COST, value=value, awaits_release=waits, effective_at=NOON)
    )


def test_what_waits_is_no_measure_of_what_comes_next():
    wild = IndicatorCorrected(**COST, value=900_000, awaits_release=True, effective_at=NOON)
    july = COST | {"span": JULY}
    given_reports(REPORTED, wild).when(ReportIndicator(**july, value=900_000)).then(
        IndicatorReported(**july, value=900_000, awaits_release=True, effective_at=NOON)
    )


def test_a_supervisor_releases_what_they_have_looked_at():
    given_reports().when(ReleaseIndicator(**RELEASE, value=1, by="boss")).refused(
        refusals.NothingToRelease, pointer="/span"
    )
    given_reports(WAITING).when(ReleaseIndicator(**RELEASE, value=999, by="boss")).refused(
        refusals.ReportChanged, pointer="/value"
    )


@pytest.mark.parametrize("value", [1.7e308, -1e13, float("inf")])
def test_no_figure_is_beyond_what_a_city_has(value):
    with pytest.raises(ValidationError):
        ReportIndicator(**COST, value=value)


def test_no_position_is_further_than_a_log_can_hold():
    assert DeclareCoverage(**COVER, complete_at={"incidents": 10**12}).complete_at
    for wrong in ({"incidents": 10**12 + 1}, {"incidents": -1}, {"incidnets": 5}, {"city": 5}):
        with pytest.raises(ValidationError):
            DeclareCoverage(**COVER, complete_at=wrong)


def test_what_a_source_says_of_one_place_is_kept_apart_from_all_others():
    pairs = [("a", "b/c"), ("a", "b"), ("a-b", "c"), ("a.b", "c"), ("a", "b_c"), ("a", "b-c")]
    assert len({told_of(*pair) for pair in pairs}) == len(pairs)
