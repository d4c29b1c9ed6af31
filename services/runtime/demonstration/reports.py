"""What the security firms report each month, and what each source's figures cover."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from contracts.analytics import Span
from contracts.common import Actor
from services.analytics.deciders import COVERAGE, INDICATOR
from services.analytics.domain.figure import told_of
from services.analytics.domain.figure_commands import DeclareCoverage, ReportIndicator
from services.runtime.demonstration.city import (
    CITY,
    CITY_PLATFORM,
    CITY_SOURCE,
    FIRMS_PORTAL,
    REGISTRAR,
    TIANDU,
    TIANEHU,
    WANDA,
)
from services.runtime.demonstration.feed import TOTALS
from services.runtime.demonstration.figures import PLATFORM_BEGINS, SECURITY_COST
from services.runtime.demonstration.plan import Plan, moment, spread

FIRMS: Final = ("security-wanda-a", "security-wanda-b", "security-wanda-c")
SECURITY: Final = "building-security-cost"
STEP: Final = 100
"""The firms report whole hundreds of CNY."""


def reports(plan: Plan) -> None:
    """Monthly reports, and yearly declarations once a year has closed."""
    chance = plan.chance("security firms")
    for year, total in ((2023, SECURITY_COST.before), (2024, SECURITY_COST.after)):
        months = list(_months(year))
        weights = [chance.uniform(0.93, 1.07) * (1.1 - 0.02 * place) for place in range(len(months) * len(FIRMS))]
        values = spread(total // STEP, weights)
        for place, span in enumerate(months):
            for number, firm in enumerate(FIRMS):
                value = float(values[place * len(FIRMS) + number] * STEP)
                at = moment(span.last + timedelta(days=5), 10, 7 * number)
                command = ReportIndicator(
                    indicator=SECURITY,
                    source=firm,
                    place=WANDA,
                    span=span,
                    value=value,
                    unit="CNY",
                    supervisor=True,
                    effective_at=at,
                )
                plan.add(at, "analytics", INDICATOR, told_of(firm, WANDA), command, FIRMS_PORTAL)
    _coverage(plan)


def _months(year: int) -> Iterator[Span]:
    for month in range(1, 13):
        after = date(year + month // 12, month % 12 + 1, 1)
        yield Span(first=date(year, month, 1), last=after - timedelta(days=1))


def _coverage(plan: Plan) -> None:
    for year in (2023, 2024):
        whole = Span(first=date(year, 1, 1), last=date(year, 12, 31))
        declared = moment(date(year + 1, 1, 6), 9)
        _declare(plan, declared, CITY_SOURCE, CITY, whole, CITY_PLATFORM, tuple(TOTALS))
        for place in (WANDA, TIANEHU):
            _declare(plan, declared, "live", place, whole, REGISTRAR)
        for firm in FIRMS:
            _declare(plan, declared, firm, WANDA, whole, FIRMS_PORTAL)
    since = Span(first=PLATFORM_BEGINS, last=date(2024, 12, 31))
    _declare(plan, moment(date(2025, 1, 6), 9), "live", TIANDU, since, REGISTRAR, continues=CITY_SOURCE)


def _declare(
    plan: Plan,
    at: datetime,
    source: str,
    place: str,
    span: Span,
    who: Actor,
    categories: tuple[str, ...] = (),
    continues: str | None = None,
) -> None:
    command = DeclareCoverage(
        source=source, place=place, categories=categories, span=span, continues=continues, effective_at=at
    )
    plan.add(at, "analytics", COVERAGE, told_of(source, place), command, who)
