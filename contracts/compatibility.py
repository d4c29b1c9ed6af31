"""Whether today's schema of a released event can live with the readers and the events that exist.

Two things must hold, and neither side can be asked to wait for the other:

- **Old events, new readers.** What was written is in the log for ever; today's model reads all of it. So nothing may be
  required or refused today that was optional or allowed when it was written.
- **New events, old readers.** Somebody out there reads with last year's schema. So nothing may be written today that
  last year's schema refuses, and nothing left out that it requires.

Together: over the fields that are released, the set of valid payloads stays exactly what it was. A type or a pattern, a
bound, an enumerated value, being nullable, being required, a default: none may change in either direction (narrowing
breaks the first rule, widening the second; a default is what an absent field of an old event means). What may change is
words (title, description, examples), and **a new field may come if it is optional**: old events lack it, and old
readers ignore what they do not know (``Catalogue.decode`` does, and so must every other reader). Everything else is a
new type name (``…v2``) with an upcaster from the old one; a released name may leave the catalogue only that way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from contracts.catalogue import Catalogue

Schema = Mapping[str, Any]
WORDS = frozenset({"$schema", "$id", "$defs", "title", "description", "examples", "$comment", "deprecated"})
"""Keywords that no payload is judged by."""
STRUCTURE = frozenset({"properties", "required", "items", "prefixItems", "anyOf", "enum", "const", "$ref"})
"""Keywords that are compared part by part."""


class Harm(StrEnum):
    """Who is broken by a change."""

    OLD_EVENTS = "events that were written before cannot be read any more"
    OLD_READERS = "readers with the released schema refuse what is written from now on"
    BOTH = "old events and old readers both break"


@dataclass(frozen=True)
class Break:
    """One change that breaks somebody.

    Attributes:
        type_name: the released event. path: JSON pointer into the payload, ``*`` for each item of a list.
        change: what changed. harm: who is broken by it.
    """

    type_name: str
    path: str
    change: str
    harm: Harm

    def __str__(self) -> str:
        return f"{self.type_name}{self.path or '/'}: {self.change}; {self.harm}. Give it a new version and an upcaster."


def breaks(released: Schema, today: Schema, type_name: str) -> list[Break]:
    """What in today's schema breaks readers or events of a released one; empty where nothing does."""
    return [Break(type_name, *found) for found in _Comparison(released, today).compare(released, today, "")]


def withdrawn(catalogue: Catalogue, type_name: str) -> Break | None:
    """A released type that no model describes and no upcaster leads from; None where one does."""
    current = type_name
    while current in catalogue.upcasters:
        current = catalogue.upcasters[current].new
    if current in catalogue.models:
        return None
    return Break(type_name, "", "the released type is gone, and no upcaster leads to one that exists", Harm.OLD_EVENTS)


Found = tuple[str, str, Harm]


class _Comparison:
    """Walks two schemas side by side; names of definitions do not matter, what they say does."""

    def __init__(self, released: Schema, today: Schema) -> None:
        self._released = released.get("$defs", {})
        self._today = today.get("$defs", {})

    def compare(self, old: Schema, new: Schema, path: str) -> Iterator[Found]:
        old, new = _resolved(old, self._released), _resolved(new, self._today)
        yield from _nullability(old, new, path)
        old, new = _without_null(old, self._released), _without_null(new, self._today)
        yield from self._fields(old, new, path)
        yield from self._items(old, new, path)
        yield from self._alternatives(old, new, path)
        yield from _values(old, new, path)
        yield from _rules(old, new, path)

    def _fields(self, old: Schema, new: Schema, path: str) -> Iterator[Found]:
        before, after = old.get("properties", {}), new.get("properties", {})
        required_before, required_after = set(old.get("required", ())), set(new.get("required", ()))
        for name in before:
            inner = f"{path}/{name}"
            if name not in after:
                yield inner, "the field was removed", Harm.BOTH
                continue
            if name in required_after - required_before:
                yield inner, "the field became required", Harm.OLD_EVENTS
            if name in required_before - required_after:
                yield inner, "the field became optional", Harm.OLD_READERS
            yield from self.compare(before[name], after[name], inner)
        for name in after:
            if name not in before and name in required_after:
                yield f"{path}/{name}", "a new field is required", Harm.OLD_EVENTS

    def _items(self, old: Schema, new: Schema, path: str) -> Iterator[Found]:
        before, after = old.get("items"), new.get("items")
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from self.compare(before, after, f"{path}/*")
        elif before != after:
            yield f"{path}/*", "what a list holds changed", Harm.BOTH
        first, second = old.get("prefixItems", ()), new.get("prefixItems", ())
        if len(first) != len(second):
            yield f"{path}/*", "the number of places of a tuple changed", Harm.BOTH
            return
        for place, (one, other) in enumerate(zip(first, second, strict=True)):
            yield from self.compare(one, other, f"{path}/{place}")

    def _alternatives(self, old: Schema, new: Schema, path: str) -> Iterator[Found]:
        before, after = old.get("anyOf", ()), new.get("anyOf", ())
        if len(before) != len(after):
            harm = Harm.OLD_EVENTS if len(after) < len(before) else Harm.OLD_READERS
            yield path, "the alternatives of the type changed", harm
            return
        for one, other in zip(before, after, strict=True):
            yield from self.compare(one, other, path)


def _resolved(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """With what it refers to in place; its own words and default go before those of the definition."""
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = {**definitions[name], **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _is_null(schema: Schema) -> bool:
    return schema.get("type") == "null"


def _nullable(schema: Schema) -> bool:
    return any(map(_is_null, schema.get("anyOf", ())))


def _nullability(old: Schema, new: Schema, path: str) -> Iterator[Found]:
    if _nullable(old) and not _nullable(new):
        yield path, "null is not allowed any more", Harm.OLD_EVENTS
    if _nullable(new) and not _nullable(old):
        yield path, "null became allowed", Harm.OLD_READERS


def _without_null(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    if not _nullable(schema):
        return schema
    rest = [one for one in schema["anyOf"] if not _is_null(one)]
    outer = {key: value for key, value in schema.items() if key != "anyOf"}
    if len(rest) > 1:
        return {**outer, "anyOf": rest}
    return {**_resolved(rest[0], definitions), **outer}


def _enumerated(schema: Schema) -> frozenset[str] | None:
    if "const" in schema:
        return frozenset({repr(schema["const"])})
    return frozenset(map(repr, schema["enum"])) if "enum" in schema else None


def _values(old: Schema, new: Schema, path: str) -> Iterator[Found]:
    before, after = _enumerated(old), _enumerated(new)
    if before is None and after is None:
        return
    if before is None or after is None:
        harm = Harm.OLD_READERS if after is None else Harm.OLD_EVENTS
        yield path, "the list of values came or went", harm
        return
    for gone in sorted(before - after):
        yield path, f"the value {gone} was removed", Harm.OLD_EVENTS
    for added in sorted(after - before):
        yield path, f"the value {added} was added", Harm.OLD_READERS


AT_MOST = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
AT_LEAST = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})


def _rules(old: Schema, new: Schema, path: str) -> Iterator[Found]:
    """Every other keyword: type, format, pattern, bounds, default and what may come yet."""
    for rule in sorted((old.keys() | new.keys()) - WORDS - STRUCTURE):
        before, after = old.get(rule), new.get(rule)
        if before != after or (rule in old) != (rule in new):
            yield path, f"{rule} changed from {_said(old, rule)} to {_said(new, rule)}", _harm(rule, before, after)


def _said(schema: Schema, rule: str) -> str:
    return repr(schema[rule]) if rule in schema else "nothing"


def _harm(rule: str, before: Any, after: Any) -> Harm:
    if rule not in AT_MOST | AT_LEAST:
        if before is None:
            return Harm.OLD_EVENTS
        return Harm.OLD_READERS if after is None else Harm.BOTH
    if before is None or after is None:
        return Harm.OLD_EVENTS if before is None else Harm.OLD_READERS
    tighter = after < before if rule in AT_MOST else after > before
    return Harm.OLD_EVENTS if tighter else Harm.OLD_READERS
