"""Which account PostgreSQL runs under.

PostgreSQL refuses to be root. An ordinary user runs it as themselves; root runs it under an unprivileged account
that is there already. No account is added and no folder's parents are opened: see `folder_path`.
"""

import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from services.runtime.postgres.unavailable import PostgresUnavailable

UNPRIVILEGED = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """A user id and group id to change to; None when PostgreSQL runs as whoever starts it."""

    uid: int | None = None
    gid: int | None = None

    @property
    def changes(self) -> bool:
        """Whether starting PostgreSQL means changing to another user."""
        return self.uid is not None

    def owns(self, path: Path) -> None:
        """Hand a file or folder over to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def may_run(self, program: Path) -> bool:
        """Whether this account can reach and run a program (a parent of it may be closed)."""
        return self._succeeds([str(program), "--version"])

    def may_enter(self, folder: Path) -> bool:
        """Whether this account can reach a folder."""
        return self._succeeds(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)])

    def _succeeds(self, command: list[str]) -> bool:
        try:
            tried = subprocess.run(  # noqa: S603 - a program of ours
                command,
                user=self.uid,
                group=self.gid,
                extra_groups=[] if self.changes else None,
                cwd="/",
                capture_output=True,
                check=False,
            )
        except PermissionError:
            return False
        return tried.returncode == 0


def starter_name() -> str:
    """The account name of whoever runs this process: the one that PostgreSQL lets in through its socket.

    Raises PostgresUnavailable for a user id without a name, which PostgreSQL does not accept.
    """
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise PostgresUnavailable(
            f"PostgreSQL needs an account with a name, and user id {os.geteuid()} has none; "
            "add a line for it to /etc/passwd or run as another user."
        ) from None


def account_for(data: Path) -> Account:
    """Choose the account for a data folder; one that was used as root before keeps its owner."""
    if os.geteuid() != 0:
        return Account()
    if not sys.platform.startswith("linux"):
        raise PostgresUnavailable("As root this works on Linux only; run it as an ordinary user.")
    if data.exists():
        owner = data.stat()
        if owner.st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid)
    raise PostgresUnavailable(
        f"PostgreSQL refuses to run as root and none of the accounts {', '.join(UNPRIVILEGED)} is there; "
        "run this as an ordinary user."
    )


def folder_path(folder: Path, descriptor: int, account: Account) -> str:
    """The path by which the account names a folder that this process has open.

    Through /proc/self/fd a process reaches a folder it was handed, whatever the permissions of the folder's
    parents; so a data folder inside root's closed home works without opening the home.
    """
    return f"/proc/self/fd/{descriptor}" if account.changes else str(folder)
