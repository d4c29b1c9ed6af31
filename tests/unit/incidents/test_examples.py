"""Every example that the documentation shows is one that the service would take or give."""

import pytest
from pydantic import BaseModel

from services.incidents import answers, bodies

SHOWN = [
    (model, example)
    for module in (bodies, answers)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == module.__name__
    for example in (model.model_config.get("json_schema_extra") or {}).get("examples", ())
]


@pytest.mark.parametrize(("model", "example"), SHOWN, ids=[model.__name__ for model, _ in SHOWN])
def test_an_example_is_true(model, example):
    assert set(example) <= set(model.model_fields)
    model.model_validate(example)


def test_every_body_has_an_example():
    shown = {model for model, _ in SHOWN}
    bodies_there = {model for name, model in vars(bodies).items() if name.endswith("Body")}
    assert bodies_there - shown <= {getattr(bodies, "OccurredBody", None)}
