"""The generated documents say what the contracts say, and stay as they are committed."""

import importlib
import inspect
import json
from pathlib import Path
from typing import ClassVar

import jsonschema_rs
import pytest
from pydantic import BaseModel

from contracts import common, envelope, generate
from contracts.asyncapi import document
from contracts.catalogue import CATALOGUE, Catalogue
from contracts.common import Event
from contracts.docstrings import meaning_of
from contracts.examples import example_of
from contracts.schema import schema_of
from contracts.topics import BARRIER, LOGS, WATERMARK

MARKS = {WATERMARK, BARRIER}
MODULES = [importlib.import_module(f"contracts.{service}") for service in LOGS]
EVENTS = [pytest.param(model, id=name) for name, model in CATALOGUE.models.items()]


def declared(module):
    own = [value for value in vars(module).values() if inspect.isclass(value) and value.__module__ == module.__name__]
    return [value for value in own if issubclass(value, BaseModel)]


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_what_is_committed_is_what_the_contracts_say():
    assert generate.stale(generate.SCHEMAS, CATALOGUE) == []


def test_nothing_breaks_what_is_released():
    assert [str(found) for found in generate.broken(generate.SCHEMAS, CATALOGUE)] == []


@pytest.mark.parametrize("harm", ["edited", "missing", "orphaned"])
def test_a_stale_file_is_noticed(tmp_path, harm, capsys):
    generate.write(tmp_path, CATALOGUE)
    assert generate.main(["--check"], tmp_path) == 0
    victim = tmp_path / "registry.tenant-moved-out.v1.json"
    if harm == "edited":
        victim.write_text(victim.read_text(encoding="utf-8").replace("left", "gone"), encoding="utf-8")
    elif harm == "missing":
        victim.unlink()
    else:
        victim = tmp_path / "registry.unit-painted.v1.json"
        victim.write_text("{}", encoding="utf-8")
    assert generate.main(["--check"], tmp_path) == 1
    assert victim.name in capsys.readouterr().err
    assert generate.main([], tmp_path) == 0
    assert generate.main(["--check"], tmp_path) == 0


def test_a_field_without_an_example_gets_one_sentence(tmp_path, capsys):
    class DoorPainted(Event):
        """A door was painted.

        Attributes:
            varnish: which one was taken.
        """

        type: ClassVar[str] = "registry.door-painted.v1"
        varnish: str

    assert generate.main(["--check"], tmp_path, Catalogue.of([DoorPainted])) == 1
    assert capsys.readouterr().err == (
        "registry.door-painted.v1/varnish: the field has no example; give it one with Field(examples=[...]).\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_every_event_of_every_module_is_in_the_catalogue_once():
    for module in MODULES:
        events = [model for model in declared(module) if issubclass(model, Event)]
        assert sorted(event.type for event in events) == sorted(event.type for event in module.EVENTS)
        service = module.__name__.rpartition(".")[2]
        assert all(event.type.startswith(f"{service}.") for event in events)
    everything = [event.type for module in MODULES for event in module.EVENTS]
    assert sorted(everything) == sorted(CATALOGUE.models)
    assert len(set(everything)) == len(everything)


@pytest.mark.parametrize("model", EVENTS)
def test_every_event_says_when_it_happens_and_every_field_what_it_means(model):
    meaning = meaning_of(model)
    assert model.__doc__ != Event.__doc__
    assert len(meaning.summary) >= 15
    assert meaning.summary.endswith(".")
    unexplained = set(model.model_fields) - meaning.fields.keys()
    assert not unexplained, f"{model.type} does not explain {sorted(unexplained)}"
    assert all(len(words) > 3 for words in meaning.fields.values())


@pytest.mark.parametrize("module", [*MODULES, common, envelope], ids=lambda module: module.__name__)
def test_every_value_inside_an_event_explains_its_fields(module):
    for model in declared(module):
        if model.model_fields and not issubclass(model, Event) and model is not common.Actor:
            unexplained = set(model.model_fields) - meaning_of(model).fields.keys()
            assert not unexplained, f"{model.__name__} does not explain {sorted(unexplained)}"


@pytest.mark.parametrize("model", EVENTS)
def test_an_event_and_its_schema_accept_the_same_example(model):
    validator = jsonschema_rs.validator_for(schema_of(model))
    example = example_of(model)
    validator.validate(example)
    assert model.model_validate(example).model_dump(mode="json") == example
    for name in (name for name, field in model.model_fields.items() if field.is_required()):
        lacking = {key: value for key, value in example.items() if key != name}
        assert not validator.is_valid(lacking), name


@pytest.mark.parametrize("model", EVENTS)
def test_every_schema_has_a_name_a_title_and_words_for_each_field(model):
    schema = json.loads((generate.SCHEMAS / f"{model.type}.json").read_text(encoding="utf-8"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:maplebridge:contracts:{model.type}"
    assert schema["title"] == model.__name__
    assert schema["description"] == meaning_of(model).summary
    assert all(field["description"] for field in schema["properties"].values())


def test_the_asyncapi_document_has_a_channel_a_log_and_a_message_an_event():
    made = document(CATALOGUE)
    assert made["asyncapi"] == "3.1.0"
    logs = {name: channel for name, channel in made["channels"].items() if name != "alerts"}
    assert {channel["address"] for channel in logs.values()} == {f"maplebridge.{log}.events" for log in LOGS}
    assert sorted(made["components"]["messages"]) == sorted([*CATALOGUE.models, *MARKS])
    assert all(channel["messages"].keys() >= MARKS for channel in made["channels"].values())
    told = [name for channel in logs.values() for name in channel["messages"] if name not in MARKS]
    assert sorted(told) == sorted(CATALOGUE.models)
    assert {operation["action"] for operation in made["operations"].values()} == {"send", "receive"}


def test_the_channel_of_alerts_has_what_becomes_of_an_alert_and_nothing_else():
    channel = document(CATALOGUE)["channels"]["alerts"]
    assert channel["address"] == "maplebridge.alerts"
    assert channel["messages"].keys() - MARKS == {
        f"analytics.alert-{what}.v1"
        for what in ("raised", "revised", "reopened", "acknowledged", "escalated", "closed")
    }


def test_every_reference_of_the_asyncapi_document_leads_somewhere():
    made = document(CATALOGUE)
    for reference in set(references(made)):
        file, _, pointer = reference.partition("#")
        if file:
            assert (generate.SCHEMAS / Path(file).name).exists(), reference
            continue
        node = made
        for part in pointer.strip("/").split("/"):
            node = node[part]


def test_the_headers_of_every_example_are_those_that_are_described():
    made = document(CATALOGUE)
    for message in made["components"]["messages"].values():
        schema = made["components"]["schemas"][message["headers"]["$ref"].rpartition("/")[2]]
        jsonschema_rs.validator_for(schema).validate(message["examples"][0]["headers"])
