"""Workbooks of other kinds than XLSX, as calamine reads them: whole, so they are small ones by their nature."""

import pickle
import subprocess
import sys
from collections.abc import Iterator
from typing import IO, Any, cast

from services.runtime.imports.language import FileRule
from services.runtime.imports.readers import whole_workbook
from services.runtime.imports.readers.source import Source
from services.runtime.imports.readers.table import Cells, Row, headings, letters
from services.runtime.imports.readers.whole_workbook import Shape
from services.runtime.imports.refusals import FileRefused


class OtherWorkbookTable:
    """One sheet of a workbook as a table; a process of its own holds the workbook."""

    encoding: str | None = None

    def __init__(self, source: Source, rule: FileRule) -> None:
        self.name = str(source.path)
        sheet = [rule.sheet] if rule.sheet is not None else []
        # the command is this interpreter with a module of ours
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", whole_workbook.__name__, self.name, *sheet],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._shape = self._opened()
            self._rows = self._read()
            # a sheet's first rows and columns may be empty; lines and letters count them
            self._line = self._shape.top
            self.header = self._header(rule)
        except FileRefused:
            self.close()
            raise

    def _next(self) -> Any:
        try:
            return whole_workbook.read(cast("IO[bytes]", self._process.stdout))
        except (EOFError, pickle.UnpicklingError):
            raise FileRefused(
                f"{self.name} takes more memory than there is for a workbook of this kind: save it as .xlsx or CSV."
            ) from None

    def _opened(self) -> Shape:
        told = self._next()
        if isinstance(told, str):
            raise FileRefused(told)
        return Shape(*told)

    def _read(self) -> Iterator[Cells]:
        while (rows := self._next()) is not None:
            yield from rows

    def _header(self, rule: FileRule) -> tuple[str, ...]:
        if rule.header == "none":
            return tuple(letters(self._shape.left + index) for index in range(self._shape.width))
        for cells in self._rows:
            self._line += 1
            if self._line >= rule.header:
                return headings(cells)
        raise FileRefused(f"{self.name} has no row {rule.header} to take the headings from.")

    def rows(self) -> Iterator[Row]:
        for cells in self._rows:
            self._line += 1
            if any(cell not in {"", None} for cell in cells):
                yield self._line, cells

    def done(self) -> float:
        return min(1.0, (self._line - self._shape.top) / max(1, self._shape.height))

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        cast("IO[bytes]", self._process.stdout).close()
