"""The `maplebridge import` command: where the data folder is, what the terminal shows, what a program reads."""

import gc
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import uvloop
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from services.chassis.clock import Clock, FixedClock, SystemClock
from services.chassis.ids import uuid7
from services.chassis.migrations.migrate import DatabaseNewer
from services.chassis.postgres import APPLICATION_ROLE, AWAY
from services.chassis.vault import VaultRefused
from services.runtime.databases import make_databases
from services.runtime.folder import DataFolder, FolderRefused, default_folder
from services.runtime.imports.language import CoverageRule, Days, Mapping
from services.runtime.imports.mapping_file import find, load
from services.runtime.imports.refusals import ImportRefused, MappingRefused
from services.runtime.imports.run import Instance, Options, Summary, lost, run
from services.runtime.imports.suggest import suggest
from services.runtime.postgres import PostgresUnavailable
from services.runtime.postgres.cluster import SUPERUSER
from services.runtime.reach import reach_postgres

REASONS_SHOWN = 5
CLOCK_CHANGES = {
    ("skipped", "later"): ("the clocks skipped", "and were read later by as much (gap: later)"),
    ("repeated", "interval"): ("came twice", "and were kept as the interval between the two (fold: interval)"),
    ("repeated", "earlier"): ("came twice", "and were taken for the earlier (fold: earlier)"),
    ("repeated", "later"): ("came twice", "and were taken for the later (fold: later)"),
}
UTF8 = {"utf-8", "utf-8-sig"}
NO_COVERAGE = (
    "Nothing says which days these files cover, so there will be no year-on-year figures: add coverage to the mapping, "
    "or --covers FIRST..LAST."
)


def import_files(
    mapping: str,
    files: Sequence[Path],
    *,
    data: Path | None = None,
    dry_run: bool = False,
    as_json: bool = False,
    errors: Path | None = None,
    coverage: Sequence[str] = (),
    gaps: Sequence[str] = (),
    encoding: str | None = None,
    clock: Clock | None = None,
) -> int:
    """Imports files into the instance of a data folder, running or not; the exit code of the command.

    Args:
        mapping: a path, or the name of a mapping that ships. files: read as if they were one, in this order.
        data: the data folder, the default one when None. dry_run: writes nothing. as_json: ends with one object.
        errors: the file for rows that fail, else ``<source>-errors.csv`` here.
        coverage, gaps: days as ``2003-01-01..2003-12-31``, instead of what the mapping says.
        encoding: of files of text, instead of what the mapping says.
        clock: of the instance; where none is given, the one that the data folder says it lives by.
    """
    console = Console(stderr=True)
    # a database that goes away is said once, in a sentence of ours
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
    try:
        path = find(mapping)
        rules = load(path)
        if encoding is not None:
            rules = rules.model_copy(update={"file": rules.file.model_copy(update={"encoding": encoding})})
        options = Options(
            dry_run=dry_run,
            errors=errors or Path(f"{rules.source}-errors.csv"),
            coverage=_coverage(coverage, gaps),
        )
        with _few_collections(), _bar(console, quiet=as_json) as progress:
            summary = uvloop.run(
                _import(rules, path, files, data, options, clock or clock_of(data or default_folder()), progress)
            )
    except (ImportRefused, FolderRefused, PostgresUnavailable, DatabaseNewer, VaultRefused) as refused:
        return _refuse(console, refused)
    except AWAY as error:
        return _refuse(console, lost(error))
    except KeyboardInterrupt:
        console.print("Stopped; repeat the import and it goes on where it stopped.", highlight=False)
        return 130
    _show(console, rules, options, summary)
    if as_json:
        sys.stdout.write(json.dumps(summary.as_json()) + "\n")
    return 1 if summary.failed == summary.rows else 0


def clock_of(folder: Path) -> Clock:
    """The clock of the instance in a folder: a demonstration lives in a year of its own, and what is imported into it
    is recorded at its moment."""
    try:
        told = json.loads((folder.expanduser() / "clock.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return SystemClock()
    return FixedClock(datetime.fromisoformat(told["not_before"]))


def suggest_mapping(file: Path, encoding: str | None = None) -> int:
    """Prints a draft of a mapping for a file; the exit code of the command."""
    try:
        sys.stdout.write(suggest(file, encoding))
    except ImportRefused as refused:
        return _refuse(Console(stderr=True), refused)
    return 0


def _refuse(console: Console, refused: Exception) -> int:
    console.print(escape(str(refused)), style="red", highlight=False, soft_wrap=True)
    return 1


async def _import(
    mapping: Mapping,
    path: Path,
    files: Sequence[Path],
    data: Path | None,
    options: Options,
    clock: Clock,
    progress: "Bar",
) -> Summary:
    given = [file.expanduser() for file in files]

    async def into(instance: Instance | None) -> Summary:
        return await run(
            mapping, path.parent, given, instance, options, clock=clock, new_id=uuid7, progress=progress.show
        )

    if options.dry_run and not ((data or default_folder()).expanduser() / "postgres").exists():
        return await into(None)  # nothing was ever imported there, and a dry run makes no folder
    folder = DataFolder.open(data)
    progress.say("Opening the database")
    key = folder.master_key()
    async with reach_postgres(folder) as reached:
        if reached.running is None:
            await make_databases(reached.dsn, SUPERUSER)
        return await into(Instance(lambda service: reached.dsn(service, APPLICATION_ROLE), key))


class Bar:
    """What the terminal shows while rows are read."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("Looking at the files", total=1.0, rate="")

    def say(self, what: str) -> None:
        """Shows what is done before the first row."""
        self._progress.update(self._task, description=what)

    def show(self, summary: Summary) -> None:
        """Shows how far it has come."""
        rate = summary.rows / summary.seconds if summary.seconds else 0.0
        self._progress.update(
            self._task, completed=summary.done, description=f"{summary.rows:,} rows", rate=f"{rate:,.0f} rows/s"
        )


@contextmanager
def _few_collections() -> Iterator[None]:
    """Rows make no cycles; looking for some among all that is loaded takes a tenth of the time."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextmanager
def _bar(console: Console, *, quiet: bool) -> Iterator[Bar]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        yield Bar(progress)


def _show(console: Console, mapping: Mapping, options: Options, summary: Summary) -> None:
    table = Table(title="Dry run: nothing was written" if options.dry_run else None, show_header=False, box=None)
    table.add_column(style="dim")
    table.add_column(justify="right")
    rate = f"{summary.rows / summary.seconds:,.0f} rows/s" if summary.seconds else ""
    counts = {
        "rows": summary.rows,
        "would be imported" if options.dry_run else "imported": summary.imported,
        "known": summary.known,
        "of these, different": summary.differing,
        "failed": summary.failed,
    }
    for name, count in counts.items():
        table.add_row(name, f"{count:,}")
    table.add_row("seconds", f"{summary.seconds:,.1f}", rate)
    console.print(table)
    for path, encoding in summary.encodings.items():
        if encoding not in UTF8:
            console.print(escape(f"{path} was read as {encoding}."), style="yellow", highlight=False, soft_wrap=True)
    for path in summary.without_rows:
        console.print(
            escape(f"{path} has headings and no row below them, so nothing came in from it."),
            style="yellow",
            highlight=False,
            soft_wrap=True,
        )
    _show_failures(console, options, summary)
    _show_clock_changes(console, mapping, summary)
    _show_differing(console, summary)
    _show_coverage(console, mapping, summary)


def _show_failures(console: Console, options: Options, summary: Summary) -> None:
    if not summary.failed:
        return
    for (column, reason), count in summary.reasons.most_common(REASONS_SHOWN):
        console.print(
            escape(f"{count:,} x {column} {reason}".replace("  ", " ")), style="yellow", highlight=False, soft_wrap=True
        )
    console.print(escape(f"The rows that failed are in {options.errors}."), highlight=False, soft_wrap=True)


def _show_differing(console: Console, summary: Summary) -> None:
    if summary.differing:
        console.print(
            f"{summary.differing:,} rows have the id of a known incident and say something else about it. What was "
            "imported first stays. If they are other incidents, give the mapping an identity that tells them apart.",
            style="yellow",
            highlight=False,
            soft_wrap=True,
        )


def _show_clock_changes(console: Console, mapping: Mapping, summary: Summary) -> None:
    for (kind, zone), count in summary.changes.items():
        told, read = CLOCK_CHANGES[kind, mapping.time.gap if kind == "skipped" else mapping.time.fold]
        console.print(
            f"{count:,} rows tell a time that {told} in {zone}, {read}.",
            style="yellow",
            highlight=False,
            soft_wrap=True,
        )


def _show_coverage(console: Console, mapping: Mapping, summary: Summary) -> None:
    reasons = summary.covered.reasons
    if not reasons and not summary.covered.rules and summary.rows:
        reasons = (NO_COVERAGE,)
    for rule in summary.covered.rules:
        gaps = ", ".join(f"{gap.first} to {gap.last}" for gap in rule.gaps)
        without = f", without {gaps}" if gaps else ""
        console.print(
            f"Covered: {mapping.source}, {rule.first} to {rule.last}{without}.", highlight=False, soft_wrap=True
        )
    for reason in reasons:
        console.print(reason, style="yellow", highlight=False, soft_wrap=True)
    if mapping.attribution:
        console.print(escape(mapping.attribution.strip()), style="dim", highlight=False, soft_wrap=True)


def _coverage(spans: Sequence[str], gaps: Sequence[str]) -> tuple[CoverageRule, ...]:
    if gaps and not spans:
        raise MappingRefused("--gap says what is missing of a span: give --covers FIRST..LAST too.")
    missing = tuple(Days(first=first, last=last) for first, last in map(_days, gaps))
    return tuple(CoverageRule(first=first, last=last, gaps=missing) for first, last in map(_days, spans))


def _days(given: str) -> tuple[date, date]:
    first, _, last = given.partition("..")
    try:
        days = Days(first=date.fromisoformat(first), last=date.fromisoformat(last))
    except (ValueError, ValidationError):
        raise MappingRefused(
            f"{given} is no span of days: write FIRST..LAST, such as 2003-01-01..2003-12-31."
        ) from None
    return days.first, days.last
