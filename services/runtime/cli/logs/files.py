"""``maplebridge log export``, ``archive``, ``check`` and ``restore``: parts of a log as files."""

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from services.runtime.cli.common import Data, logs_of, wait_for
from services.runtime.cli.logs.progress import progressing
from services.runtime.cli.logs.which import One, Signer, SigningKey, chosen, signer_of, signing_key

if TYPE_CHECKING:
    from services.chassis.eventstore.archive import Header
    from services.chassis.eventstore.store import EventStore
    from services.chassis.vault import Applied

Target = Annotated[Path, typer.Argument(metavar="FILE", help="Where to; it must not be there yet.")]
Source = Annotated[Path, typer.Argument(metavar="FILE", help="What 'log export' or 'log archive' wrote.")]
After = Annotated[int, typer.Option("--after", min=0, metavar="POSITION", help="Begin after this position.")]


class FileThere(Exception):
    """The file to be written is there."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already: choose another name, or move it away.")


class LiveDiffers(Exception):
    """The log does not hold what a file of it says."""


def export(service: One, file: Target, key: SigningKey = None, data: Data = None) -> None:
    """Writes a whole log to a file: JSON lines under zstd, chained and signed, one line an event.

    The chain is checked on the way; the file is whole or it is not there. Keys of personal data are not in it: what is
    personal stays ciphertext, and what was erased stays erased. Nor are read models and snapshots. Idempotency keys
    are: a command that comes again after a restore gets its first answer.

    Examples:

      maplebridge log export registry registry.jsonl.zst
    """
    header = wait_for(_export(service, file, 0, None, key, data))
    typer.echo(f"{file}: {header.last:,} events of {service}, signed by {_signer(header)}.")


def archive(
    service: One,
    file: Target,
    upto: Annotated[int, typer.Option("--upto", min=1, metavar="POSITION", help="Last position of the segment.")],
    after: After = 0,
    key: SigningKey = None,
    data: Data = None,
) -> None:
    """Seals a segment of a log in a file, and proves that the file and the live log are the same there.

    The live log keeps its events: nothing is ever deleted from it. See docs/retention.md for what may be archived.

    Examples:

      maplebridge log archive incidents incidents-1.jsonl.zst --upto 500000

      maplebridge log archive incidents incidents-2.jsonl.zst --after 500000 --upto 900000
    """
    header = wait_for(_export(service, file, after, upto, key, data))
    wait_for(_compare(_read(file, _signer(header)), data))
    typer.echo(
        f"{file}: {service} {header.first:,} to {header.last:,}, sealed and signed by {_signer(header)}; the live log "
        "holds the same."
    )


def check(
    file: Source,
    signer: Signer = None,
    alone: Annotated[bool, typer.Option("--alone", help="Do not compare it with the live log.")] = False,
    data: Data = None,
) -> None:
    """Checks a file of a log: its chain, its signature, and that the live log holds the same.

    Examples:

      maplebridge log check incidents-1.jsonl.zst

      maplebridge log check incidents-1.jsonl.zst --alone --signer 5PXoEVEBTBjCBLBN8WgVPDQbAkdlTI8qTIkCH1bPeJQ=
    """
    header = _read(file, signer_of(data, signer))
    if not alone:
        wait_for(_compare(header, data))
    held = "" if alone else "; the live log holds the same"
    span = f"{header.service} {header.first:,} to {header.last:,}"
    typer.echo(f"{file}: {span} is whole, signed by {_signer(header)}{held}.")


def restore(file: Source, signer: Signer = None, data: Data = None) -> None:
    """Makes an empty log what a file of a whole log says: all of it or nothing.

    Chain and signature are checked on the way in; the first line that was altered is named. The log then begins a new
    history, so that every reader notices. Keys of personal data are not in the file: bring the vault's tables back from
    a backup of the database; without keys what is personal stays unreadable. What the ledger says was erased is
    destroyed again, now and whenever a service starts: 'maplebridge erasures'.
    A command that was sent before the export gets its first answer when it comes again; a file of version 1 lacks what
    that takes. Keep the master key: under another one such a command is refused, since its key was used before.

    Examples:

      maplebridge log restore registry.jsonl.zst

      maplebridge log restore registry.jsonl.zst --data fresh --signer 5PXoEVEBTBjCBLBN8WgVPDQbAkdlTI8qTIkCH1bPeJQ=
    """
    header, applied = wait_for(_restore(file, signer, data))
    typer.echo(f"{header.service}: {header.last:,} events restored; the log begins a new history after them.")
    typer.echo(f"{header.service}: {applied.erasures:,} erasures, {applied.destroyed:,} keys destroyed again.")


def _signer(header: "Header") -> str:
    return header.signed.public_key if header.signed else "nobody"


async def _export(service: str, file: Path, after: int, upto: int | None, key: Path | None, data: Any) -> "Header":
    from services.chassis.eventstore.commands import stored_commands
    from services.chassis.eventstore.export import export, header_of, signed

    async with logs_of(data) as logs:
        (name,) = chosen(service, logs)
        store = logs[name].store
        async with stored_commands(store) as commands:
            unsigned = await header_of(store, commands, datetime.now(UTC), after, upto)
            header = signed(unsigned, signing_key(data, key))
            with _writing(file) as target, _progress(name, header) as step:
                async for position in export(store, commands, header, target):
                    step(position)
    return header


def _read(file: Path, signer: str) -> "Header":
    from services.chassis.eventstore.archive import ArchiveReader
    from services.chassis.eventstore.export import must_be_signed

    with ArchiveReader.open(file) as reader:
        header = reader.header
        must_be_signed(header, signer)
        with _progress(header.service, header) as step:
            for batch in reader.batches():
                step(batch[-1].position)
        for _ in reader.commands():
            pass  # each is checked as it is read
    return header


async def _compare(header: "Header", data: Any) -> None:
    async with logs_of(data) as logs:
        (name,) = chosen(header.service, logs)
        await _same(logs[name].store, header)


async def _same(store: "EventStore", header: "Header") -> None:
    from services.chassis.eventstore.export import hash_at
    from services.chassis.eventstore.signed import must_hold

    await must_hold(store, header.log_head)
    if await hash_at(store, header.first - 1) != header.before:
        raise LiveDiffers(f"The log of {header.service} has another past before position {header.first} than the file.")


async def _restore(file: Path, signer: str | None, data: Any) -> "tuple[Header, Applied]":
    from services.chassis.eventstore.archive import ArchiveReader
    from services.chassis.eventstore.export import must_be_signed, restore

    with ArchiveReader.open(file) as reader:
        header = reader.header
        must_be_signed(header, signer_of(data, signer))
        async with logs_of(data) as logs:
            (name,) = chosen(header.service, logs)
            # first: with a ledger that is not to be relied on nothing is restored
            applied = await logs[name].vault.apply_ledger()
            with _progress(name, header) as step:
                async for position in restore(logs[name].database.pool, reader):
                    step(position)
    return header, applied


@contextlib.contextmanager
def _progress(name: str, header: "Header") -> "Iterator[Any]":
    with progressing() as progress:
        task = progress.add_task(name, total=header.last - header.first + 1)
        yield lambda position: progress.update(task, completed=position - header.first + 1)


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[BinaryIO]:
    """A file that is there once it is whole, on the disk, for its owner alone."""
    if path.exists():
        raise FileThere(path)
    growing = path.with_name(f".{path.name}.part")
    descriptor = os.open(growing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        growing.rename(path)
    finally:
        growing.unlink(missing_ok=True)
