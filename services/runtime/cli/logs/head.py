"""``maplebridge log head``: where each log ends."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from services.runtime.cli.common import AsJson, Data, logs_of, print_json, wait_for
from services.runtime.cli.logs.which import SigningKey, Which, chosen, signing_key


def head(
    service: Which = None,
    sign: Annotated[
        Path | None, typer.Option("--sign", metavar="FILE", help="Write the heads, signed, to a file that is kept.")
    ] = None,
    key: SigningKey = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Says where each log ends, and its hash there.

    Keep it elsewhere: the chain of a log that was rewritten as a whole is whole, but ends in another hash. A signed
    file can be given to others; 'log verify --against' compares the logs with it. Keep the public key that is said here
    apart from the file.

    Examples:

      maplebridge log head

      maplebridge log head registry --json

      maplebridge log head --sign heads.json
    """
    heads = wait_for(_heads(service, data))
    if sign is not None:
        _write(sign, heads, signing_key(data, key), quiet=as_json)
    if as_json:
        print_json([each.model_dump(mode="json") for each in heads])
        return
    for each in heads:
        typer.echo(f"{each.service:<10} {each.position:>10,}  {each.hash}  {each.recorded_at.isoformat()}")


async def _heads(service: str | None, data: Any) -> list[Any]:
    from services.chassis.eventstore.signed import head_of

    async with logs_of(data) as logs:
        return [await head_of(logs[name].store) for name in chosen(service, logs)]


def _write(path: Path, heads: list[Any], key: Any, *, quiet: bool) -> None:
    from services.chassis.eventstore.signed import SignedHeads

    found = SignedHeads.sign(heads, key, datetime.now(UTC))
    path.write_text(found.model_dump_json(indent=2) + "\n", encoding="utf-8")
    if not quiet:
        typer.echo(f"{path} is signed by {found.public_key}", err=True)
