"""Keeps a set of processes running, and can say how they are."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from prometheus_client.parser import text_string_to_metric_families

from services.runtime.guarded import Seen
from services.runtime.processes.child import Child, Program, Said, StepFailed
from services.runtime.trust import trust

PATIENCE = 120.0
"""Seconds in which a process must answer for the first time."""

LAG = ("maplebridge_lag", "maplebridge_relay_lag")
"""How the metrics begin that tell how far something is behind."""
SILENT = "It does not answer."
ENDED = "It has ended and is started again."
POSITIONS = "maplebridge_lag_positions"
"""That of them which counts events."""


class NotAnswering(Exception):
    """A process was started and does not answer."""

    def __init__(self, child: Child) -> None:
        super().__init__(f"{child.program.name} does not answer after {PATIENCE:.0f} s; {child.log} may say why.")


@dataclass(frozen=True)
class Lag:
    """How far something is behind.

    Attributes:
        what: the metric. of: its labels. value: in the metric's unit.
    """

    what: str
    of: dict[str, str]
    value: float


@dataclass(frozen=True)
class Condition:
    """How one process is.

    Attributes:
        since: seconds since 1970. lag: what it says of itself; empty where it does not answer. trouble: why it is not
            ready, or that it does not answer.
    """

    name: str
    state: str
    pid: int | None
    since: float
    restarts: int
    address: str | None
    lag: list[Lag]
    trouble: list[str]


@dataclass
class Supervisor:
    """Starts processes and keeps them running.

    Attributes:
        logs: the folder of their log files. said: told what happens to them.
        servers: how each server is that they stand on, by name; others keep them.
    """

    logs: Path
    said: Said
    groups: list[list[Child]] = field(default_factory=list)
    servers: dict[str, Callable[[], Seen]] = field(default_factory=dict)

    @property
    def children(self) -> list[Child]:
        """Every process that is kept running."""
        return [child for group in self.groups for child in group]

    async def once(self, program: Program, heard: Said = lambda _: None) -> None:
        """Runs a step to its end; ``heard`` is told the last line that it said, again and again.

        Raises:
            StepFailed: it did not end well.
        """
        child = Child(program, self.logs)
        finishing = asyncio.create_task(child.finish())
        try:
            while not (await asyncio.wait({finishing}, timeout=0.3))[0]:
                heard(child.last_words())
        finally:
            finishing.cancel()
            await asyncio.wait({finishing})
        finishing.result()

    def keep(self, *programs: Program) -> None:
        """Starts processes, and again whenever one ends."""
        group = [Child(program, self.logs, self.said) for program in programs]
        self.groups.append(group)
        for child in group:
            child.keep()

    async def answering(self, names: Iterable[str]) -> None:
        """Waits until these processes answer.

        Raises:
            NotAnswering: one of them does not within two minutes.
        """
        wanted = set(names)
        async with httpx.AsyncClient(timeout=2, verify=trust()) as client:
            waiting = [self._answering(client, child) for child in self.children if child.program.name in wanted]
            await asyncio.gather(*waiting)

    async def _answering(self, client: httpx.AsyncClient, child: Child) -> None:
        deadline = time.monotonic() + PATIENCE
        while child.program.address is not None:
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(f"{child.program.address}/health/live")).is_success:
                    return
            if time.monotonic() > deadline:
                raise NotAnswering(child)
            await asyncio.sleep(0.1)

    async def end(self) -> None:
        """Ends all, the last started first; those that were started together end together."""
        while self.groups:
            await asyncio.gather(*(child.end() for child in self.groups.pop()))

    async def conditions(self) -> Sequence[Condition]:
        """How every process is, asked now."""
        async with httpx.AsyncClient(timeout=2, verify=trust()) as client:
            lags, troubles = await asyncio.gather(
                asyncio.gather(*(_lag(client, child) for child in self.children)),
                asyncio.gather(*(_trouble(client, child) for child in self.children)),
            )
        servers = [_server(name, seen()) for name, seen in self.servers.items()]
        return servers + [
            Condition(
                child.program.name,
                child.state,
                child.pid,
                child.since,
                child.restarts,
                child.program.address,
                lag,
                trouble,
            )
            for child, lag, trouble in zip(self.children, lags, troubles, strict=True)
        ]

    async def behind(self) -> int:
        """How many events are not taken in yet, by all that read, together; asked now."""
        async with httpx.AsyncClient(timeout=2, verify=trust()) as client:
            lags = await asyncio.gather(*(_lag(client, child) for child in self.children))
        return int(sum(each.value for lag in lags for each in lag if each.what == POSITIONS))


@contextlib.asynccontextmanager
async def supervising(logs: Path, said: Said) -> AsyncIterator[Supervisor]:
    """A supervisor for the length of a block; on leaving, all that it started is ended in order."""
    supervisor = Supervisor(logs, said)
    try:
        yield supervisor
    finally:
        await supervisor.end()


def _server(name: str, seen: Seen) -> Condition:
    since = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        since = psutil.Process(seen.pid).create_time() if seen.pid else 0.0
    state, trouble = ("running", []) if since else ("waiting", [ENDED])
    return Condition(name, state, seen.pid or None, since, max(seen.starts - 1, 0), None, [], trouble)


async def _lag(client: httpx.AsyncClient, child: Child) -> list[Lag]:
    answer = await _asked(client, child, "metrics")
    return [
        Lag(sample.name, dict(sample.labels), sample.value)
        for family in text_string_to_metric_families(answer.text if answer and answer.is_success else "")
        for sample in family.samples
        if sample.name.startswith(LAG)
    ]


async def _trouble(client: httpx.AsyncClient, child: Child) -> list[str]:
    answer = await _asked(client, child, "health/ready")
    if answer is None and child.program.address is not None and child.state == "running":
        return [SILENT]
    if answer is None or answer.status_code not in {httpx.codes.OK, httpx.codes.SERVICE_UNAVAILABLE}:
        return []
    checks = answer.json()["checks"]
    return [check.get("detail") or check["name"] for check in checks if check.get("detail") or not check["ok"]]


async def _asked(client: httpx.AsyncClient, child: Child, path: str) -> httpx.Response | None:
    """What a process answers; None where it does not."""
    if child.program.address is None:
        return None
    try:
        return await client.get(f"{child.program.address}/{path}")
    except httpx.HTTPError:
        return None


__all__ = ["Condition", "Lag", "NotAnswering", "StepFailed", "Supervisor", "supervising"]
