"""Files read and converted, a bounded batch at a time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from services.runtime.imports.convert import Converted, Converter, shown_value
from services.runtime.imports.identity import Occurrences
from services.runtime.imports.language import Mapping
from services.runtime.imports.readers import Table, open_table
from services.runtime.imports.refusals import ImportRefused, RowRefused
from services.runtime.imports.values import Columns, columns_of
from services.runtime.imports.zoned import ClockChange

ROWS_A_BATCH = 3000
MASK = "•••"
LONGEST_VALUE = 500  # characters of a failed row's value that are shown


@dataclass(frozen=True)
class RowError:
    """A row that did not become an incident; its value is masked where the mapping calls it personal."""

    file: str
    line: int
    column: str
    value: str
    reason: str


@dataclass
class Batch:
    """Rows of one file, converted; lists go from process to process faster than objects.

    Attributes:
        file: which one; None where there is none yet. rows: how many were read.
        done: how much of all files was read, from 0 to 1.
        digests, data, effective: of each incident: its 16 bytes, the payload of its report, its time.
        descriptions: texts still to be sealed, by index. errors: the rows that failed.
        changes: how many of these incidents tell a time that the clocks skipped or showed twice, by zone.
        failed_on: for each row that failed its first and last local day, None where it does not say its day.
    """

    file: Path | None = None
    rows: int = 0
    done: float = 0.0
    digests: list[bytes] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)
    effective: list[datetime] = field(default_factory=list)
    descriptions: dict[int, str] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)
    changes: "Counter[ClockChange]" = field(default_factory=Counter)
    failed_on: list[tuple[date, date] | None] = field(default_factory=list)

    def add(self, converted: Converted) -> None:
        """Adds an incident."""
        if converted.description:
            self.descriptions[len(self.digests)] = converted.description
        self.digests.append(converted.digest)
        self.data.append(converted.data)
        self.effective.append(converted.effective_at)
        if converted.change is not None:
            self.changes[converted.change] += 1


@dataclass(frozen=True)
class Work:
    """What is to be read.

    Attributes:
        mapping: how. beside: the mapping's folder. files: in order, read as if they were one.
        now: when the import began. rows_a_batch: the most that a batch holds.
    """

    mapping: Mapping
    beside: Path
    files: tuple[Path, ...]
    now: datetime
    rows_a_batch: int = ROWS_A_BATCH


def read_batches(work: Work) -> Iterator[Batch]:
    """Reads and converts all files. Raises ImportRefused; what came before stands."""
    occurrences = Occurrences()
    sizes = [path.stat().st_size for path in work.files]
    total, before = max(1, sum(sizes)), 0
    try:
        for path, size in zip(work.files, sizes, strict=True):
            table = open_table(path, work.mapping.file)
            try:
                for batch in _batches_of(path, table, work, occurrences):
                    batch.done = (before + size * batch.done) / total
                    yield batch
            finally:
                table.close()
            before += size
    finally:
        occurrences.close()


def check_files(work: Work) -> dict[Path, str]:
    """Looks at what each file is and at its headings, before anything is written. Raises ImportRefused.

    Returns:
        The encoding of each file of text.
    """
    encodings: dict[Path, str] = {}
    for path in work.files:
        table = open_table(path, work.mapping.file)
        try:
            _converter(table, work, Occurrences())
            if table.encoding is not None:
                encodings[path] = table.encoding
        finally:
            table.close()
    return encodings


def _converter(table: Table, work: Work, occurrences: Occurrences) -> tuple[Converter, Columns]:
    columns = Columns(table.header, table.name)
    for name in work.mapping.personal:
        columns.index(name, "personal")
    converter = Converter(work.mapping, columns, beside=work.beside, now=work.now, occurrences=occurrences)
    return converter, columns


def _batches_of(path: Path, table: Table, work: Work, occurrences: Occurrences) -> Iterator[Batch]:
    converter, columns = _converter(table, work, occurrences)
    personal = {*work.mapping.personal, *columns_of(work.mapping.description)}
    batch = Batch(path)
    try:
        for line, cells in table.rows():
            batch.rows += 1
            try:
                if isinstance(cells, RowRefused):
                    raise cells
                converted = converter.convert(cells)
            except RowRefused as refused:
                value = shown_value(refused, cells, columns)
                if value and any(name in refused.column for name in personal):
                    value = MASK
                value = value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…"
                batch.errors.append(RowError(table.name, line, refused.column, value, refused.reason))
                batch.failed_on.append(None if isinstance(cells, RowRefused) else converter.days(cells))
            else:
                batch.add(converted)
            if batch.rows == work.rows_a_batch:
                batch.done = table.done()
                yield batch
                batch = Batch(path)
    except ImportRefused:
        if batch.rows:
            yield batch  # what was read before the file broke off
        raise
    batch.done = 1.0
    yield batch
