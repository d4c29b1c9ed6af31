"""Reads a mapping from its file, and says by line and key what is wrong with it."""

import difflib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from services.runtime.imports.language import Mapping
from services.runtime.imports.refusals import MappingRefused, MappingUnknown

LARGEST = 10_000_000  # bytes; a table of a hundred thousand places has less
DEEPEST = 20  # levels; those of a mapping are six
Place = tuple[str | int, ...]
PATTERNS = {
    "source": "one lower-case word of letters, digits, dots and hyphens, such as vancouver-crime",
    "under": "a path of lower-case words between slashes, such as yinchuan/jinfeng",
}
SHIPPED = resources.files("services.runtime.imports") / "mappings"


def shipped() -> list[str]:
    """The names of the mappings that ship."""
    return sorted(entry.name.removesuffix(".yaml") for entry in SHIPPED.iterdir() if entry.name.endswith(".yaml"))


def find(name: str) -> Path:
    """The file of a mapping, given by path or by the name of one that ships. Raises MappingUnknown."""
    path = Path(name).expanduser()
    if path.is_file():
        return path
    if name in shipped():
        return Path(str(SHIPPED / f"{name}.yaml"))
    raise MappingUnknown(name, shipped())


class Loader(yaml.BaseLoader):
    """Leaves every scalar a text, so that no ``no`` becomes false and no ``007`` a 7; knows neither aliases, which can
    make a thousand lines of ten, nor endless depth. ``name`` stands in the sentences."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self._name = name
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Reads the next value. Raises MappingRefused."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise MappingRefused(f"{self._name}, line {line}: an alias such as *name is not known here: write it out.")
        if self._depth == DEEPEST:
            raise MappingRefused(f"{self._name}, line {line}: no key of a mapping lies so deep.")
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def load(path: Path) -> Mapping:
    """The mapping in a file. Raises MappingRefused."""
    try:
        if path.stat().st_size > LARGEST:
            raise MappingRefused(f"{path} is over {LARGEST:,} bytes: put its tables of places into files of their own.")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise MappingRefused(f"{path} is not a mapping: it is no UTF-8 text.") from None
    except OSError as error:
        raise MappingRefused(f"{path} cannot be read: {error.strerror}.") from None
    return parse(text, str(path))


def parse(text: str, name: str = "the mapping") -> Mapping:
    """The mapping in a text; ``name`` stands in the sentences. Raises MappingRefused."""
    try:
        loader = Loader(text, name)
        root = loader.get_single_node()
        lines: dict[Place, int] = {}
        if root is None or not isinstance(root, yaml.MappingNode):
            raise MappingRefused(f"{name} is not a mapping: it must have keys such as source, zone, category.")
        _note_lines(root, (), lines, name)
        given = loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        at = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise MappingRefused(f"{name}{at}: this is not YAML ({error.problem}).") from None
    except yaml.YAMLError as error:
        raise MappingRefused(f"{name} is not YAML ({str(error).splitlines()[0]}).") from None
    try:
        return Mapping.model_validate(given)
    except ValidationError as error:
        sentences = [_sentence(detail, lines, name) for detail in error.errors(include_url=False)[:5]]
        raise MappingRefused("\n".join(sentences)) from None


def _note_lines(node: yaml.Node, place: Place, lines: dict[Place, int], name: str) -> None:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise MappingRefused(f"{name}, line {key.start_mark.line + 1}: a key must be a word.")
            if key.value in seen:
                raise MappingRefused(f"{name}, line {key.start_mark.line + 1}: {key.value} stands here twice.")
            seen.add(key.value)
            lines[*place, key.value] = key.start_mark.line + 1
            _note_lines(value, (*place, key.value), lines, name)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[*place, index] = value.start_mark.line + 1
            _note_lines(value, (*place, index), lines, name)


def _sentence(detail: ErrorDetails, lines: dict[Place, int], name: str) -> str:
    place = detail["loc"]
    known = place
    while known and known not in lines:
        known = known[:-1]
    where = f"{name}, line {lines.get(known, 1)}"
    match detail["type"]:
        case "missing":
            return f"{where}: {_said(place[:-1]) or 'the mapping'} lacks the key {place[-1]}."
        case "extra_forbidden":
            return f"{where}: {_unknown_key(place)}"
        case "value_error":
            reason = detail["msg"].removeprefix("Value error, ")
            if reason.startswith("It must be"):  # a sentence of the contracts
                reason = reason.removeprefix("It ")
            return f"{where}: {_said(known) or 'the mapping'} {reason}."
        case "string_pattern_mismatch":
            return f"{where}: {_said(known)} must be {PATTERNS.get(str(known[-1]), 'lower-case words')}."
        case _:
            reason = detail["msg"][0].lower() + detail["msg"][1:]
            return f"{where}: {_said(known) or 'the mapping'}: {reason}."


def _said(place: Place) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in place)


def _unknown_key(place: Place) -> str:
    allowed = _keys_at(place[:-1])
    key = str(place[-1])
    return f"{_said(place[:-1]) or 'a mapping'} has no key {key}{did_you_mean(key, allowed)} ({', '.join(allowed)})."


def _keys_at(place: Place) -> list[str]:
    """The keys that may stand at a place of a mapping."""
    model: type[BaseModel] = Mapping
    for part in place:
        if isinstance(part, str):
            field = next((f for n, f in model.model_fields.items() if part in (n, f.alias)), None)
            model = _model_in(field.annotation) if field else model
    return [field.alias or key for key, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel]:
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
        if get_args(candidate):
            found = _model_in(candidate)
            if found is not BaseModel:
                return found
    return BaseModel


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Half a sentence with the nearest known word, ``""`` where none is near."""
    by_fold = {word.casefold(): word for word in known}
    near = difflib.get_close_matches(given.casefold(), by_fold, 1, 0.6)
    return f"; did you mean {by_fold[near[0]]}?" if near else ""
