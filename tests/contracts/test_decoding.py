"""What is decoded without checks is what the contract's model has, field by field."""

import msgspec
import pytest
from pydantic import BaseModel

from contracts.catalogue import CATALOGUE
from contracts.decoding import decode
from contracts.examples import example_of
from contracts.incidents import IncidentReported


def same(decoded, value):
    """Whether a decoded value has all that a model's value has."""
    if isinstance(value, BaseModel):
        return all(same(getattr(decoded, name), getattr(value, name)) for name in type(value).model_fields)
    if isinstance(value, tuple):
        return len(decoded) == len(value) and all(map(same, decoded, value))
    return decoded == value and type(decoded) is type(value)


@pytest.mark.parametrize("model", CATALOGUE.models.values(), ids=lambda model: model.type)
def test_every_field_of_every_event_is_as_the_model_has_it(model):
    event = model.model_validate(example_of(model))
    assert same(decode(model, event.model_dump_json().encode()), event)
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    least = model.model_validate({name: value for name, value in example_of(model).items() if name in required})
    assert same(decode(model, least.model_dump_json(exclude_unset=True).encode()), least)


def test_a_payload_that_is_not_of_the_contract_is_refused():
    payload = IncidentReported.model_validate(example_of(IncidentReported)).model_dump()
    for broken in (b"{}", b"[", msgspec.json.encode(payload | {"drill": "yes"})):
        with pytest.raises(msgspec.DecodeError):
            decode(IncidentReported, broken)
