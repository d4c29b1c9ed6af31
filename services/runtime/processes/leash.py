"""A child's end of the leash: when who started it is gone, kill -9 included, it ends too."""

import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.process import BaseProcess

GRACE = 8.0
"""Seconds that an orderly end may take."""


def hold_to_parent() -> None:
    """Watches the process that started this one, where it was forked for it.

    Its end is taken for SIGTERM, and a while later for SIGKILL.
    """
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_watch, args=(parent,), name="leash", daemon=True).start()


def _watch(parent: BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os.kill(os.getpid(), signal.SIGKILL)
