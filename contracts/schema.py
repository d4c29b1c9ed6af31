"""The JSON Schema (2020-12) of a contract, with the words of its docstring.

It describes what a reader must be ready for: a field with a default may be absent, since events from before the field
lack it, and a field that the reader does not know is to be ignored, since a later release may add one.
"""

from typing import Any

from pydantic import BaseModel

from contracts.common import Event, Frozen
from contracts.docstrings import meaning_of
from contracts.examples import example_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def schema_of(model: type[Event]) -> Schema:
    """The schema of an event's payload."""
    return {**described(model, model.type), "examples": [example_of(model)]}


def described(model: type[BaseModel], name: str) -> Schema:
    """The schema of a model under a name."""
    raw = model.model_json_schema(mode="validation", ref_template="#/$defs/{model}")
    definitions = raw.pop("$defs", {})
    schema = {"$schema": DIALECT, "$id": schema_id(name), **_worded(raw, model)}
    if definitions:
        # of the contracts alone: a service may give a value of its own the name of one of theirs
        ours = [inner for inner in _descendants(Frozen) if inner.__module__.startswith("contracts.")]
        named = {inner.__name__: inner for inner in ours}
        schema["$defs"] = {key: _worded(value, named.get(key)) for key, value in sorted(definitions.items())}
    return schema


def schema_id(name: str) -> str:
    """The URI that names a schema; it is a name and leads nowhere."""
    return f"urn:maplebridge:contracts:{name}"


def _descendants(model: type[BaseModel]) -> list[type[BaseModel]]:
    return [inner for child in model.__subclasses__() for inner in (child, *_descendants(child))]


def _worded(raw: Schema, model: type[BaseModel] | None) -> Schema:
    """Without the titles that repeat a field's name, open to fields to come, and with the docstring's words."""
    schema = {key: value for key, value in raw.items() if key != "additionalProperties"}
    if model is None:
        return schema
    meaning = meaning_of(model)
    schema["description"] = meaning.summary
    schema["properties"] = {
        name: {
            **{key: value for key, value in field.items() if key != "title"},
            **({"description": meaning.fields[name]} if name in meaning.fields else {}),
        }
        for name, field in raw.get("properties", {}).items()
    }
    return schema
