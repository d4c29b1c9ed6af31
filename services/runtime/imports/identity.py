"""What makes an incident the same one when it comes again."""

import sqlite3
from collections.abc import Callable
from hashlib import blake2b
from operator import add, itemgetter
from uuid import UUID

from asyncpg.pgproto import pgproto

from services.runtime.imports.language import Identity, Value
from services.runtime.imports.readers import Cells, text_of
from services.runtime.imports.refusals import RowRefused
from services.runtime.imports.values import Columns, take_raw

MOST_IN_MEMORY = 600_000
"""Contents counted in memory, about 60 MiB; beyond them the counts go to a file."""


def event_id(digest: bytes) -> UUID:
    """The id of the event that reports an incident (UUID version 8: made of the digest)."""
    marked = bytes((digest[6] & 0x0F | 0x80, digest[7], digest[8] & 0x3F | 0x80))
    return pgproto.UUID(digest[:6] + marked + digest[9:])


def digest_of_row(content: bytes, occurrence: int) -> bytes:
    """The 16 bytes that stand for the n-th incident with this content."""
    return content if occurrence == 1 else blake2b(b"%b%d" % (content, occurrence), digest_size=16).digest()


def digest_beside(digest: bytes) -> bytes:
    """The 16 bytes that stand for an incident whose id was taken by one that is not of this import."""
    return blake2b(b"beside\x1e" + digest, digest_size=16).digest()


def content_of(rule: Identity, source: str, columns: Columns) -> Callable[[Cells], bytes]:
    """The content of a source's row as 16 bytes, the same however the columns are ordered; blank cells do not
    count."""
    if isinstance(rule.row, tuple):
        names = list(rule.row)
    else:
        for name in rule.without:
            columns.index(name, "identity.except")
        names = [name for name in columns.header if name not in rule.without]
    names.sort()
    marks = [f"{name}\x1f" for name in names]
    every = not isinstance(rule.row, tuple)
    places = [columns.index(name, "identity.row", every=every) for name in names]
    start = f"{source}\x1erow\x1e"
    pick = itemgetter(*places) if len(places) > 1 else (lambda cells: (cells[places[0]],))

    def content(cells: Cells) -> bytes:
        picked = pick(cells)
        try:
            words = _words(marks, picked) if "" in picked else "\x1e".join(map(add, marks, picked))
        except TypeError:  # a cell that is not text
            words = _words(marks, picked)
        try:
            return blake2b((start + words).encode(), digest_size=16).digest()
        except UnicodeEncodeError:
            raise _undecodable(cells, columns) from None

    return content


def _words(marks: list[str], cells: Cells) -> str:
    pairs = zip(marks, cells, strict=True)
    return "\x1e".join(
        [mark + text for mark, cell in pairs if (text := cell if isinstance(cell, str) else text_of(cell))]
    )


def _undecodable(cells: Cells, columns: Columns) -> RowRefused:
    for name, cell in zip(columns.header, cells, strict=False):
        if isinstance(cell, str) and not cell.isascii() and any("\ud800" <= letter <= "\udfff" for letter in cell):
            return RowRefused(name, cell, "has bytes that are not of the file's encoding: set file.encoding")
    return RowRefused("", "", "has bytes that are not of the file's encoding: set file.encoding")


def take_id(rule: Identity, columns: Columns) -> Callable[[Cells], str] | None:
    """The source's own id of a row, where the mapping names one."""
    if rule.row is not None:
        return None
    return take_raw(Value(column=rule.column, template=rule.template), columns, "identity")


class Occurrences:
    """Counts how often a content came: the first is 1. Memory stays bounded however many there are."""

    def __init__(self, most: int = MOST_IN_MEMORY) -> None:
        self._most = most
        self._counts: dict[int, int] = {}
        self._file: sqlite3.Connection | None = None

    def next(self, content: bytes) -> int:
        """The number of this occurrence of the content."""
        key = int.from_bytes(content[:8], signed=True)
        count = self._counts.get(key)
        if count is not None or self._file is None:
            self._counts[key] = number = (count or 0) + 1
        else:
            self._counts[key] = number = self._filed(key) + 1
        if len(self._counts) > self._most:
            self._spill()
        return number

    def has(self, content: bytes) -> bool:
        """Whether the content came, without counting it."""
        key = int.from_bytes(content[:8], signed=True)
        return key in self._counts or (self._file is not None and self._filed(key) > 0)

    def _filed(self, key: int) -> int:
        assert self._file is not None  # noqa: S101 - asked by the caller
        row = self._file.execute("select count from seen where content = ?", (key,)).fetchone()
        return row[0] if row else 0

    def _spill(self) -> None:
        if self._file is None:
            # without a name: a file that is gone when the process is, also after a kill -9
            self._file = sqlite3.connect("", isolation_level=None)
            self._file.execute("pragma journal_mode = off")
            self._file.execute("pragma synchronous = off")
            self._file.execute("pragma cache_size = -32768")
            self._file.execute("create table seen (content integer primary key, count integer) without rowid")
        self._file.execute("begin")
        self._file.executemany("insert or replace into seen values (?, ?)", sorted(self._counts.items()))
        self._file.execute("commit")
        self._counts.clear()

    def close(self) -> None:
        """Removes the file, where there is one."""
        if self._file is not None:
            self._file.close()
