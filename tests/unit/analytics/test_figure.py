"""Reported figures and declared coverage."""

from datetime import date

from contracts.analytics import CoverageDeclared, IndicatorCorrected, IndicatorReported, Span
from services.analytics.deciders import COVERAGE, INDICATOR
from services.analytics.domain import refusals
from services.analytics.domain.figure_commands import CorrectIndicator, DeclareCoverage, ReportIndicator
from services.analytics.problems import STATUSES
from services.chassis.http import unmapped
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
REPORTED = IndicatorReported(**COST, value=1000, effective_at=NOON)
COVER = {"source": "live", "place": "yinchuan", "span": JUNE}


def test_a_figure_is_reported_once_and_another_value_corrects_it():
    given_reports().when(ReportIndicator(**COST, value=1000)).then(REPORTED).when(
        ReportIndicator(**COST, value=1000)
    ).nothing()
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


def test_a_gap_lies_within_its_span_and_a_zone_is_known():
    outside = Span(first=date(2024, 6, 30), last=date(2024, 7, 1))
    given_coverage().when(DeclareCoverage(**COVER, gaps=(outside,))).refused(refusals.GapOutsideSpan, pointer="/gaps/0")
    for zone in ("Mars/Olympus", "/etc/passwd", "localtime"):
        given_coverage().when(DeclareCoverage(**COVER, zone=zone)).refused(refusals.ZoneUnknown, pointer="/zone")


def test_every_refusal_has_a_status():
    assert unmapped(refusals, STATUSES) == []
