"""The user's data folder: everything that an embedded Maple Bridge keeps.

version         the layout of this folder, a number
lock            held by the running instance; its process id
master.key      wraps the keys of personal data (32 bytes, base64); without it they cannot be read
issuer.key      signs this instance's access tokens (Ed25519, PKCS #8 in PEM)
log.key         signs heads and sealed segments of the logs (Ed25519, PKCS #8 in PEM)
verifying.json  how far a check of the logs came that was interrupted
runtime.json    where the running instance is
postgres/       PostgreSQL's data, with postgres.log and postgres.lock beside it
kafka/          Kafka's data, with kafka.log, kafka.lock and the passwords of its users, kafka.users, beside it
erasures/       the ledger of erasures, a file a service; a backup of postgres/ must not go back without it
alerts/         what was delivered to the folder's channel
recipients.yaml who is told of alerts at which place, where somebody wrote it
pages/          what the pages remember of those who look at them
scenario        the seed of the demonstration that was loaded here; clock.json is its clock
"""

import base64
import contextlib
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from services.runtime.postgres.server import socket_dsn

LAYOUT = 1
RECIPIENTS = "recipients.yaml"
IGNORED = ("lost+found", ".DS_Store")  # what systems leave in an otherwise empty folder


class FolderRefused(Exception):
    """A data folder cannot be used; the message is one sentence that says what to do."""


class FolderInUse(FolderRefused):
    """Another instance works in the folder."""

    def __init__(self, path: Path, pid: str) -> None:
        super().__init__(
            f"{path} is in use by another instance (process {pid or 'unknown'}); stop it or choose another folder."
        )


class FolderNewer(FolderRefused):
    """The folder was written by a newer release."""

    def __init__(self, path: Path, layout: str) -> None:
        super().__init__(
            f"{path} has layout {layout}, made by a newer Maple Bridge than this one (which knows {LAYOUT}); "
            "update Maple Bridge or choose another folder."
        )


class FolderForeign(FolderRefused):
    """The folder holds something else."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is not empty and not a folder of Maple Bridge's; choose an empty one.")


class FolderUnusable(FolderRefused):
    """The system does not let us."""

    def __init__(self, path: Path, error: OSError) -> None:
        reason = "there is a file of that name" if isinstance(error, FileExistsError) else error.strerror or error
        super().__init__(f"{path} cannot be used as data folder: {reason}; mend that or choose another folder.")


class KeyMissing(FolderRefused):
    """There is data, and the key to it is gone."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is missing, and without it the personal data in this folder cannot be read; "
            "restore it from your backup or choose an empty folder."
        )


@dataclass(frozen=True)
class Running:
    """Where a running instance is. `url` is None while it has no HTTP (a command that works on the folder)."""

    pid: int
    url: str | None
    socket: str

    def dsn(self, database: str, user: str) -> str:
        """The address of one of its databases."""
        return socket_dsn(Path(self.socket), database, user)


def default_folder() -> Path:
    """$XDG_DATA_HOME/maplebridge, else ~/.local/share/maplebridge."""
    named = os.environ.get("XDG_DATA_HOME", "")
    base = Path(named) if named.startswith("/") else Path.home() / ".local" / "share"
    return base / "maplebridge"


class DataFolder:
    """An opened data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def open(cls, path: Path | None = None) -> "DataFolder":
        """Open a data folder, made if it is not there; the default one when no path is given.

        Raises FolderRefused: made by a newer release, not ours, or not usable.
        """
        path = (path or default_folder()).expanduser().absolute()
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _check_layout(path)
        except OSError as error:
            raise FolderUnusable(path, error) from error
        return cls(path)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep every other instance out for the length of a block. Raises FolderInUse."""
        try:
            descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise FolderUnusable(self.path, error) from error
        try:
            if not _locked(descriptor):
                raise FolderInUse(self.path, os.pread(descriptor, 32, 0).decode().strip())
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            self._forget()
            yield
            self._forget()
        finally:
            os.close(descriptor)

    def announce(self, running: Running) -> None:
        """Say where this instance is, for other commands on the same folder."""
        _write(self.path / "runtime.json", json.dumps(asdict(running), indent=2).encode())

    def running(self) -> Running | None:
        """The instance that works in this folder, None when there is none or it is still starting."""
        try:
            with (self.path / "lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            with contextlib.suppress(FileNotFoundError):
                return Running(**json.loads((self.path / "runtime.json").read_text()))
        except FileNotFoundError:
            return None
        return None

    def master_key(self) -> bytes:
        """The 32 bytes that wrap the keys of personal data; made at first use. Raises KeyMissing."""
        path = self.path / "master.key"
        if not path.exists():
            self._refuse_new_key(path)
            _write(path, base64.b64encode(secrets.token_bytes(32)) + b"\n")
        return base64.b64decode(path.read_bytes())

    def issuer_key(self) -> bytes:
        """The Ed25519 private key of the development issuer as PEM; made at first use."""
        return self._signing_key("issuer.key")

    def log_key(self) -> bytes:
        """The Ed25519 private key that signs what the logs export, as PEM; made at first use."""
        return self._signing_key("log.key")

    def pages_key(self) -> str:
        """The secret in the address of pages that others can reach; made at first use."""
        path = self.path / "pages.key"
        if not path.exists():
            _write(path, f"{secrets.token_urlsafe(24)}\n".encode())
        return path.read_text().strip()

    def erasure_folder(self) -> Path:
        """Where the ledger of erasures is, unless a setting names another place. Raises FolderUnusable."""
        path = self.path / "erasures"
        try:
            path.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise FolderUnusable(self.path, error) from error
        return path

    def _signing_key(self, name: str) -> bytes:
        path = self.path / name
        if not path.exists():
            from cryptography.hazmat.primitives import serialization
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

            key = Ed25519PrivateKey.generate()
            pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            _write(path, key.private_bytes(*pem))
        return path.read_bytes()

    def _refuse_new_key(self, path: Path) -> None:
        if (self.path / "postgres").exists():
            raise KeyMissing(path)

    def _forget(self) -> None:
        (self.path / "runtime.json").unlink(missing_ok=True)


def _locked(descriptor: int) -> bool:
    """Lock; tried for half a second, since `running` of another command holds the lock for a moment."""
    for _ in range(20):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.025)
        else:
            return True
    return False


def _check_layout(path: Path) -> None:
    version = path / "version"
    if not version.exists():
        if any(entry.name not in IGNORED and not entry.name.startswith(".version") for entry in path.iterdir()):
            raise FolderForeign(path)
        _write(version, f"{LAYOUT}\n".encode())
    layout = version.read_text().strip()
    if not layout.isdecimal():
        raise FolderForeign(path)
    if int(layout) > LAYOUT:
        raise FolderNewer(path, layout)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, on the disk, readable by the owner alone. Raises FolderUnusable."""
    growing = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(growing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        growing.replace(path)
    except OSError as error:
        growing.unlink(missing_ok=True)
        raise FolderUnusable(path.parent, error) from error
