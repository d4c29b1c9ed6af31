"""A server under a guardian (guardian.py), as the process that started it sees it."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol, Self

from services.runtime import guardian

POLL = 0.01  # seconds
LOOK_EVERY = 0.25  # seconds between two looks at a guardian
AGAIN_AFTER = 2.0  # seconds
LOG_LIMIT = 10_000_000  # bytes; a longer log is put aside at the next start


class ServerUnavailable(Exception):
    """A server does not start or has ended; the message is one sentence that says what to do."""


class Seen(NamedTuple):
    """How a server under a guardian is.

    Attributes:
        pid: its process id; 0 while it is started. starts: how often it was started.
    """

    pid: int
    starts: int


@dataclass(frozen=True)
class Guard:
    """What a guardian runs, and how.

    Attributes:
        command: program and arguments. environment: all of it.
        ways_to_stop: signals with the seconds that each has before the next; the kernel sends the first should the
            guardian die.
        folder: where it runs. uid, gid: the account to change to; None: none.
        remove: a folder that goes when the guardian ends.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    ways_to_stop: Sequence[tuple[int, float]]
    folder: Path = Path("/")
    uid: int | None = None
    gid: int | None = None
    remove: Path | None = None


@dataclass
class Guarded:
    """A running guardian. Not tied to an event loop: one may start it and another stop it.

    Attributes:
        process: the guardian. told: the end of what it said. starts: how often a server was started, by it and by the
            guardians before it.
    """

    process: subprocess.Popen[bytes]
    told: bytes = b""
    starts: int = 0

    @classmethod
    def start(cls, guard: Guard, *, keep: Sequence[int], log: int) -> Self:
        """Start a guardian and its server.

        Args:
            guard: what to run.
            keep: descriptors that guardian and server inherit; a lock among them is held until both are gone.
            log: descriptor that both write to; closed here.
        """
        settings = {
            "command": list(guard.command),
            "environment": dict(guard.environment),
            "ways_to_stop": [(int(way), patience) for way, patience in guard.ways_to_stop],
            "folder": str(guard.folder),
            "uid": guard.uid,
            "gid": guard.gid,
            "keep": list(keep),
            "log": log,
            "remove": str(guard.remove) if guard.remove else None,
        }
        try:
            process = subprocess.Popen(  # noqa: S603 - our own script
                [sys.executable, "-I", "-S", guardian.__file__, json.dumps(settings)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                pass_fds=(*keep, log),
                start_new_session=True,
                cwd="/",
                bufsize=0,
            )
        finally:
            os.close(log)
        if process.stdout is not None:
            os.set_blocking(process.stdout.fileno(), False)
        return cls(process)

    @property
    def guardian(self) -> int:
        """The guardian's process id."""
        return self.process.pid

    @property
    def pid(self) -> int:
        """The server's process id, the newest one that the guardian told; 0 before the first start."""
        if self.process.stdout is not None and not self.process.stdout.closed:
            said = self.process.stdout.read() or b""
            self.starts += said.count(b"\n")
            self.told = (self.told + said)[-64:]
        complete = self.told[: self.told.rfind(b"\n") + 1].split()
        return int(complete[-1]) if complete else 0

    def seen(self) -> Seen:
        """How the server is now."""
        pid = self.pid
        return Seen(0 if self.ended else pid, self.starts)

    @property
    def ended(self) -> bool:
        """Whether the guardian, and with it the server, has ended."""
        return self.process.poll() is not None

    def worked(self) -> None:
        """Say that the server was seen to work: from now on it is started again when it ends unasked."""
        self._say(b"\n")

    def stays(self) -> None:
        """Say that the server is to outlive this process."""
        self._say(guardian.STAYS)

    def follow(self, successor: "Guarded") -> None:
        """Stand for the guardian that was started in place of one that was killed."""
        for end in (self.process.stdin, self.process.stdout):
            if end is not None:
                end.close()
        self.process, self.told = successor.process, successor.told
        self.starts += successor.starts

    async def stop(self) -> None:
        """Shut the server down in order and wait until its processes are gone. May be called twice."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
        while not self.ended:  # noqa: ASYNC110 - a process has no event to wait for
            await asyncio.sleep(POLL)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _say(self, word: bytes) -> None:
        if self.process.stdin is not None and not self.process.stdin.closed:
            self.process.stdin.write(word)


class Server(Protocol):
    """A server under a guardian."""

    guarded: Guarded


@contextlib.asynccontextmanager
async def keeping(
    name: str, server: Server, again: Callable[[], Awaitable[Server]], said: Callable[[str], None]
) -> AsyncIterator[None]:
    """Start a server again whose guardian was killed, for the length of a block.

    The kernel ends a server with its guardian, so both are missing then, and only the process that started them knows.

    Args:
        name: for people. server: what is running. again: start the same server at the same address.
        said: hears what happens.
    """
    task = asyncio.create_task(_keep(name, server, again, said), name=f"keep {name}")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep(name: str, server: Server, again: Callable[[], Awaitable[Server]], said: Callable[[str], None]) -> None:
    while True:
        while not server.guarded.ended:  # noqa: ASYNC110 - a process has no event to wait for
            await asyncio.sleep(LOOK_EVERY)
        said(f"{name} ended with its guardian; starting it again")
        try:
            server.guarded.follow((await again()).guarded)
        except ServerUnavailable as error:
            said(f"{name} cannot be started: {error} Trying again")
            await asyncio.sleep(AGAIN_AFTER)
        else:
            said(f"{name} runs again")


def log_file(path: Path) -> int:
    """Open a server's log for `Guarded.start`; one that grew long is put aside."""
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_name(f"{path.name}.1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
