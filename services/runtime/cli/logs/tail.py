"""``maplebridge log tail``: what happened last."""

import asyncio
from typing import Annotated, Any

import typer

from services.runtime.cli.common import AsJson, Data, logs_of, print_json, wait_for
from services.runtime.cli.logs.which import chosen


def tail(
    service: Annotated[str, typer.Argument(help="registry, incidents, mediation or analytics.")],
    last: Annotated[int, typer.Option("-n", "--last", min=0, max=10000, help="How many to begin with.")] = 10,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on as events come.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Shows the last events of a log.

    What is personal stands there as ids and ciphertext, never as a name.

    Examples:

      maplebridge log tail registry

      maplebridge log tail incidents -n 50 --follow

      maplebridge log tail mediation --json | jq .type
    """
    wait_for(_tail(service, last, follow, data, as_json))


async def _tail(service: str, last: int, follow: bool, data: Any, as_json: bool) -> None:
    async with logs_of(data) as logs:
        (name,) = chosen(service, logs)
        store = logs[name].store
        after = max(0, (await store.head()).position - last)
        while True:
            for event in await store.stored(after + 1, after + 500):
                after = event.position
                _show(event, as_json)
            if not follow and after >= (await store.head()).position:
                return
            await asyncio.sleep(0.3)


def _show(event: Any, as_json: bool) -> None:
    import orjson

    if as_json:
        print_json(
            {
                "position": event.position,
                "stream": event.stream,
                "version": event.version,
                "id": str(event.id),
                "type": event.type,
                "effective_at": event.effective_at.isoformat(),
                "recorded_at": event.recorded_at.isoformat(),
                "metadata": event.about,
                "data": orjson.loads(event.data),
            }
        )
        return
    who = event.about.get("actor", {})
    when = event.recorded_at.strftime("%Y-%m-%d %H:%M:%S")
    typer.echo(f"{event.position:>8} {when} {event.type:<38} {event.stream} by {who.get('role')} {who.get('id')}")
