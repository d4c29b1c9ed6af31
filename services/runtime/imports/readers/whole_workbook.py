"""Reads a workbook as a whole, in a process of its own: a small file can tell of more cells than memory has.

``python -m services.runtime.imports.readers.whole_workbook FILE [SHEET]`` writes pickles: the fields of a ``Shape``, or
the sentence of a refusal; then lists of rows; then None.
"""

import pickle
import resource
import sys
from itertools import islice
from typing import IO, Any, NamedTuple

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

MOST_MEMORY = 2**29  # bytes of address space; two million cells fit
ROWS_AT_ONCE = 500


class Shape(NamedTuple):
    """Where the cells of a sheet lie: its first row and column, from 0, and how many there are."""

    top: int
    left: int
    height: int
    width: int


def main(path: str, sheet: str | None, out: IO[bytes]) -> None:
    """Writes the rows of a sheet, of the first one where none is named."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    opened = _opened(path, sheet)
    if isinstance(opened, str):
        pickle.dump(opened, out)
        return
    top, left = opened.start or (0, 0)
    pickle.dump((top, left, opened.height, opened.width), out)
    rows = iter(opened.iter_rows())
    while some := list(islice(rows, ROWS_AT_ONCE)):
        pickle.dump(some, out)
    pickle.dump(None, out)


def _opened(path: str, wanted: str | None) -> CalamineSheet | str:
    try:
        book = CalamineWorkbook.from_path(path)
        names = book.sheet_names
        if not names:
            return f"{path} has no sheet."
        if wanted is not None and wanted not in names:
            return f"{path} has no sheet {wanted}; it has {', '.join(names)}."
        return book.get_sheet_by_name(wanted or names[0])
    except PasswordError:
        return f"{path} is locked with a password: save it without one."
    except (CalamineError, OSError, ValueError):
        return f"{path} is not a workbook that can be read: save it as .xlsx again."


def read(source: IO[bytes]) -> Any:
    """The next of what ``main`` wrote. Raises EOFError or UnpicklingError where its process ended early."""
    return pickle.load(source)  # noqa: S301 - written by a process of ours


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None, sys.stdout.buffer)
