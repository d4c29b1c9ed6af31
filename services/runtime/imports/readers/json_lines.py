"""JSON lines, plain or packed with gzip: one object a line; an inner key is called ``outer.inner``."""

import zlib
from collections.abc import Iterator
from typing import Any

import orjson

from services.runtime.imports.readers.source import Source
from services.runtime.imports.readers.table import Cell, Row
from services.runtime.imports.refusals import FileEndsEarly, FileRefused, RowRefused

LOOKED_AT = 1000  # lines whose keys are the headings
LOOKED_AT_BYTES = 8_388_608  # fewer lines, where they are long: they are held in memory
WIDEST = 16_384  # headings, as many as a spreadsheet may have
LINE_LIMIT = 1_048_576  # bytes


class JsonLinesTable:
    """A file of JSON lines as a table; a row without a key has a blank there."""

    encoding: str | None = None

    def __init__(self, source: Source) -> None:
        self.name = str(source.path)
        self._size = source.size
        self._binary, self._raw = source.open()
        self._bytes = 0
        self._waiting: list[tuple[int, dict[str, Cell] | RowRefused]] = []
        self._lines = self._read()
        names: dict[str, None] = {}
        for line, row in self._lines:
            self._waiting.append((line, row))
            if isinstance(row, dict):
                names.update(dict.fromkeys(row))
            if len(names) > WIDEST:
                raise FileRefused(f"{self.name} has more than {WIDEST:,} different keys: leave out those of no use.")
            if len(self._waiting) == LOOKED_AT or self._bytes > LOOKED_AT_BYTES:
                break
        self.header = tuple(names)

    def _read(self) -> Iterator[tuple[int, dict[str, Cell] | RowRefused]]:
        line = 0
        while True:
            try:
                text = self._binary.readline(LINE_LIMIT)
            except (EOFError, OSError, zlib.error):
                raise FileEndsEarly(
                    f"{self.name} breaks off after line {line}: it is damaged or was not copied whole; "
                    "get it again and repeat the import, what was imported is known then."
                ) from None
            if not text:
                return
            line += 1
            self._bytes += len(text)
            if len(text) == LINE_LIMIT and not text.endswith(b"\n"):
                self._skip_line()
                yield line, RowRefused("", "", f"is longer than {LINE_LIMIT:,} bytes")
            elif text.strip(b"\xef\xbb\xbf \t\r\n"):
                yield line, _object(text)

    def _skip_line(self) -> None:
        while (rest := self._binary.readline(LINE_LIMIT)) and not rest.endswith(b"\n"):
            pass

    def rows(self) -> Iterator[Row]:
        waiting, self._waiting = self._waiting, []
        for line, row in waiting:
            yield line, self._cells(row)
        for line, row in self._lines:
            yield line, self._cells(row)

    def _cells(self, row: dict[str, Cell] | RowRefused) -> list[Cell] | RowRefused:
        return row if isinstance(row, RowRefused) else [row.get(name) for name in self.header]

    def done(self) -> float:
        return min(1.0, self._raw.tell() / self._size)

    def close(self) -> None:
        self._binary.close()
        self._raw.close()


def _object(text: bytes) -> dict[str, Cell] | RowRefused:
    try:
        value = orjson.loads(text.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return RowRefused("", "", "is not JSON")
    if not isinstance(value, dict):
        return RowRefused("", "", "is JSON, but not an object")
    try:
        return dict(_flat("", value))
    except RecursionError:
        return RowRefused("", "", "is nested too deep")


def _flat(prefix: str, value: dict[str, Any]) -> Iterator[tuple[str, Cell]]:
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from _flat(f"{prefix}{key}.", inner)
        elif isinstance(inner, list):
            yield prefix + key, orjson.dumps(inner).decode()
        else:
            yield prefix + key, inner
