"""What is wrong with a request is said in sentences; nobody is asked to read a pattern."""

from typing import Annotated

import pytest
from pydantic import BaseModel, StringConstraints, TypeAdapter, ValidationError

from contracts.common import FORMS, Category, Identifier, Label, Place, ZoneName
from contracts.registry import UnitNumber
from services.chassis.http.texts import VisibleLabel
from services.chassis.http.validation import fault

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


def test_every_form_is_a_sentence_and_its_pattern_one_that_a_field_has():
    for pattern, form in FORMS.items():
        assert form.sentence.startswith("It must "), form
        assert form.sentence.endswith("."), form
        with pytest.raises(ValidationError):
            TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)]).validate_python("\x07")
