"""What is said beside a figure: nothing before is told in words, and what is not alike is noted."""

from types import SimpleNamespace

import pytest

from services.analytics.pages.comparison import notes, without_change
from services.analytics.pages.gazetteer import Gazetteer
from services.analytics.pages.shapes import Figure, MovedHoliday, Span
from services.analytics.pages.words import Words

FEBRUARY = Span(first="2025-02-01", last="2025-02-28"), Span(first="2024-02-01", last="2024-02-29")


def view(language="en"):
    return SimpleNamespace(words=Words(language), site=SimpleNamespace(gazetteer=Gazetteer.shipped()))


@pytest.mark.parametrize(
    ("value", "previous", "said"),
    [(5, 0, "from 0 to 5"), (0, 0, "none in either span"), (5, None, "no like period"), (None, 0, "no like period")],
)
def test_what_has_no_change_says_why(value, previous, said):
    assert without_change(view(), Figure(id="f", value=value, previous=previous)) == said


def test_what_is_not_alike_in_both_spans_is_noted():
    figure = Figure(
        id="f",
        value=7280,
        previous=7540,
        span=FEBRUARY[0],
        previous_span=FEBRUARY[1],
        moved_holidays=(MovedHoliday(name={"zh": "春节", "en": "Spring Festival"}, days=4, previous_days=8),),
        left_out=("harbour",),
    )
    assert notes(view(), figure) == [
        "change by the day: 28 days against 29",
        "Spring Festival: 4 days off in this span, 8 in the one before",
        "without Harbour: not covered in both spans",
    ]
    assert notes(view("zh"), figure)[0] == "按日均比较：28 天对 29 天"
    assert notes(view(), figure.model_copy(update={"change_of": "total"}))[0].startswith("Spring Festival")
