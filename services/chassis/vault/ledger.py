"""The ledger of erasures: lines in a file apart from the database, so that no backup of the database undoes one.

A line is the service, the name of a key, when it was erased, and a hash under the master key of that and of the line
before. So a line that was altered, left out or put in is noticed, by whoever has the master key and nobody else. Lines
missing at the end are noticed where the database knows of the erasures.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import hmac
import os
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

import orjson
import structlog

from services.chassis.vault.refusals import LedgerAltered, LedgerUnset, LedgerUnusable

logger = structlog.get_logger(__name__)
Erasures = Mapping[str, datetime]
"""When each key was erased, by name."""


class Ledger(Protocol):
    """Keeps which keys were erased, where a backup of the database does not reach."""

    @property
    def path(self) -> Path:
        """Where it is, for people. Raises LedgerUnset."""
        ...

    async def record(self, erasures: Erasures) -> Erasures:
        """Puts down those that it lacks, durably; says all that are on it, oldest first.

        Raises:
            LedgerRefused: it could not; none of them counts as put down.
        """
        ...

    async def read(self) -> Erasures:
        """All that are on it, oldest first; it is not written to.

        Raises:
            LedgerRefused: it is not there, cannot be read, or was altered.
        """
        ...


class NoLedger:
    """Where none was named: nothing can be erased."""

    @property
    def path(self) -> Path:
        """There is none."""
        raise LedgerUnset

    async def record(self, erasures: Erasures) -> Erasures:  # noqa: ARG002 - it takes none
        """Refuses."""
        raise LedgerUnset

    async def read(self) -> Erasures:
        """Refuses."""
        raise LedgerUnset


class MemoryLedger:
    """A ledger in memory; the test double, held to the same contract as the real one."""

    def __init__(self) -> None:
        self.kept: dict[str, datetime] = {}

    @property
    def path(self) -> Path:
        """Nowhere."""
        return Path("memory")

    async def record(self, erasures: Erasures) -> Erasures:
        """Keeps the first moment of each."""
        self.kept |= {name: at for name, at in erasures.items() if name not in self.kept}
        return dict(self.kept)

    async def read(self) -> Erasures:
        """All of them."""
        return dict(self.kept)


class FileLedger:
    """A ledger as a file, shared by the processes of a service.

    Args:
        path: of the file; its folder has to be there. service: whose. master_key: 32 bytes, for the hashes.
    """

    def __init__(self, path: Path, service: str, master_key: bytes) -> None:
        self._path = path
        self._service = service
        self._secret = hmac.digest(master_key, b"maplebridge erasures", "sha256")
        self._turn = threading.Lock()
        self._known: dict[str, datetime] = {}
        self._tip = bytes(32)
        self._end = self._lines = 0

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    async def record(self, erasures: Erasures) -> Erasures:
        """Appends those that it lacks; what is said to be put down is on the disk. The file is made at first use."""
        return await asyncio.to_thread(self._record, dict(erasures))

    async def read(self) -> Erasures:
        """What stands in the file, each line checked against the one before."""
        return await asyncio.to_thread(self._read)

    def _record(self, erasures: dict[str, datetime]) -> Erasures:
        with self._turn, self._locked(os.O_RDWR | os.O_CREAT | os.O_APPEND, fcntl.LOCK_EX) as file:
            rest = self._catch_up(file)
            lacking = {name: at for name, at in erasures.items() if name not in self._known}
            if rest:
                lacking = self._last(rest) | lacking
                os.ftruncate(file, self._end)
            tip, lines = self._tip, []
            for name, at in lacking.items():
                tip, line = self._line(tip, name, at)
                lines.append(line + b"\n")
            content = b"".join(lines)
            try:
                _write(file, content)
                # also where nothing was lacking: who wrote the last line may have died before it was on the disk
                os.fsync(file)
                if not self._lines:
                    _keep_name(self._path.parent)
            except OSError:
                # after a sync that failed, the next one says that all is well: the lines have to be written anew
                os.ftruncate(file, self._end)
                raise
            self._took(lacking, tip, len(content), len(lines))
            return dict(self._known)

    def _read(self) -> Erasures:
        with self._turn, self._locked(os.O_RDONLY, fcntl.LOCK_SH) as file:
            rest = self._catch_up(file)
            return self._known | (self._last(rest) if rest else {})

    @contextlib.contextmanager
    def _locked(self, how: int, lock: int) -> Iterator[int]:
        try:
            file = os.open(self._path, how | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, lock)
                yield file
            finally:
                os.close(file)
        except OSError as error:
            raise LedgerUnusable(self._path, error) from error

    def _catch_up(self, file: int) -> bytes:
        """Takes in the lines that others wrote since; gives back what stands after the last whole line.

        Raises:
            LedgerAltered: a line does not follow from the one before, or lines are gone that were there.
        """
        if os.fstat(file).st_size < self._end:
            raise LedgerAltered(self._path, self._lines, "the lines up to there were there before, and are gone")
        *lines, rest = _rest_of(file, self._end).split(b"\n")
        known, tip = dict[str, datetime](), self._tip
        for number, line in enumerate(lines, self._lines + 1):
            found = self._parsed(tip, line)
            if found is None:
                another = " or the ledger was written under another master key" if number == 1 else ""
                raise LedgerAltered(self._path, number, f"it does not follow from what stands before it{another}")
            name, at, tip = found
            known[name] = at
        self._took(known, tip, sum(len(line) + 1 for line in lines), len(lines))
        return rest

    def _last(self, rest: bytes) -> dict[str, datetime]:
        """The erasure in a line that lacks its end of line; none where it lacks more: it was never said to be done."""
        found = self._parsed(self._tip, rest)
        if found is not None:
            return {found[0]: found[1]}
        logger.warning(
            "erasure_ledger_line_unfinished",
            ledger=str(self._path),
            line=self._lines + 1,
        )
        return {}

    def _took(self, erasures: Erasures, tip: bytes, size: int, lines: int) -> None:
        self._known |= erasures
        self._tip, self._end, self._lines = tip, self._end + size, self._lines + lines

    def _parsed(self, tip: bytes, line: bytes) -> tuple[str, datetime, bytes] | None:
        """Name, moment and hash of a line; None where it is not, byte by byte, what we write after such a hash."""
        try:
            said = orjson.loads(line)
            name, at = said["key"], datetime.fromisoformat(said["erased_at"])
            after, wanted = self._line(tip, name, at)
        except (ValueError, KeyError, TypeError):
            return None
        return (name, at, after) if hmac.compare_digest(wanted, line) else None

    def _line(self, tip: bytes, name: str, at: datetime) -> tuple[bytes, bytes]:
        """The hash of a line that follows a hash, and the line."""
        said = orjson.dumps({"service": self._service, "key": name, "erased_at": at})
        after = hashlib.blake2b(tip + said, digest_size=32, key=self._secret).digest()
        return after, said[:-1] + b',"hash":"' + after.hex().encode() + b'"}'


def _rest_of(file: int, start: int) -> bytes:
    parts = []
    while part := os.pread(file, 1 << 20, start):
        parts.append(part)
        start += len(part)
    return b"".join(parts)


def _write(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


def _keep_name(folder: Path) -> None:
    """A file is there after a power cut only once its folder is on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
