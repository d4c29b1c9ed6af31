"""Where the processes of an instance come from: forked from one that has loaded what they need.

To load it takes a process one to four seconds of CPU, longer on a machine that is busy. It is done once: an instance
is up sooner, whatever dies is there again at once, and what all have loaded lies in memory once.
"""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from multiprocessing.context import ForkServerProcess
from multiprocessing.forkserver import ensure_running
from pathlib import Path

from setproctitle import setproctitle

FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["services.runtime.processes.loaded"])

OUTPUT = (1, 2)
"""The descriptors of standard output and standard error."""

LOST = 255
"""What a process seems to have ended with where the one that forked it was lost; it may live on."""

begin_loading = ensure_running
"""Starts the process that others are forked from, where there is none; it loads while its starter goes on."""


async def loaded() -> None:
    """Waits until a process can be forked at once."""
    await asyncio.to_thread(_try)


def fork(name: str, work: Callable[[], object], environment: Mapping[str, str], log: Path) -> ForkServerProcess:
    """Starts a process. It waits for what is still being loaded.

    Args:
        name: of the process. work: what it does; can be pickled, and a socket in it is handed on. environment: all of
            it. log: what it says is added there.
    """
    process = FORKING.Process(target=_live, args=(work, dict(environment), log), name=name, daemon=True)
    process.start()
    return process


def _try() -> None:
    process = FORKING.Process(target=int, daemon=True)
    process.start()
    process.join()
    process.close()


def _live(work: Callable[[], object], environment: Mapping[str, str], log: Path) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    setproctitle(f"maplebridge {multiprocessing.current_process().name}")
    os.setsid()  # a Ctrl-C on the terminal is the supervisor's to handle
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor in OUTPUT:
        os.dup2(said, descriptor)
    os.close(said)
    os.environ.clear()
    os.environ.update(environment)
    work()
