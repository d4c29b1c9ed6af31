"""One process that is kept running: started, watched, started again when it ends unasked, ended in order."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Literal

import psutil

from services.runtime.processes.nursery import LOST, begin_loading, fork

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
SHORT_LIFE = 5.0
"""Seconds; the pause before the next start grows while lives are shorter."""

PATIENCE = 12.0
"""Seconds that an orderly end may take before the process is killed."""

GLANCE = 0.2
"""Seconds between two looks at a process that nobody reports the end of."""

LOG_LIMIT = 10_000_000
"""Bytes; a longer log is put aside at the next start."""

State = Literal["waiting", "running", "ended"]
Said = Callable[[str], None]


class StepFailed(Exception):
    """A process that was to end well did not."""

    def __init__(self, name: str, log: Path, last: str) -> None:
        super().__init__(f"{last or f'{name} ended without a word'} ({name}; see {log})")


@dataclass(frozen=True)
class Program:
    """What is to run.

    Attributes:
        name: for people and for the log file. work: what it does; can be pickled. environment: its settings.
        address: below it are ``/health/live`` and ``/metrics``, where it has them.
    """

    name: str
    work: Callable[[], object]
    environment: Mapping[str, str]
    address: str | None = None


@dataclass
class Child:
    """A program and its process.

    Attributes:
        program: what. logs: the folder of its log file. said: told when it ends unasked. state: what it does.
        since: when its process was started, seconds since 1970. restarts: how often it was started again.
    """

    program: Program
    logs: Path
    said: Said = lambda _: None
    state: State = "waiting"
    since: float = 0.0
    restarts: int = 0
    _process: ForkServerProcess | None = None
    _system: psutil.Process | None = None
    _keeping: "asyncio.Task[None] | None" = None

    @property
    def pid(self) -> int | None:
        """Its process id; None between two lives."""
        return self._process.pid if self._process is not None and self.state == "running" else None

    @property
    def log(self) -> Path:
        """What it says goes there."""
        return self.logs / f"{self.program.name}.log"

    def keep(self) -> None:
        """Starts it, and again whenever it ends, until ``end``."""
        self._launch()
        self._keeping = asyncio.create_task(self._keep(), name=f"keep {self.program.name}")

    async def finish(self) -> None:
        """Runs it once, to its end.

        Raises:
            StepFailed: it ended with a status other than 0; the message ends with its last words.
        """
        self._launch()
        try:
            status = await self._ended()
        except asyncio.CancelledError:
            await self._put_down()
            raise
        self.state = "ended"
        if status:
            raise StepFailed(self.program.name, self.log, self.last_words())

    async def end(self) -> None:
        """Ends it in order, and for good."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        await self._put_down()
        self.state = "ended"

    def last_words(self) -> str:
        """The last line of its log."""
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except OSError:
            return ""
        return next((line for line in reversed(lines) if line.strip()), "")

    async def _keep(self) -> None:
        pause = FIRST_PAUSE
        while True:
            status = await self._ended()
            self.state = "waiting"
            lived = time.time() - self.since
            self.said(f"{self.program.name} ended ({_cause(status)}) after {lived:.0f} s; starting it again")
            pause = min(pause * 1.6, LONGEST_PAUSE) if lived < SHORT_LIFE else FIRST_PAUSE
            await asyncio.sleep(pause)
            while not self._launched():  # noqa: ASYNC110 - what it lacks sets no event
                await asyncio.sleep(LONGEST_PAUSE)
            self.restarts += 1

    def _launched(self) -> bool:
        try:
            self._launch()
        except (OSError, EOFError) as error:  # no memory or no descriptor is left, or what it is forked from was lost
            self.said(f"{self.program.name} cannot be started ({error!r}); trying again")
            return False
        return True

    def _launch(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        environment = {**os.environ, **self.program.environment}
        self._process = fork(self.program.name, self.program.work, environment, self.log)
        # looked up now, so that a later process with the same id is not taken for this one
        with contextlib.suppress(psutil.NoSuchProcess):
            self._system = psutil.Process(self._process.pid)
        self.since = time.time()
        self.state = "running"

    async def _ended(self) -> int:
        """Waits until its process has ended; answers the status, LOST where that is not known."""
        process = self._process
        if process is None:
            return 0
        if process.exitcode is None:
            ended, loop = asyncio.Event(), asyncio.get_running_loop()
            loop.add_reader(process.sentinel, ended.set)
            try:
                await ended.wait()
            finally:
                loop.remove_reader(process.sentinel)
        status = process.exitcode or 0
        if status == LOST and self._lives():
            # the process that it was forked from was killed, and would have told its end; it needs that one no more
            begin_loading()
            self.said(f"{self.program.name} goes on, though the process that it was forked from was lost")
            while self._lives():  # noqa: ASYNC110 - it is no child of this process, so its end sets no event
                await asyncio.sleep(GLANCE)
        return status

    def _lives(self) -> bool:
        if self._system is None:
            return False
        try:
            return self._system.is_running() and self._system.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def _signal(self, number: signal.Signals) -> None:
        if self._system is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                self._system.send_signal(number)

    async def _put_down(self) -> None:
        process = self._process
        if process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            self._signal(number)
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._ended()
                break
            except TimeoutError:
                continue
        if process.exitcode is not None:
            process.close()
            self._process = None


def _cause(status: int) -> str:
    if status == LOST:
        return "how is not known"
    return f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
