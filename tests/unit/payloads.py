"""Any payload of a contract, out of its JSON Schema; of few words, so that events of a stream speak of each other."""

import json
from datetime import UTC, datetime

from hypothesis import strategies as st

from contracts.common import Event

MOMENTS = [datetime(2024, 6, day, 4, 0, 0, day, tzinfo=UTC).isoformat() for day in range(1, 6)]
IDENTIFIER = r"^[a-z0-9][a-z0-9._-]{0,79}$"
WORDS = {
    IDENTIFIER: ["a", "b", "c"],
    r"^[a-z0-9_-]{1,80}(/[a-z0-9_-]{1,80}){0,9}$": ["yinchuan", "yinchuan/jinfeng"],
}
FORMATS = {"date-time": MOMENTS, "date": [moment[:10] for moment in MOMENTS], "time": ["04:00:00"]}


def events(model: type[Event]) -> st.SearchStrategy[Event]:
    """Any event of a type."""
    schema = model.model_json_schema()
    return values(schema, schema.get("$defs", {})).map(lambda value: model.model_validate_json(json.dumps(value)))


def values(schema: dict, defs: dict) -> st.SearchStrategy:
    """Any value that a schema describes."""
    if "$ref" in schema:
        return values(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    if "anyOf" in schema:
        return st.one_of([values(each, defs) for each in schema["anyOf"]])
    return KINDS[schema["type"]](schema, defs)


def an_object(schema: dict, defs: dict) -> st.SearchStrategy:
    """Its required fields, and any of the others."""
    made = {name: values(each, defs) for name, each in schema.get("properties", {}).items()}
    required = {name: made.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(required, optional=made)


def a_list(schema: dict, defs: dict) -> st.SearchStrategy:
    """A short one."""
    if "prefixItems" in schema:
        return st.tuples(*(values(each, defs) for each in schema["prefixItems"])).map(list)
    least = schema.get("minItems", 0)
    return st.lists(values(schema["items"], defs), min_size=least, max_size=min(schema.get("maxItems", 9), least + 2))


def a_text(schema: dict, _: dict) -> st.SearchStrategy:
    """A word that fits."""
    if "format" in schema:
        return st.sampled_from(FORMATS[schema["format"]])
    pattern = schema.get("pattern")
    if pattern in WORDS:
        return st.sampled_from(WORDS[pattern])
    if pattern is not None and not pattern.startswith("^[^"):
        return st.from_regex(pattern, fullmatch=True).filter(lambda text: len(text) <= schema.get("maxLength", 500))
    return st.text("ab枫", min_size=max(1, schema.get("minLength", 1)), max_size=schema.get("maxLength", 20))


def a_count(schema: dict, _: dict) -> st.SearchStrategy:
    """A number without a fraction."""
    least = schema.get("minimum", schema.get("exclusiveMinimum", -100) + 1)
    return st.integers(least, schema.get("maximum", least + 200))


KINDS = {
    "object": an_object,
    "array": a_list,
    "string": a_text,
    "integer": a_count,
    "number": lambda schema, _: st.floats(schema.get("minimum", -1e9), schema.get("maximum", 1e9)),
    "boolean": lambda *_: st.booleans(),
    "null": lambda *_: st.none(),
}
