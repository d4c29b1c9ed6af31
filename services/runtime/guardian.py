"""The process between Maple Bridge and a server (PostgreSQL, Kafka); a script of the standard library alone.

It is the server's parent, in a session of its own, so a Ctrl-C on the terminal reaches neither. It holds a pipe
from Maple Bridge: when the pipe closes, in order or by kill -9, the server is shut down. When the guardian itself
is killed, the kernel signals the server. When the server ends unasked, it is started again.

    guardian.py '{"command": [...], "environment": {}, "folder": "/", "uid": null, "gid": null, "keep": [3, 4],
                  "log": 5, "ways_to_stop": [[2, 60], [9, 10]], "remove": null}'

Standard input: the pipe; a byte says that the server was seen to work, its end means stop. The byte ``s`` says that
the server stays: from then on the end of the pipe means nothing, and SIGTERM to this process is the way to stop it.
Standard output: a line with the process id at every start. Exits 0 after a stop, 1 when the server ended before it
was seen to work; after that it is started again until it is stopped (a full disk may be emptied, say).
"""

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from typing import Any

PR_SET_PDEATHSIG = 1
STAYS = b"s"
LONGEST_PAUSE = 5.0  # seconds between an unasked end and the next start; it begins with a fortieth of that
SHORT_LIFE = 3.0  # seconds; the pause grows while lives are shorter


def main() -> int:
    """Run the server until asked to stop."""
    settings = json.loads(sys.argv[1])
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    wake, waker = os.pipe()
    for end in (wake, waker):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        return watch(settings, wake)
    finally:
        if settings["remove"]:
            shutil.rmtree(settings["remove"], ignore_errors=True)


def watch(settings: dict[str, Any], wake: int) -> int:
    """Start the server, and again when it ends unasked; stop it when the pipe says so."""
    pause = LONGEST_PAUSE / 40
    pipe = Pipe()
    while True:
        born = time.monotonic()
        server = launch(settings)
        tell(f"{server.pid}")
        if wait(server, wake, pipe):
            stop(server, settings["ways_to_stop"])
            return 0
        if not pipe.worked:
            return 1
        pause = min(pause * 1.5, LONGEST_PAUSE) if time.monotonic() - born < SHORT_LIFE else LONGEST_PAUSE / 40
        time.sleep(pause)


def launch(settings: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Start the server so that it gets the first of the ways to stop should this process die."""
    kernel = ctypes.CDLL(None)
    polite, _ = settings["ways_to_stop"][0]
    guardian = os.getpid()

    def follow_the_guardian() -> None:
        if sys.platform.startswith("linux"):
            kernel.prctl(PR_SET_PDEATHSIG, polite, 0, 0, 0)
        if os.getppid() != guardian:
            os._exit(1)

    uid = settings["uid"]
    return subprocess.Popen(  # noqa: S603 - the command comes from Maple Bridge
        settings["command"],
        user=uid,
        group=settings["gid"],
        extra_groups=None if uid is None else [],
        umask=0o077,
        cwd=settings["folder"],
        env=settings["environment"],
        stdin=subprocess.DEVNULL,
        stdout=settings["log"],
        stderr=settings["log"],
        pass_fds=settings["keep"],
        preexec_fn=follow_the_guardian,  # noqa: PLW1509 - this process has one thread
    )


class Pipe:
    """What Maple Bridge has said so far."""

    def __init__(self) -> None:
        self.descriptor = sys.stdin.fileno()
        self.worked = False
        self.stays = False

    def ended(self) -> bool:
        """Read what is there; whether that means stop."""
        said = os.read(self.descriptor, 64)
        self.worked = self.worked or said != b""
        self.stays = self.stays or STAYS in said
        return said == b"" and not self.stays


def wait(server: subprocess.Popen[bytes], wake: int, pipe: Pipe) -> bool:
    """Wait for the order to stop (True) or the end of the server (False)."""
    while True:
        ready, _, _ = select.select([wake] if pipe.stays else [pipe.descriptor, wake], [], [])
        signals = os.read(wake, 64) if wake in ready else b""
        if signal.SIGTERM in signals or (pipe.descriptor in ready and pipe.ended()):
            return True
        if server.poll() is not None:
            return False


def stop(server: subprocess.Popen[bytes], ways: list[tuple[int, float]]) -> None:
    """Shut the server down, politely at first; each way has its seconds before the next, harsher one."""
    for way, patience in ways:
        with contextlib.suppress(ProcessLookupError):
            server.send_signal(way)
            server.send_signal(signal.SIGCONT)  # one that is paused hears nothing but SIGKILL
        try:
            server.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        return


def tell(line: str) -> None:
    """Say a line to Maple Bridge, which may be gone."""
    with contextlib.suppress(OSError):
        os.write(sys.stdout.fileno(), f"{line}\n".encode())


if __name__ == "__main__":
    sys.exit(main())
