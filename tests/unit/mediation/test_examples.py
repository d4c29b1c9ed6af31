"""Every example that the documentation shows is one that the service would take or give."""

import pytest
from pydantic import BaseModel

from services.mediation import answers, api
from tests.declared import commands_of

SHOWN = [
    (model, example)
    for model in vars(answers).values()
    if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == answers.__name__
    for example in (model.model_config.get("json_schema_extra") or {}).get("examples", ())
]
COMMANDS = [*commands_of(api.router)]


@pytest.mark.parametrize(("model", "example"), SHOWN, ids=[model.__name__ for model, _ in SHOWN])
def test_an_example_is_true(model, example):
    assert set(example) <= set(model.model_fields)
    model.model_validate(example)


@pytest.mark.parametrize("command", COMMANDS, ids=[command.path for command in COMMANDS])
def test_every_command_shows_a_request_that_it_would_take(command):
    assert command.example
    command.said.model_validate(command.example)
