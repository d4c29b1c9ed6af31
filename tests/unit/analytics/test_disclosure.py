"""Figures are no way round permissions: a role that may not read cases learns nothing of few of them."""

from datetime import UTC, date, datetime

import pytest

from contracts.analytics import Span
from contracts.common import Role
from services.analytics import permissions
from services.analytics.figures.disclosure import FigureTooFine, require_coarse, withheld
from services.analytics.figures.figure import Figure, Name, compared
from services.analytics.statistics.days import Days, PeriodKind
from services.chassis.access.permissions import Scope
from services.incidents.permissions import READ as READ_INCIDENTS
from services.mediation.permissions import READ_DISPUTES, READ_ISSUES

MAY, APRIL = Span(first=date(2024, 5, 1), last=date(2024, 5, 31)), Span(first=date(2023, 5, 1), last=date(2023, 5, 31))
WHOLE = Days(date(2024, 1, 1), date(2024, 2, 29))
BUILDING = "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a"


def by_place(permission):
    return {role for role in permission.roles if permission.scope(role) is Scope.PLACE}


@pytest.mark.parametrize(
    ("kind", "theirs"),
    [("incident", READ_INCIDENTS), ("dispute", READ_DISPUTES), ("pain-point-resolved", READ_ISSUES)],
)
def test_who_may_read_what_is_counted_is_as_its_own_service_says(kind, theirs):
    assert by_place(permissions.read_counted(kind)) == by_place(theirs)


def test_some_read_figures_and_no_cases():
    assert {Role.ADMINISTRATOR, Role.OVERSEER} <= permissions.READ_FIGURES.roles - permissions.READ_INCIDENTS.roles


@pytest.mark.parametrize(
    ("places", "period", "days", "earlier", "parameter"),
    [
        ([BUILDING], PeriodKind.DAY, WHOLE, False, "period"),
        ([f"{BUILDING}/1812"], PeriodKind.YEAR, WHOLE, False, "place"),
        ([BUILDING], PeriodKind.MONTH, Days(date(2024, 1, 2), date(2024, 2, 29)), False, "from"),
        ([BUILDING], PeriodKind.MONTH, Days(date(2024, 1, 1), date(2024, 2, 28)), False, "from"),
        ([BUILDING], PeriodKind.YEAR, None, True, "at"),
    ],
)
def test_two_questions_cannot_differ_by_a_day_a_door_or_an_event(places, period, days, earlier, parameter):
    with pytest.raises(FigureTooFine) as refused:
        require_coarse(places, period, days, as_of_earlier=earlier)
    assert refused.value.parameter == parameter
    require_coarse([BUILDING], PeriodKind.MONTH, WHOLE, as_of_earlier=False)


def figure(value, previous):
    return Figure(
        **dict(compared(value, previous, counts=True)),
        id="f",
        source="live",
        kind="incident",
        category="noise",
        label="noise",
        name=Name(zh="", en="noise"),
        place=None,
        period="2024-05",
        span=MAY,
        previous_span=None if previous is None else APRIL,
        basis="year",
        unit="count",
        covered=True,
        as_of=datetime(2024, 6, 30, tzinfo=UTC),
        position={},
    )


@pytest.mark.parametrize(
    ("value", "previous", "told"),
    [
        (4, 12, (None, 10, None)),
        (0, 3, (None, None, None)),
        (14, 12, (10, 10, 0.0)),
        (23, None, (20, None, None)),
    ],
)
def test_nothing_under_five_is_told_and_the_rest_in_fives(value, previous, told):
    shown = withheld(figure(value, previous), exact=False)
    assert (shown.value, shown.previous, shown.change_percent) == told
    assert shown.withheld
    assert shown.series is None


def test_the_figures_of_the_case_are_told_as_they_are_where_they_are_no_few():
    shown = withheld(figure(293, 363), exact=True)
    assert (shown.value, shown.previous, shown.withheld) == (293, 363, False)
    assert withheld(figure(293, 4), exact=True).previous is None
