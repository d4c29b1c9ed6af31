"""CSV in its many dialects, plain or packed with gzip."""

import csv
import io
import zlib
from collections import deque
from collections.abc import Iterator
from io import TextIOBase
from itertools import islice

from services.runtime.imports.language import FileRule
from services.runtime.imports.readers.source import Source, as_text, encoding_of
from services.runtime.imports.readers.table import Row, headings, letters
from services.runtime.imports.refusals import FileEndsEarly, FileRefused, RowRefused

DELIMITERS = ",;\t|"
CELL_LIMIT = 131_072  # characters; a quote that is never closed ends here, not at the end of a large file
LINE_LIMIT = 1_048_576  # characters; a file without line ends does not fill the memory
UNCLOSED = (
    "has a quotation mark that is not closed within the line, so the lines after it were read each for itself: close "
    "the mark, or double it where it is part of the text"
)
BROKEN_OFF = (EOFError, OSError, zlib.error)


class DelimitedTable:
    """A CSV file as a table."""

    def __init__(self, source: Source, rule: FileRule) -> None:
        self.name = str(source.path)
        encoding = encoding_of(source.path, source.sample, rule.encoding)
        self.encoding: str | None = encoding
        try:
            sample = source.sample.decode(encoding, "ignore")
        except LookupError:
            raise FileRefused(f"{encoding} is no encoding: try utf-8, gb18030 or cp1252.") from None
        self.delimiter = rule.delimiter or _delimiter(sample, whole=len(source.sample) == source.size)
        self._size = source.size
        binary, self._raw = source.open()
        csv.field_size_limit(CELL_LIMIT)
        self._text = as_text(binary, encoding)
        self._records = Records(self._text, self.delimiter)
        self._put_back: list[str] | None = None
        self.header = self._header(rule)

    def _header(self, rule: FileRule) -> tuple[str, ...]:
        skipped = 0 if rule.header == "none" else rule.header - 1
        try:
            _, first = next(islice(self._records.read(), skipped, None), (0, None))
        except (UnicodeError, *BROKEN_OFF):
            first = RowRefused("", "", "")
        if isinstance(first, RowRefused):
            raise FileRefused(
                f"{self.name} is not a CSV file that can be read{': ' + first.reason if first.reason else ''}."
            )
        if first is None:
            raise FileRefused(f"{self.name} has no row {rule.header} to take the headings from.")
        if rule.header == "none":
            self._put_back = first
            return tuple(letters(index) for index in range(len(first)))
        return headings(first)

    def rows(self) -> Iterator[Row]:
        width = self._records.width = len(self.header)
        if self._put_back is not None:
            yield 1, self._put_back
        try:
            for line, cells in self._records.read():
                if isinstance(cells, RowRefused) or len(cells) == width:
                    yield line, cells
                elif cells:
                    yield line, RowRefused("", "", f"has {len(cells)} cells where the headings are {width}")
        except (UnicodeError, *BROKEN_OFF):
            raise FileEndsEarly(
                f"{self.name} breaks off after line {self._records.line}: it is damaged or was not copied whole; "
                "get it again and repeat the import, what was imported is known then."
            ) from None

    def done(self) -> float:
        return min(1.0, self._raw.tell() / self._size)

    def close(self) -> None:
        self._text.close()
        self._raw.close()


class Records:
    """The records of a CSV file. A quotation mark that is never closed spoils its own line, not those after it.

    Attributes:
        line: the last line of the record that was read last. width: cells that a record has; None before the headings.
    """

    def __init__(self, text: TextIOBase, delimiter: str) -> None:
        self._text = text
        self._delimiter = delimiter
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self.line = 0
        self.width: int | None = None

    def __iter__(self) -> "Records":
        return self

    def __next__(self) -> str:
        """The next line, for the parser."""
        line = self._again.popleft() if self._again else self._text.readline(LINE_LIMIT)
        if not line:
            raise StopIteration
        self._taken.append(line)
        return line

    def read(self) -> Iterator[tuple[int, list[str] | RowRefused]]:
        """Each record with the line that it begins in."""
        taken = self._taken
        # strict: a closing mark that is not at the end of its cell was another cell's opening one
        parser = csv.reader(self, delimiter=self._delimiter, strict=True)
        while True:
            cells: list[str] | RowRefused | None
            try:
                cells = next(parser, None)
                if cells is None:
                    return
                if len(taken) > 1 and self._swallowed(taken):
                    cells = RowRefused("", "", UNCLOSED)
            except csv.Error:
                cells = self._leniently(taken)
            if isinstance(cells, RowRefused):
                # the lines after the first are read again, each for itself
                self._again.extendleft(reversed(taken[1:]))
                del taken[1:]
            begins = self.line + 1
            self.line += len(taken)
            taken.clear()
            yield begins, cells

    def _leniently(self, taken: list[str]) -> list[str] | RowRefused:
        """A line that bends the rules of quoting, and a refusal where the parser had to read beyond it."""
        if len(taken[0]) >= LINE_LIMIT and not taken[0].endswith(("\n", "\r")):
            self._skip_line()
            return RowRefused("", "", f"is longer than {LINE_LIMIT:,} characters")
        if len(taken) == 1:
            try:
                return next(csv.reader(taken, delimiter=self._delimiter))
            except csv.Error:
                return RowRefused("", "", f"has a cell of more than {CELL_LIMIT:,} characters")
        return RowRefused("", "", UNCLOSED)

    def _skip_line(self) -> None:
        while (rest := self._text.readline(LINE_LIMIT)) and not rest.endswith(("\n", "\r")):
            pass

    def _swallowed(self, taken: list[str]) -> bool:
        """Whether a record over several lines is rather several records, the first with a mark that is not closed.

        A cell may go over lines. But where the first line has all the cells when the mark is taken for text, and most
        lines after it have all of them too, these lines are records.
        """
        first = next(csv.reader(taken[:1], delimiter=self._delimiter))
        found = len(first) + first[-1].count(self._delimiter)
        width, rest = self.width or found, [line for line in taken[1:] if line.strip()]
        if found != width or width < 2 or (width == 2 and len(rest) < 2):
            return False
        whole = sum(self._cells(line) == width for line in rest)
        return whole * 2 > len(rest)

    def _cells(self, line: str) -> int:
        try:
            return len(next(csv.reader([line], delimiter=self._delimiter)))
        except csv.Error:
            return 0


def _delimiter(sample: str, *, whole: bool) -> str:
    """The delimiter under which the first records have the same number of cells, and the most of them."""
    best, most = ",", 1.0
    for delimiter in DELIMITERS:
        try:
            records = [row for row in islice(csv.reader(io.StringIO(sample), delimiter=delimiter), 51) if row]
        except csv.Error:
            continue
        records = records[:-1] if len(records) > 1 and not whole else records
        widths = [len(row) for row in records]
        if widths and widths[0] > 1:
            agreed = widths.count(widths[0]) / len(widths)
            score = widths[0] * agreed**4
            best, most = (delimiter, score) if score > most else (best, most)
    return best
