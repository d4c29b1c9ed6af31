"""A PostgreSQL data folder: made once, started with the settings below."""

import os
import shutil
import subprocess
from pathlib import Path

from services.runtime.postgres.account import Account, folder_path, starter_name
from services.runtime.postgres.binaries import MAJOR
from services.runtime.postgres.unavailable import PostgresUnavailable

SUPERUSER = "postgres"

SETTINGS = {
    "listen_addresses": "",  # the socket is the only way in
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "8MB",  # three workers' hash tables fit in the 64 MB that containers give /dev/shm
    "maintenance_work_mem": "128MB",
    "wal_buffers": "16MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",  # queries here are short; compiling them takes longer
    "max_locks_per_transaction": "256",  # a rebuild drops and renames whole schemas
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
    "cluster_name": "maplebridge",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}

# For tests that make hundreds of databases and kill none.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


def ensure_cluster(data: Path, programs: Path, account: Account, *, durable: bool, lock: int) -> None:
    """Make the data folder if it is not there. What a killed attempt left is begun anew."""
    if data.exists():
        _check_version(data)
        return
    growing = data.with_name(f"{data.name}.new")
    shutil.rmtree(growing, ignore_errors=True)
    growing.mkdir(mode=0o700)
    account.owns(growing)
    descriptor = os.open(growing, os.O_RDONLY | os.O_DIRECTORY)
    try:
        initdb = [str(programs / "bin" / "initdb"), "-D", folder_path(growing, descriptor, account)]
        options = [f"--username={SUPERUSER}", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        options += ["--builtin-locale=C.UTF-8", "--auth-local=peer", "--auth-host=reject", "--no-sync"]
        _run([*initdb, *options], account, (descriptor, lock))
        if durable:  # once at the end, instead of file by file
            _run([*initdb, "--sync-only"], account, (descriptor, lock))
    finally:
        os.close(descriptor)
    growing.rename(data)
    _sync(data.parent)


def access_rules(run: Path, account: Account) -> dict[str, str]:
    """Write who may come in: whoever starts Maple Bridge, through the socket, as any role; nobody else.

    The files lie beside the socket, since the data folder belongs to PostgreSQL's account.
    """
    files = {
        "hba_file": (run / "access.conf", "local all all peer map=starter\n"),
        "ident_file": (run / "accounts.conf", f'starter "{starter_name()}" all\n'),
    }
    for path, text in files.values():
        path.write_text(text)
        account.owns(path)
    return {name: str(path) for name, (path, _) in files.items()}


def _check_version(data: Path) -> None:
    try:
        version = (data / "PG_VERSION").read_text().strip()
    except OSError as error:
        raise PostgresUnavailable(f"{data} is not a PostgreSQL data folder ({error.strerror}).") from error
    if version != str(MAJOR):
        raise PostgresUnavailable(f"{data} was made by PostgreSQL {version}; this is PostgreSQL {MAJOR}.")


def _run(command: list[str], account: Account, descriptors: tuple[int, ...]) -> None:
    finished = subprocess.run(  # noqa: S603 - a program of ours
        command,
        user=account.uid,
        group=account.gid,
        extra_groups=[] if account.changes else None,
        pass_fds=descriptors,
        cwd="/",
        start_new_session=True,  # a Ctrl-C on the terminal is ours to handle
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        said = [line for line in finished.stderr.splitlines() if line.strip()]
        reason = next((line for line in said if "error" in line.lower() or "FATAL" in line), "no reason given")
        raise PostgresUnavailable(f"PostgreSQL's data folder could not be made: {reason.strip()}.")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
