"""XLSX, row by row: a sheet of a million rows takes no more memory than one of ten."""

import zipfile
import zlib
from collections.abc import Iterator
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

from services.runtime.imports.language import FileRule
from services.runtime.imports.readers.source import Source
from services.runtime.imports.readers.spreadsheet_xml import (
    LONGEST_TEXT,
    Contents,
    Texts,
    Unreadable,
    contents,
    date_styles,
    feed,
    local,
    moment_of,
    refuse_bombs,
    unescaped,
)
from services.runtime.imports.readers.table import Cell, Cells, Row, headings, letters
from services.runtime.imports.refusals import FileEndsEarly, FileRefused

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    ParseError,
    EOFError,
    ValueError,  # also Unreadable
    KeyError,
    IndexError,
    RuntimeError,  # locked with a password, or packed in a way that is not known
)
WIDEST = 16_384  # columns that a sheet may have


class WorkbookTable:
    """One sheet of an XLSX file as a table; a row without any content is none."""

    encoding: str | None = None

    def __init__(self, source: Source, rule: FileRule) -> None:
        self.name = str(source.path)
        try:
            self._archive = zipfile.ZipFile(source.path)
            refuse_bombs(self._archive, self.name)
            about = contents(self._archive)
            part = self._part(about, rule)
            self._size = max(1, self._archive.getinfo(part).file_size)
            self._read = 0
            self._cells = SheetCells(Texts.read(self._archive), date_styles(self._archive), about)
            self._rows = self._stream(part)
            self.header = self._header(rule)
            self._cells.most = len(self.header)
        except (*BROKEN, OSError, FileEndsEarly):
            raise FileRefused(f"{self.name} is not a workbook that can be read: save it as .xlsx again.") from None

    def _part(self, about: Contents, rule: FileRule) -> str:
        names = [sheet.name for sheet in about.sheets]
        if rule.sheet is not None and rule.sheet not in names:
            raise FileRefused(f"{self.name} has no sheet {rule.sheet}; it has {', '.join(names)}.")
        shown = [sheet for sheet in about.sheets if sheet.visible or rule.sheet] or about.sheets
        chosen = [sheet.part for sheet in shown if rule.sheet in {None, sheet.name}]
        return chosen[0]

    def _stream(self, part: str) -> Iterator[tuple[int, list[Cell]]]:
        cells = self._cells
        try:
            with self._archive.open(part) as stream:
                for count in feed(stream, cells.parser):
                    self._read += count
                    rows, cells.rows = cells.rows, []
                    yield from rows
                yield from cells.rows
        except BROKEN:
            raise FileEndsEarly(
                f"{self.name} breaks off after row {cells.line}: it is damaged or was not copied whole; get it again "
                "and repeat the import, what was imported is known then."
            ) from None

    def _header(self, rule: FileRule) -> tuple[str, ...]:
        if rule.header == "none":
            first = next(self._rows, None)
            if first is None:
                raise FileRefused(f"{self.name} has no rows.")
            self._first = first
            width = max(len(first[1]), self._cells.width)
            return tuple(letters(index) for index in range(width))
        for line, cells in self._rows:
            if line >= rule.header:
                return headings(cells)
        raise FileRefused(f"{self.name} has no row {rule.header} to take the headings from.")

    def rows(self) -> Iterator[Row]:
        width = len(self.header)
        if (first := getattr(self, "_first", None)) is not None:
            yield first[0], _wide(first[1], width)
        for line, cells in self._rows:
            yield line, _wide(cells, width)

    def done(self) -> float:
        return min(1.0, self._read / self._size)

    def close(self) -> None:
        self._archive.close()


def _wide(cells: list[Cell], width: int) -> Cells:
    """A row as wide as the headings; what stands beyond them belongs to no column."""
    return cells[:width] if len(cells) >= width else cells + [None] * (width - len(cells))


class SheetCells:
    """Takes the rows of a sheet from the events of a parser.

    Attributes:
        rows: those that are complete. line: of the last one. width: columns, as the sheet says itself.
        most: columns that are taken, so that one far cell a row does not fill the memory.
    """

    def __init__(self, texts: Texts, dates: list[bool], about: Contents) -> None:
        self._texts, self._dates, self._epoch = texts, dates, about.epoch
        self.rows: list[tuple[int, list[Cell]]] = []
        self.line = self.width = 0
        self.most = WIDEST
        self._row: list[Cell] = []
        self._column = 0
        self._kind, self._style, self._text = "n", 0, ""
        self._within = self._spoken = False
        self._columns: dict[str, int] = {}
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self.parser.CharacterDataHandler = self._characters

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local(name) if ":" in name else name
        if tag == "c":
            reference = attributes.get("r")
            self._column = self._column_of(reference) if reference else self._column + 1
            self._kind = attributes.get("t", "n")
            self._style = int(attributes.get("s", 0))
            self._text = ""
        elif tag in {"v", "t"}:
            self._within = not self._spoken
        elif tag == "row":
            self.line = int(attributes.get("r", self.line + 1))
            self._row, self._column = [], -1
        elif tag == "rPh":
            self._spoken = True
        elif tag == "dimension":
            self.width = self._column_of(attributes.get("ref", "A1").rpartition(":")[2]) + 1

    def _characters(self, text: str) -> None:
        if self._within:
            self._text += text
            if len(self._text) > LONGEST_TEXT:
                raise Unreadable

    def _end(self, name: str) -> None:
        tag = local(name) if ":" in name else name
        if tag == "c":
            if self._text and self._column < self.most:
                missing = self._column - len(self._row)
                if missing < 0:
                    raise Unreadable
                self._row += [None] * missing
                self._row.append(self._value())
        elif tag == "row":
            if self._row:
                self.rows.append((self.line, self._row))
        elif tag in {"v", "t"}:
            self._within = False
        elif tag == "rPh":
            self._spoken = False

    def _column_of(self, reference: str) -> int:
        name = reference.rstrip("0123456789")
        column = self._columns.get(name)
        if column is None:
            column = 0
            for letter in name.upper():
                column = column * 26 + ord(letter) - 64
            column -= 1
            if not 0 <= column < WIDEST:
                raise Unreadable
            self._columns[name] = column
        return column

    def _value(self) -> Cell:
        text, kind = self._text, self._kind
        if kind == "s":
            return self._texts[int(text)]
        if kind in {"str", "inlineStr", "e", "d"}:
            return unescaped(text)
        if kind == "b":
            return text == "1"
        try:
            number = float(text)
        except ValueError:
            return text
        if self._style < len(self._dates) and self._dates[self._style]:
            return moment_of(number, self._epoch)
        return int(number) if number.is_integer() and abs(number) < 1e15 else number
