"""Writes the simulated city into the logs; a load that was cut short goes on where it stopped."""

import asyncio
import gc
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from contracts.common import Sealed
from services.chassis.eventstore.bulk import BulkEvent, BulkWriter
from services.chassis.vault import Vault
from services.runtime.demonstration.figures import SEED
from services.runtime.demonstration.plan import Happened, Plan
from services.runtime.demonstration.run import happenings, lookup, texts
from services.runtime.demonstration.scenario import planned

CHUNK = 3000
Progress = Callable[[int, int], None]
"""Told which day of the city is being written, and of how many: what a day leads to is not known before."""


@dataclass(frozen=True)
class Target:
    """Where one service's events go.

    Attributes:
        writer: of its log. vault: its keys.
    """

    writer: BulkWriter
    vault: Vault


@dataclass(frozen=True)
class LoadSummary:
    """What a load did.

    Attributes:
        events: of the scenario. appended: written now. known: there before. seconds: from beginning to end.
    """

    events: int
    appended: int
    known: int
    seconds: float


def _quiet(done: int, total: int) -> None:
    """Nobody is told."""


async def load(targets: Mapping[str, Target], seed: int = SEED, progress: Progress = _quiet) -> LoadSummary:
    """Decides the scenario of a seed and writes what the logs do not have yet.

    The events follow from the seed alone. Their sealed texts are under keys of this installation, made at random, so
    these bytes differ from one installation to the next.

    Raises:
        Refused: the scenario breaks a rule of the domain. VersionConflict: a log lacks what comes before.
    """
    began = time.monotonic()
    gc_was_on = gc.isenabled()
    # a hundred thousand small objects that live to the end: collecting among them takes a third of the time
    gc.disable()
    try:
        plan = await asyncio.to_thread(planned, seed)
        events, appended, known = await _written(targets, plan, progress)
    finally:
        if gc_was_on:
            gc.enable()
    return LoadSummary(events, appended, known, time.monotonic() - began)


async def _written(targets: Mapping[str, Target], plan: Plan, progress: Progress) -> tuple[int, int, int]:
    sealed = await _sealed(targets, plan)
    happened = happenings(plan, lookup(sealed))
    first = min(step.at for step in plan.steps)
    events = appended = known = 0
    writing: asyncio.Task[tuple[int, int]] | None = None
    # the next chunk is decided while PostgreSQL takes the one before
    while chunk := await asyncio.to_thread(_taken, happened):
        if writing:
            new, old = await writing
            appended, known = appended + new, known + old
        writing = asyncio.create_task(_write(targets, chunk))
        events += len(chunk)
        progress((chunk[-1].row.recorded_at - first).days, (plan.end - first).days)
    if writing:
        new, old = await writing
        appended, known = appended + new, known + old
    return events, appended, known


async def _sealed(targets: Mapping[str, Target], plan: Plan) -> dict[tuple[str, str], Sealed]:
    found: dict[tuple[str, str], Sealed] = {}
    for service, wanted in texts(plan).items():
        sealed = await targets[service].vault.seal_many(wanted)
        found.update(zip(wanted, sealed, strict=True))
    return found


def _taken(happened: Iterator[Happened]) -> list[Happened]:
    return list(islice(happened, CHUNK))


async def _write(targets: Mapping[str, Target], chunk: list[Happened]) -> tuple[int, int]:
    rows: defaultdict[str, list[BulkEvent]] = defaultdict(list)
    for one in chunk:
        rows[one.service].append(one.row)
    appended = known = 0
    for service, events in rows.items():
        outcome = await targets[service].writer.write(events)
        appended, known = appended + outcome.appended, known + outcome.known
    return appended, known
