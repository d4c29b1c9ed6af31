"""CSV in its many dialects, plain or packed with gzip."""

import csv
import io
import zlib
from collections.abc import Iterator
from itertools import islice

from services.runtime.imports.language import FileRule
from services.runtime.imports.readers.source import Source, as_text, encoding_of
from services.runtime.imports.readers.table import Row, headings, letters
from services.runtime.imports.refusals import FileEndsEarly, FileRefused, RowRefused

DELIMITERS = ",;\t|"
CELL_LIMIT = 131_072  # characters; a quote that is never closed ends here, not at the end of a large file


class DelimitedTable:
    """A CSV file as a table."""

    def __init__(self, source: Source, rule: FileRule) -> None:
        self.name = str(source.path)
        self.encoding = rule.encoding or encoding_of(source.sample)
        try:
            sample = source.sample.decode(self.encoding, "ignore")
        except LookupError:
            raise FileRefused(f"{self.encoding} is no encoding: try utf-8, gb18030 or cp1252.") from None
        self.delimiter = rule.delimiter or _delimiter(sample, whole=len(source.sample) == source.size)
        self._size = source.size
        binary, self._raw = source.open()
        csv.field_size_limit(CELL_LIMIT)
        self._text = as_text(binary, self.encoding)
        self._records = csv.reader(self._text, delimiter=self.delimiter)
        self._line = 0
        self._put_back: list[str] | None = None
        self.header = self._header(rule)

    def _header(self, rule: FileRule) -> tuple[str, ...]:
        try:
            skipped = 0 if rule.header == "none" else rule.header - 1
            first = next(islice(self._records, skipped, None), None)
        except (csv.Error, UnicodeError, EOFError, OSError, zlib.error):
            raise FileRefused(f"{self.name} is not a CSV file that can be read.") from None
        if first is None:
            raise FileRefused(f"{self.name} has no row {rule.header} to take the headings from.")
        if rule.header == "none":
            self._put_back = first
            return tuple(letters(index) for index in range(len(first)))
        self._line = self._records.line_num
        return headings(first)

    def rows(self) -> Iterator[Row]:
        width, records = len(self.header), self._records
        if self._put_back is not None:
            yield 1, self._put_back
            self._line = records.line_num
        while True:
            line = self._line + 1
            try:
                cells = next(records)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, RowRefused("", "", _reason(error))
                self._line = records.line_num
                continue
            except (EOFError, OSError, zlib.error, UnicodeError):
                raise FileEndsEarly(
                    f"{self.name} breaks off after line {self._line}: it is damaged or was not copied whole; "
                    "get it again and repeat the import, what was imported is known then."
                ) from None
            self._line = records.line_num
            if len(cells) == width:
                yield line, cells
            elif cells:
                yield line, RowRefused("", "", f"has {len(cells)} cells where the headings are {width}")

    def done(self) -> float:
        return min(1.0, self._raw.tell() / self._size)

    def close(self) -> None:
        self._text.close()
        self._raw.close()


def _reason(error: csv.Error) -> str:
    if "field larger" in str(error):
        return f"has a cell of more than {CELL_LIMIT:,} characters; a quotation mark may never be closed"
    return f"cannot be read as CSV ({error})"


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
