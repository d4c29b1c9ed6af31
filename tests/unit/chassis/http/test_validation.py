"""What is wrong with a request is said in sentences; nobody is asked to read a pattern."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, StringConstraints, TypeAdapter, ValidationError

from contracts.common import FORMS, Category, Identifier, Label, Place, ZoneName
from contracts.registry import UnitNumber
from services.analytics import api as analytics
from services.analytics.domain.figure_commands import ReportIndicator
from services.chassis.http.texts import VisibleLabel
from services.chassis.http.validation import LIBRARY, NUMBER, fault, sentence
from services.incidents.api import SourceWord
from services.registry import api as registry
from services.registry.domain.unit_commands import RegisterUnit
from tests.declared import commands_of

FORM_OF = {command.model: command.said for command in commands_of(registry.router) + commands_of(analytics.router)}
UNIT = Annotated[str, *FORM_OF[ReportIndicator].model_fields["unit"].metadata]
UnitBody: Any = FORM_OF[RegisterUnit]
Odd = Annotated[str, StringConstraints(pattern=r"^[q-z]{3}$")]


def told(kind, value):
    class Body(BaseModel):
        field: kind

    with pytest.raises(ValidationError) as caught:
        Body(field=value)
    [error] = caught.value.errors()
    return fault({**error, "loc": ("body", *error["loc"])})


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        (Identifier, "identifier"),
        (Place, "place"),
        (Category, "category"),
        (ZoneName, "zone"),
        (UnitNumber, "unit-number"),
        (Label, "printable"),
        (VisibleLabel, "printable"),
        (Odd, "form"),
    ],
)
def test_a_pattern_is_told_as_a_sentence_with_a_stable_name(kind, rule):
    found = told(kind, "Not\x07it!")
    assert (found.rule, found.pointer) == (rule, "/field")
    assert found.detail.endswith(".")
    assert "^" not in found.detail


@pytest.mark.parametrize("value", [10**400, float("nan"), float("inf"), "twelve", None, [1], "1" * 5000])
def test_what_is_no_number_is_told_in_our_words(value):
    assert told(Annotated[float, Field(allow_inf_nan=False)], value).detail == NUMBER


@pytest.mark.parametrize("kind", sorted(LIBRARY - {"value_error"}))
def test_nobody_reads_the_words_of_the_validation_library(kind):
    assert sentence(kind, {}, "Input should be a valid thing, got 'a secret'").startswith(
        ("It ", "There is no such field")
    )


@pytest.mark.parametrize("unit", ["\u200b", "\u3164", "kg\u202e", "\u2800\u2800", "\u00a0"])
def test_a_word_of_what_cannot_be_seen_is_refused(unit):
    for kind in (UNIT, SourceWord):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(unit)


@pytest.mark.parametrize("number", ["-", "_", "--__--"])
def test_a_door_has_a_letter_or_a_digit(number):
    with pytest.raises(ValidationError, match="at least one letter or digit"):
        UnitBody(number=number, floor=1)
    assert UnitBody(number=f"{number}1", floor=1).number == f"{number}1"


@pytest.mark.parametrize("unit", ["%", "℃", "万元", "CNY/m²", "起"])
def test_a_unit_may_be_a_sign_alone(unit):
    assert TypeAdapter(UNIT).validate_python(unit) == unit


def test_every_form_is_a_sentence_and_its_pattern_one_that_a_field_has():
    for pattern, form in FORMS.items():
        assert form.sentence.startswith("It must "), form
        assert form.sentence.endswith("."), form
        with pytest.raises(ValidationError):
            TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)]).validate_python("\x07")
