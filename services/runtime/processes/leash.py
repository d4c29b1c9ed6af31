"""A child's end of the leash: when who started it is gone, kill -9 included, it ends too."""

import os
import signal
import sys
import threading
import time

LEASHED = "MAPLEBRIDGE_LEASHED"
"""Set for a child whose standard input is a pipe that its supervisor holds open for as long as it lives."""

GRACE = 8.0
"""Seconds that an orderly end may take."""


def hold_to_parent() -> None:
    """Watches the pipe, where there is one; its end is taken for SIGTERM, and a while later for SIGKILL."""
    if os.environ.pop(LEASHED, ""):
        threading.Thread(target=_watch, args=(sys.stdin.fileno(),), name="leash", daemon=True).start()


def _watch(pipe: int) -> None:
    while os.read(pipe, 64):
        continue
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os.kill(os.getpid(), signal.SIGKILL)
