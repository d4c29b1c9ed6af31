"""An import from beginning to end, without a word to the terminal."""

import collections
import errno
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, aclosing, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from services.chassis.clock import Clock
from services.chassis.eventstore.store import EventStore
from services.chassis.ids import NewId
from services.chassis.postgres import AWAY, Database
from services.chassis.vault import PostgresKeys, Vault
from services.chassis.zones import local_day
from services.runtime.imports.batches import Batch, Work, check_files
from services.runtime.imports.coverage import CameIn, Covered, as_far_as_read, declared
from services.runtime.imports.dry_run import DryRun
from services.runtime.imports.errors_file import ErrorsFile
from services.runtime.imports.into_log import Declaring, IntoLog, Written, declare_coverage
from services.runtime.imports.language import CoverageRule, Mapping
from services.runtime.imports.refusals import FileRefused, ImportRefused, MappingRefused
from services.runtime.imports.worker import batches
from services.runtime.imports.zoned import ClockChange


@dataclass(frozen=True)
class Instance:
    """Where an import writes to.

    Attributes:
        address: of a service's database, as the application role. master_key: wraps the keys of descriptions.
    """

    address: Callable[[str], str]
    master_key: bytes


@dataclass(frozen=True)
class Options:
    """How an import is done.

    Attributes:
        dry_run: writes nothing. errors: the file for rows that fail. coverage: what the files cover, where the
        mapping does not say it or says something else.
    """

    dry_run: bool = False
    errors: Path = Path("import-errors.csv")
    coverage: tuple[CoverageRule, ...] = ()


@dataclass
class Summary:
    """What became of the rows so far.

    Attributes:
        rows: read. imported: new (or would be, in a dry run). known: imported before. failed: in the errors file.
        differing: those of the known rows that tell something else than what was imported first, which stays.
        seconds: since the start. done: how much of the files was read, from 0 to 1.
        changes: how many rows that came in tell a time that the clocks skipped or showed twice, by zone.
        reasons: how often rows failed, by column and reason. covered: what is declared, set when all rows are read.
        news: whether that was new. encodings: of the files of text. came_in: what became of the rows of each file.
    """

    rows: int = 0
    imported: int = 0
    known: int = 0
    failed: int = 0
    differing: int = 0
    seconds: float = 0.0
    done: float = 0.0
    reasons: "collections.Counter[tuple[str, str]]" = field(default_factory=collections.Counter)
    changes: "collections.Counter[ClockChange]" = field(default_factory=collections.Counter)
    covered: Covered = field(default_factory=Covered)
    news: bool = False
    encodings: dict[Path, str] = field(default_factory=dict)
    came_in: "collections.defaultdict[Path, CameIn]" = field(default_factory=lambda: collections.defaultdict(CameIn))

    def add(self, batch: Batch, written: Written, seconds: float) -> None:
        """Counts a batch."""
        self.rows += batch.rows
        self.imported += written.imported
        self.known += written.known
        self.differing += written.differing
        self.failed += len(batch.errors)
        self.changes.update(batch.changes)
        if batch.file is not None:
            self.came_in[batch.file].add(written.imported + written.known, batch.failed_on)
        self.reasons.update((error.column, error.reason) for error in batch.errors)
        self.seconds, self.done = seconds, batch.done

    @property
    def without_rows(self) -> list[Path]:
        """The files that hold headings and nothing below them."""
        return [path for path, came_in in self.came_in.items() if came_in.empty]

    def as_json(self) -> dict[str, Any]:
        """What a program reads."""
        counts = {key: getattr(self, key) for key in ("rows", "imported", "known", "failed", "differing")}
        encodings = {str(path): encoding for path, encoding in self.encodings.items()}
        changes = dict.fromkeys(("skipped", "repeated"), 0)
        for (kind, _), count in self.changes.items():
            changes[kind] += count
        return counts | {"encodings": encodings, "clock_changes": changes, "seconds": round(self.seconds, 3)}


Progress = Callable[[Summary], None]


async def run(
    mapping: Mapping,
    beside: Path,
    files: Sequence[Path],
    instance: Instance | None,
    options: Options,
    *,
    clock: Clock,
    new_id: NewId,
    progress: Progress = lambda _: None,
) -> Summary:
    """Imports files; without an instance nothing is looked up and nothing written (a dry run).

    Raises:
        ImportRefused: in one sentence; what was written before stands whole, and a repeat goes on from there.
    """
    _check_names(files)
    summary, to_cover = Summary(), declared(mapping, files, options.coverage)
    if to_cover and mapping.place.under is None:
        raise MappingRefused("The mapping has no place.under, so nobody knows where this coverage is: add it.")
    work = Work(mapping, beside, tuple(files), clock.now())
    summary.encodings = check_files(work)
    correlation, started = str(new_id()), time.monotonic()
    try:
        async with AsyncExitStack() as stack:
            log = await _open_log(stack, mapping, instance, clock, correlation)
            errors = stack.enter_context(ErrorsFile(options.errors))
            reading = await stack.enter_async_context(aclosing(batches(work)))
            writer = stack.enter_context(closing(DryRun(log))) if options.dry_run or log is None else log
            async for batch in reading:
                errors.add(batch.errors)
                summary.add(batch, await writer.write(batch), time.monotonic() - started)
                progress(summary)
            summary.covered = as_far_as_read(to_cover, summary.came_in, local_day(clock.now(), mapping.zone))
            if instance is not None and isinstance(writer, IntoLog) and summary.covered.declares:
                declare = Declaring(mapping, summary.covered, await writer.head(), correlation)
                summary.news = await _declare(declare, instance, clock, new_id)
    except AWAY as error:
        raise lost(error) from error
    summary.seconds, summary.done = time.monotonic() - started, 1.0
    return summary


def _check_names(files: Sequence[Path]) -> None:
    seen: set[Path] = set()
    for path in files:
        if not path.exists():
            raise FileRefused(f"{path} is not there.")
        if not path.is_file():
            raise FileRefused(f"{path} is not a file.")
        if path.resolve() in seen:
            raise FileRefused(f"{path} is named twice: name each file once.")
        seen.add(path.resolve())


async def _open_log(
    stack: AsyncExitStack, mapping: Mapping, instance: Instance | None, clock: Clock, correlation: str
) -> IntoLog | None:
    if instance is None:
        return None
    database = await Database.open("incidents", instance.address("incidents"), connections=2)
    stack.push_async_callback(database.close)
    vault = Vault(PostgresKeys(database.pool), master_key=instance.master_key, clock=clock)
    return IntoLog(database, vault, clock, mapping.source, correlation)


async def _declare(declaring: Declaring, instance: Instance, clock: Clock, new_id: NewId) -> bool:
    database = await Database.open("analytics", instance.address("analytics"), connections=1)
    store = EventStore("analytics", database.pool)
    try:
        return await declare_coverage(store, declaring, clock.now(), new_id)
    finally:
        await store.close()
        await database.close()


def lost(error: BaseException) -> ImportRefused:
    """The sentence for a database, or a disk, that fails in the middle."""
    if isinstance(error, asyncpg.DiskFullError) or getattr(error, "errno", None) == errno.ENOSPC:
        return ImportRefused("The disk is full: make room and repeat the import; it goes on where it stopped.")
    if isinstance(error, OSError) and error.filename:
        return ImportRefused(f"{error.filename} cannot be used ({error.strerror}); see to it and repeat the import.")
    if isinstance(error, asyncpg.LockNotAvailableError):
        return ImportRefused(
            "Another program holds the log for long: wait until it has ended and repeat the import, it goes on where "
            "it stopped."
        )
    return ImportRefused(
        "The database ended the connection: it stopped, or this import stood still while it held the log. See that it "
        "runs and repeat the import, it goes on where it stopped."
    )
