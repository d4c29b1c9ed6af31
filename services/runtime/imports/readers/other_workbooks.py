"""Workbooks of other kinds than XLSX, as calamine reads them: whole, so they are small ones by their nature."""

from collections.abc import Iterator

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from services.runtime.imports.language import FileRule
from services.runtime.imports.readers.source import Source
from services.runtime.imports.readers.table import Row, headings, letters
from services.runtime.imports.refusals import FileRefused


class OtherWorkbookTable:
    """One sheet of a workbook as a table."""

    encoding: str | None = None

    def __init__(self, source: Source, rule: FileRule) -> None:
        self.name = str(source.path)
        try:
            self._book = CalamineWorkbook.from_path(source.path)
            self._sheet = self._book.get_sheet_by_name(self._sheet_name(rule))
        except PasswordError:
            raise FileRefused(f"{self.name} is locked with a password: save it without one.") from None
        except (CalamineError, OSError, ValueError):
            raise FileRefused(f"{self.name} is not a workbook that can be read: save it as .xlsx again.") from None
        # a sheet's first rows and columns may be empty; lines and letters count them
        self._top, self._left = self._sheet.start or (0, 0)
        self._height = max(1, self._sheet.height)
        self._rows = self._sheet.iter_rows()
        self._line = self._top
        self.header = self._header(rule)

    def _sheet_name(self, rule: FileRule) -> str:
        names = self._book.sheet_names
        if not names:
            raise FileRefused(f"{self.name} has no sheet.")
        if rule.sheet is not None and rule.sheet not in names:
            raise FileRefused(f"{self.name} has no sheet {rule.sheet}; it has {', '.join(names)}.")
        return rule.sheet or names[0]

    def _header(self, rule: FileRule) -> tuple[str, ...]:
        if rule.header == "none":
            return tuple(letters(self._left + index) for index in range(self._sheet.width))
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
        return min(1.0, (self._line - self._top) / self._height)

    def close(self) -> None:
        self._book.close()
