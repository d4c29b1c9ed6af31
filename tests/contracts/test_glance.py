"""What is read at a glance is what the contract's model has, field by field."""

import pytest
from pydantic import BaseModel

from contracts.catalogue import CATALOGUE
from contracts.examples import example_of
from contracts.glance import glance
from contracts.incidents import IncidentReported


def same(glanced, value):
    """Whether a glanced value has all that a model's value has."""
    if isinstance(value, BaseModel):
        return all(same(getattr(glanced, name), getattr(value, name)) for name in type(value).model_fields)
    if isinstance(value, tuple):
        return len(glanced) == len(value) and all(map(same, glanced, value))
    return glanced == value and type(glanced) is type(value)


@pytest.mark.parametrize("model", CATALOGUE.models.values(), ids=lambda model: model.type)
def test_every_field_of_every_event_is_as_the_model_has_it(model):
    event = model.model_validate(example_of(model))
    assert same(glance(model, event.model_dump_json().encode()), event)
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    least = model.model_validate({name: value for name, value in example_of(model).items() if name in required})
    assert same(glance(model, least.model_dump_json(exclude_unset=True).encode()), least)


def test_a_field_that_is_missing_or_that_no_contract_has_is_noticed_when_it_is_touched():
    event = glance(IncidentReported, b"{}")
    with pytest.raises(KeyError):
        _ = event.place
    with pytest.raises(AttributeError):
        _ = event.weather
    assert event.source_unit is None
