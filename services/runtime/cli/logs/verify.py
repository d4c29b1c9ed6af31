"""``maplebridge log verify``: nobody has rewritten the logs."""

import functools
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.runtime.cli.common import AsJson, Data, logs_of, print_json, wait_for
from services.runtime.cli.logs.progress import progressing
from services.runtime.cli.logs.which import Signer, Which, chosen, signer_of

if TYPE_CHECKING:
    from services.chassis.eventstore.signed import LogHead
    from services.chassis.service import ServiceContext
    from services.runtime.verifying import Remembered


def verify(
    service: Which = None,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="FILE", help="Signed heads that the logs must still hold.")
    ] = None,
    signer: Signer = None,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Begin anew, although a check was interrupted.")
    ] = False,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, max=64, help="How many at once; default: as many as cores.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Follows the hash chain from the first event to the head.

    A row that was altered, removed or put in from outside is named by its position; the status is then 1. A check that
    is interrupted goes on where it stood the next time.

    Examples:

      maplebridge log verify

      maplebridge log verify registry --json

      maplebridge log verify --against heads.json
    """
    heads = _read(against, signer_of(data, signer)) if against else ()
    results = wait_for(_verify(service, data, heads, processes or os.cpu_count() or 1, from_start, quiet=as_json))
    if as_json:
        print_json(results)
    else:
        for result in results:
            typer.echo(f"{result['service']}: {result['sentence']}")
    if not all(result["whole"] for result in results):
        raise typer.Exit(1)


def _read(path: Path, signer: str) -> "tuple[LogHead, ...]":
    from services.chassis.eventstore.signed import SignedHeads

    return SignedHeads.read(path.read_bytes(), signer).heads


async def _verify(
    service: str | None, data: Any, heads: "Sequence[LogHead]", processes: int, from_start: bool, *, quiet: bool
) -> list[dict[str, Any]]:
    from services.chassis.eventstore.signed import HeadsRefused
    from services.runtime.folder import DataFolder
    from services.runtime.verifying import Remembered

    async with logs_of(data) as logs:
        names = [name for name in chosen(service, logs) if not heads or any(head.service == name for head in heads)]
        if not names:
            raise HeadsRefused("The file holds no head of what is to be checked: leave the service's name away.")
        remembered = Remembered(DataFolder.open(data).path / "verifying.json")
        if from_start:
            remembered.clear()
        with progressing(quiet=quiet) as progress:
            follow = functools.partial(_follow, processes=processes, remembered=remembered, progress=progress)
            return [
                {"service": name} | await _outcome(logs[name], [h for h in heads if h.service == name], follow)
                for name in names
            ]


async def _outcome(
    log: "ServiceContext", heads: "list[LogHead]", follow: "Callable[[ServiceContext], Awaitable[int]]"
) -> dict[str, Any]:
    from services.chassis.eventstore.signed import HeadLost, must_hold
    from services.chassis.eventstore.verify import ChainBroken

    try:
        for head in heads:
            await must_hold(log.store, head)
        at = await follow(log)
    except (ChainBroken, HeadLost) as error:
        return {"whole": False, "position": error.position, "sentence": str(error)}
    held = f" and holds the head signed at {heads[-1].position:,}" if heads else ""
    return {"whole": True, "position": at, "sentence": f"{at:,} events, the chain is whole{held}."}


async def _follow(log: "ServiceContext", processes: int, remembered: "Remembered", progress: Any) -> int:
    from services.chassis.eventstore.segments import verify_in_segments

    store = log.store
    head = await store.head()
    after = remembered.of(store.source, head.lineage)
    task = progress.add_task(store.source, total=head.position, completed=after.position if after else 0)
    at = after.position if after else 0
    async for known in verify_in_segments(store, log.database.dsn, after, processes=processes):
        at = known.position
        progress.update(task, completed=at)
        remembered.put(store.source, head.lineage, known)
    remembered.forget(store.source)
    return at
