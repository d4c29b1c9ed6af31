"""What every reader gives: headings, rows, and how far it has come."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Protocol

from services.runtime.imports.refusals import RowRefused

Cell = str | int | float | bool | datetime | date | time | timedelta | None
Cells = Sequence[Cell]
Row = tuple[int, Cells | RowRefused]
"""The line of the file that a row begins in, from 1, and its cells or why it has none."""


class Table(Protocol):
    """A file as rows under headings.

    Attributes:
        name: of the file, for sentences. header: the headings, each once.
        encoding: of a file of text, None where the kind of file settles it.
    """

    name: str
    encoding: str | None
    header: tuple[str, ...]

    def rows(self) -> Iterator[Row]:
        """The rows, once, a bounded number of them in memory. Raises FileRefused where the file breaks off."""
        ...

    def done(self) -> float:
        """How much of the file was read, from 0 to 1."""
        ...

    def close(self) -> None:
        """Closes the file."""
        ...


def text_of(cell: Cell) -> str:
    """A cell as text, trimmed; a whole number has no decimal point."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell)


def letters(index: int) -> str:
    """A spreadsheet's name of a column: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def headings(cells: Cells) -> tuple[str, ...]:
    """The headings of a table; one that is blank is called by its letter, one that comes again gets a number."""
    seen: dict[str, int] = {}
    names: list[str] = []
    for index, cell in enumerate(cells):
        name = text_of(cell) or letters(index)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)
