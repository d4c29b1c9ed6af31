"""What a contract's docstring says of it and of each of its fields."""

import inspect
import re
from dataclasses import dataclass

from pydantic import BaseModel

SECTION = "Attributes:"


@dataclass(frozen=True)
class Meaning:
    """A docstring, taken apart.

    Attributes:
        summary: when it happens, or what it is. fields: what each field means; several named together share it.
    """

    summary: str
    fields: dict[str, str]


def meaning_of(model: type[BaseModel]) -> Meaning:
    """The words of a model's docstring; an inherited field has its words where it was declared."""
    fields: dict[str, str] = {}
    for ancestor in reversed(model.__mro__):
        if issubclass(ancestor, BaseModel) and ancestor.__doc__ and ancestor is not BaseModel:
            fields |= _fields(_attributes(ancestor.__doc__), tuple(model.model_fields))
    summary = inspect.cleandoc(model.__doc__ or "").partition(SECTION)[0]
    return Meaning(" ".join(summary.split()), fields)


def _attributes(docstring: str) -> str:
    return " ".join(inspect.cleandoc(docstring).partition(SECTION)[2].split())


def _fields(text: str, names: tuple[str, ...]) -> dict[str, str]:
    """``unit: its id. rule, version: which.`` as words by field; a colon ends names only at a sentence's start."""
    if not names:
        return {}
    name = "|".join(sorted((re.escape(name) for name in names), key=len, reverse=True))
    start = re.compile(rf"(?:^|(?<=[.;]\s))((?:{name})(?:,\s(?:{name}))*):\s")
    found = list(start.finditer(text))
    ends = [*(match.start() for match in found), len(text)][1:]
    words: dict[str, str] = {}
    for match, end in zip(found, ends, strict=True):
        meaning = text[match.end() : end].strip().rstrip(".;")
        words |= dict.fromkeys(re.split(r",\s", match[1]), meaning[:1].upper() + meaning[1:] + ".")
    return words
