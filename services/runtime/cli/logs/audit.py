"""``maplebridge log audit``: today's release can read what was ever written."""

from dataclasses import asdict
from typing import Any

import typer

from services.runtime.cli.common import AsJson, Data, logs_of, print_json, wait_for
from services.runtime.cli.logs.progress import progressing
from services.runtime.cli.logs.which import Which, chosen

SHOWN = 1000


def audit(service: Which = None, data: Data = None, as_json: AsJson = False) -> None:
    """Parses every stored event through today's contracts, and says which it cannot read and why.

    Run it before an update is put to work. Reasons name fields, never a value. The status is 1 where any event cannot
    be read; of each log, the first thousand are shown and all are counted.

    Examples:

      maplebridge log audit

      maplebridge log audit incidents --json
    """
    results = wait_for(_audit(service, data, quiet=as_json))
    if as_json:
        print_json(results)
    else:
        for result in results:
            for found in result["unreadable"]:
                typer.echo(
                    f"{result['service']} {found['position']} {found['stream']} {found['type']}: {found['reason']}"
                )
            typer.echo(f"{result['service']}: {result['events']:,} events, {result['failed']:,} cannot be read.")
    if any(result["failed"] for result in results):
        raise typer.Exit(1)


async def _audit(service: str | None, data: Any, *, quiet: bool) -> list[dict[str, Any]]:
    from services.chassis.audit import audit as audited

    results = []
    async with logs_of(data) as logs:
        with progressing(quiet=quiet) as progress:
            for name in chosen(service, logs):
                store = logs[name].store
                task = progress.add_task(name, total=(await store.head()).position)
                events = failed = 0
                shown: list[dict[str, Any]] = []
                async for batch in audited(store):
                    events, failed = batch.position, failed + len(batch.unreadable)
                    shown += [asdict(found) for found in batch.unreadable[: SHOWN - len(shown)]]
                    progress.update(task, completed=events)
                results.append({"service": name, "events": events, "failed": failed, "unreadable": shown})
    return results
