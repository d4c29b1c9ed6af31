"""Start and stop PostgreSQL in a folder.

FOLDER/postgres/       the data
FOLDER/postgres.lock   held by every PostgreSQL process; names the run folder
FOLDER/postgres.log    what PostgreSQL says (warnings and worse)
"""

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

import psutil

from services.runtime.guarded import Guard, Guarded, keeping, log_file
from services.runtime.postgres.account import account_for, folder_path
from services.runtime.postgres.binaries import installation, reachable, run_folder
from services.runtime.postgres.cluster import FORGETFUL, SETTINGS, SUPERUSER, access_rules, ensure_cluster
from services.runtime.postgres.unavailable import PostgresUnavailable

LOCK_PATIENCE = 90.0  # seconds; a predecessor that was killed is still shutting down
START_PATIENCE = 600.0  # seconds; replaying a large write-ahead log takes its time
STATUS = "postmaster.pid"  # PostgreSQL's own file about itself, in its data folder
POLL = 0.01  # seconds
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
WAYS_TO_STOP = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))


@dataclass
class PostgresServer:
    """A running PostgreSQL. Not tied to an event loop: one may start it and another stop it."""

    data: Path
    socket: Path
    guarded: Guarded

    def dsn(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        """The address of a database for asyncpg and libpq."""
        return socket_dsn(self.socket, database, user)

    @property
    def pid(self) -> int:
        """The process id of PostgreSQL's first process; 0 before the first start."""
        return self.guarded.pid

    async def ready(self) -> None:
        """Wait until PostgreSQL accepts connections; also after it was killed. Raises PostgresUnavailable."""
        deadline = time.monotonic() + START_PATIENCE
        while not _accepts(self.data, self.pid):
            if self.guarded.ended:
                raise PostgresUnavailable(f"PostgreSQL does not start: {_last_words(self.data)}.")
            if time.monotonic() > deadline:
                raise PostgresUnavailable(
                    f"PostgreSQL is not ready after {START_PATIENCE:.0f} s; see {_log(self.data)}."
                )
            await asyncio.sleep(POLL)
        self.guarded.worked()

    async def stop(self) -> None:
        """Shut PostgreSQL down in order and wait until its processes are gone. May be called twice."""
        await self.guarded.stop()


def socket_dsn(socket: Path, database: str, user: str) -> str:
    """The address of a database behind a socket folder."""
    return (
        f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?host={quote(str(socket), safe='')}&port=5432"
    )


@contextlib.asynccontextmanager
async def running_postgres(folder: Path, *, durable: bool = True) -> AsyncIterator[PostgresServer]:
    """PostgreSQL for the length of a block."""
    server = await start_postgres(folder, durable=durable)
    try:
        yield server
    finally:
        await server.stop()


def kept_postgres(
    folder: Path, server: PostgresServer, said: Callable[[str], None]
) -> contextlib.AbstractAsyncContextManager[None]:
    """Start PostgreSQL again where its guardian was killed, for the length of a block; its clients just reconnect."""
    return keeping("PostgreSQL", server, partial(start_postgres, folder, run=server.socket), said)


async def start_postgres(folder: Path, *, durable: bool = True, run: Path | None = None) -> PostgresServer:
    """Start PostgreSQL in a folder (made if need be) and return when it accepts connections.

    Waits for a predecessor that was killed and is still on its way out.

    Args:
        folder: where its data is. durable: False for tests, where commits do not wait for the disk.
        run: the run folder of that predecessor, where its clients go on looking for the socket; default: a new one.

    Raises:
        PostgresUnavailable: one sentence.
    """
    lock = await _take_lock(folder / "postgres.lock")
    launching = asyncio.ensure_future(asyncio.to_thread(_launch, folder, lock, run, durable=durable))
    try:
        server = await asyncio.shield(launching)
    except asyncio.CancelledError:
        await (await launching).stop()
        raise
    finally:
        os.close(lock)  # the guardian and PostgreSQL hold it from here on
    try:
        await server.ready()
    except BaseException:
        await server.stop()
        raise
    return server


async def _take_lock(path: Path) -> int:
    """Open and lock; every process of PostgreSQL inherits the lock, so it is free when the last one is gone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise PostgresUnavailable(f"PostgreSQL in {path.parent} is in use by another instance.") from None
            await asyncio.sleep(POLL)
        else:
            return descriptor


def _launch(folder: Path, lock: int, run: Path | None, *, durable: bool) -> PostgresServer:
    data = folder.absolute() / "postgres"
    account = account_for(data)
    _sweep(lock, data, run)
    run = run or run_folder(account)
    if not run.is_dir():
        run.mkdir(mode=0o700)
        account.owns(run)
    descriptors: list[int] = []
    try:
        _note(lock, run)
        programs = reachable(installation(), run, account)
        ensure_cluster(data, programs, account, durable=durable, lock=lock)
        descriptors = [os.open(data, os.O_RDONLY | os.O_DIRECTORY), os.open(run, os.O_RDONLY | os.O_DIRECTORY)]
        # A folder with a lock on it is left alone by those who clean /tmp.
        fcntl.flock(descriptors[1], fcntl.LOCK_SH)
        settings = {**SETTINGS, **({} if durable else FORGETFUL), **access_rules(run, account)}
        settings["unix_socket_directories"] = str(run)
        command = [str(programs / "bin" / "postgres"), "-D", folder_path(data, descriptors[0], account)]
        command += [f"--{name}={value}" for name, value in settings.items()]
        guarded = Guarded.start(
            Guard(command, ENVIRONMENT, WAYS_TO_STOP, uid=account.uid, gid=account.gid, remove=run),
            keep=(lock, *descriptors),
            log=log_file(_log(data)),
        )
    except BaseException:
        shutil.rmtree(run, ignore_errors=True)
        raise
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    return PostgresServer(data=data, socket=run, guarded=guarded)


def _note(lock: int, run: Path) -> None:
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(run).encode(), 0)


def _sweep(lock: int, data: Path, run: Path | None) -> None:
    """Remove what a predecessor left that was killed: its run folder, and a status file whose process id has since
    gone to another program (PostgreSQL would take that for itself still running; we hold the lock, so it is not)."""
    noted = Path(os.pread(lock, 4096, 0).decode())
    if noted != run and noted.name.startswith("maplebridge-") and noted.is_dir() and not noted.is_symlink():
        shutil.rmtree(noted, ignore_errors=True)
    lines = _status(data)
    if lines and not _is_postgres(int(lines[0])):
        (data / STATUS).unlink()


def _is_postgres(pid: int) -> bool:
    try:
        process = psutil.Process(pid)
        # a dead process that nobody buried (in containers nobody does) still has its name
        return process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _log(data: Path) -> Path:
    return data.with_name("postgres.log")


def _status(data: Path) -> list[str]:
    """The lines of PostgreSQL's own status file; the eighth says whether it accepts connections."""
    try:
        return (data / STATUS).read_text().splitlines()
    except OSError:
        return []


def _accepts(data: Path, pid: int) -> bool:
    lines = _status(data)
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _last_words(data: Path) -> str:
    try:
        lines = _log(data).read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    said = [line for line in lines if line.strip()] or ["no reason given"]
    reason = next((line for line in reversed(said) if "FATAL" in line or "PANIC" in line), said[-1])
    return f"{reason.partition('] ')[2] or reason} ({_log(data)})"
