"""What is shown of an event, in Chinese and in English: a type and a few neutral values, never a person."""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal, NamedTuple

import yaml

from contracts.segments import name_of

Language = Literal["zh", "en"]
Values = Mapping[str, str | int]


class Words(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str


@cache
def _said() -> Mapping[str, Mapping[str, Mapping[Language, str]]]:
    text = (resources.files("services.analytics") / "words.yaml").read_text("utf-8")
    said: Mapping[str, Mapping[str, Mapping[Language, str]]] = yaml.safe_load(text)
    return said


@cache
def categories() -> Mapping[str, Mapping[Language, str]]:
    """What categories are called: a whole path, or ``*/`` and its last segment."""
    text = (resources.files("services.analytics") / "categories.yaml").read_text("utf-8")
    named: Mapping[str, Mapping[Language, str]] = yaml.safe_load(text)
    return named


def known() -> frozenset[str]:
    """The types that have words."""
    return frozenset(_said()["lines"])


def line(type_name: str, values: Values) -> Words:
    """What an event of a type says with these values."""
    said = _said()["lines"][type_name]
    return Words(*(said[language].format_map(_named(values, language)) for language in ("zh", "en")))


def milestone(kind: str, values: Values) -> Words:
    """What a day that the time slider names is called."""
    return template(_said()["milestones"][kind], values)


def notice(kind: str, values: Values) -> Words:
    """What a person is told."""
    return template(_said()["notices"][kind], values)


def template(words: Mapping[Any, str], values: Values) -> Words:
    """The words of a rule with these values."""
    return Words(words["zh"].format_map(_named(values, "zh")), words["en"].format_map(_named(values, "en")))


def name(value: str) -> Words:
    """What a value such as a category is called; the nearest known name of a path, else its last segment."""
    return Words(_name(value, "zh"), _name(value, "en"))


def label(unit: str | None) -> str | None:
    """A unit's short name: the tower's last word and the door, such as A-1812 of wanda-a-1812."""
    words = (unit or "").split("-")
    return "-".join(words[-2:]).upper() if len(words) > 1 else unit


def _named(values: Values, language: Language) -> dict[str, str]:
    return {key: _name(value, language) if isinstance(value, str) else str(value) for key, value in values.items()}


def _name(value: str, language: Language) -> str:
    named = _said()["names"].get(value) or categories().get(value)
    if named:
        return named[language]
    if not re.fullmatch(r"[a-z0-9/-]+", value) or "/" not in value:
        return value
    above, _, last = value.rpartition("/")
    tail = categories().get(f"*/{last}")
    return f"{_name(above, language)} · {tail[language] if tail else name_of(last).replace('-', ' ')}"
