"""What memory a service's process has taken after many commands: ``COMMANDS`` of them, a hundred thousand else."""

import os
from collections.abc import Sequence

import psutil

from tests.benchmarks.bench_http import CONNECTIONS, HttpCommand
from tests.benchmarks.load import load
from tests.benchmarks.measure import Result, sized

COMMANDS = int(os.environ.get("COMMANDS", sized(100_000, 640)))
MEGABYTE = 1 << 20


class MemoryAfterCommands(HttpCommand):
    """Commands as users send them, to twice as many units as a process remembers.

    The start is when each unit had one: connections, prepared statements and what is remembered are there then.
    """

    name = "memory"
    units = sized(8_192, 128)

    async def results(self) -> Sequence[Result]:
        """Resident memory then, beside that at the start."""
        clients = self.clients()
        first = self.units // CONNECTIONS
        await load(self.port, clients, first)
        began = self._resident()
        await load(self.port, clients, COMMANDS // CONNECTIONS - first)
        ended = self._resident()
        against = f"after {self.units:,} commands; ours after {COMMANDS:,}"
        return [Result(self.name, "MB", ended / MEGABYTE, against, began / MEGABYTE, 1.1, at_most=True)]

    def _resident(self) -> int:
        return psutil.Process(self.processes[self.kind].pid).memory_info().rss
