"""Values of a mapping as functions of a row's cells."""

import string
from collections.abc import Callable, Hashable, Sequence
from operator import itemgetter
from typing import TypeVar

from services.runtime.imports.language import Default, Value
from services.runtime.imports.mapping_file import did_you_mean
from services.runtime.imports.readers import Cell, Cells, text_of
from services.runtime.imports.refusals import MappingRefused, RowRefused

T = TypeVar("T")
Take = Callable[[Cells], str]
"""Takes a text out of a row, ``""`` where it is blank. Raises RowRefused."""
MOST_REMEMBERED = 40_000
"""Answers that one value of a mapping remembers; a city has fewer blocks, and memory has an end."""


class Columns:
    """The headings of a file, by name.

    Attributes:
        used: the headings that were asked for, in order.
    """

    def __init__(self, header: tuple[str, ...], file: str) -> None:
        self._index = {name: index for index, name in enumerate(header)}
        self._file = file
        self.header = header
        self.used: dict[str, None] = {}

    def index(self, name: str, key: str, *, every: bool = False) -> int:
        """Where a column is; ``key`` is what names it in the mapping, or takes ``every`` one. Raises MappingRefused."""
        if name not in self._index:
            listed = ", ".join(self.header[:40]) + (", …" if len(self.header) > 40 else "")
            raise MappingRefused(
                f"{self._file} has no column {name}, which the mapping names at {key}"
                f"{did_you_mean(name, self.header)} (its columns: {listed})."
            )
        if not every and f"{name} (2)" in self._index:
            raise MappingRefused(
                f"{self._file} has several columns {name}, and the mapping names it at {key}: give each a heading of "
                "its own, so that it is certain which is meant."
            )
        self.used[name] = None
        return self._index[name]

    def cell(self, name: str, key: str) -> Callable[[Cells], Cell]:
        """Takes a cell as the file has it."""
        index = self.index(name, key)
        return lambda cells: cells[index]


def columns_of(*values: Value | None) -> list[str]:
    """The columns that values are made of."""
    names: list[str] = []
    for value in values:
        if value is not None and value.template is not None:
            names += [name for _, name, _, _ in string.Formatter().parse(value.template) if name]
        elif value is not None and value.column is not None:
            names.append(value.column)
    return names


def remembered(columns: Columns, names: Sequence[str], key: str, take: Callable[[Cells], T]) -> Callable[[Cells], T]:
    """The same function, which asks once for each content of the columns that it looks at."""
    if not names:
        return take
    pick = itemgetter(*(columns.index(name, key) for name in names))
    known: dict[Hashable, T] = {}

    def recall(cells: Cells) -> T:
        content = pick(cells)
        try:
            return known[content]
        except KeyError:
            answer = take(cells)
            if len(known) < MOST_REMEMBERED:
                known[content] = answer
            return answer

    return recall


def take_text(columns: Columns, column: str, key: str, unknown: tuple[str, ...] = ()) -> Take:
    """Takes a column's text; what counts as unknown is blank."""
    index = columns.index(column, key)
    blank = frozenset(unknown)

    def take(cells: Cells) -> str:
        cell = cells[index]
        text = cell.strip() if isinstance(cell, str) else text_of(cell)
        return "" if text in blank else text

    return take


def take_raw(value: Value, columns: Columns, key: str) -> Take:
    """Takes a value's text as the file has it, before any table."""
    if value.column is not None:
        return take_text(columns, value.column, key, value.unknown)
    if value.template is not None:
        return _template(value, columns, key)
    constant = value.constant or ""
    return lambda _: constant


def names_of(value: Value | None) -> str:
    """What an errors file calls the column of a value."""
    return "" if value is None else value.column or value.template or ""


def take_value(value: Value, columns: Columns, key: str, keep: Callable[[str], str] = str) -> Take:
    """Takes a value through its table; ``keep`` makes ours out of a word that is kept. Blank stays blank
    unless the table has an entry for it."""
    raw = take_raw(value, columns, key)
    if value.constant is not None:
        return raw
    fold = str.casefold if value.ignore_case else str
    table = {fold(word.strip()): ours for word, ours in (value.values or {}).items()}
    default = value.default or Default(policy="keep" if value.values is None else "fail")
    column = names_of(value)

    def take(cells: Cells) -> str:
        text = raw(cells)
        ours = table.get(fold(text))
        return _defaulted(text, default, column, key, keep) if ours is None else ours

    return remembered(columns, columns_of(value), key, take)


def _defaulted(text: str, default: Default, column: str, key: str, keep: Callable[[str], str]) -> str:
    if default.policy == "constant":
        return default.constant or ""
    if not text or default.policy == "blank":
        return ""
    if default.policy == "fail":
        raise RowRefused(column, text, f"is not among the values of {key}: add it there, or give it a default")
    try:
        return keep(text)
    except ValueError as error:
        raise RowRefused(column, text, str(error)) from None


def _template(value: Value, columns: Columns, key: str) -> Take:
    try:
        parts = list(string.Formatter().parse(value.template or ""))
    except ValueError as error:
        raise MappingRefused(f"The template at {key} cannot be read ({error}): write {{column}}.") from None
    takes = [(text, take_text(columns, name, key, value.unknown) if name else None) for text, name, _, _ in parts]

    def take(cells: Cells) -> str:
        words = [(text, column(cells) if column else "") for text, column in takes]
        # a template whose every column is blank is blank
        if not any(word for _, word in words) and any(column for _, column in takes):
            return ""
        return "".join(text + word for text, word in words).strip()

    return take
