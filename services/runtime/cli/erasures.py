"""``maplebridge erasures``: the ledger of what was erased, kept apart from the databases."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.runtime.cli.common import AsJson, Data, parts_of, print_json, wait_for
from services.runtime.cli.logs.which import chosen

if TYPE_CHECKING:
    from services.chassis.vault import Vault

app = typer.Typer(
    help="""The ledger of erasures: which keys were destroyed, kept apart from the databases.

A backup of a database from before an erasure has the key that was destroyed since. So each service applies its ledger
when it starts, before it answers anybody. The ledger is in the folder that MAPLEBRIDGE_ERASURE_FOLDER names, else in
the data folder, below erasures. Keep copies of it, and never put it back older than it was.

Examples:

  maplebridge erasures list registry

  maplebridge erasures apply
""",
    no_args_is_help=True,
)
Service = Annotated[
    str | None, typer.Argument(metavar="[SERVICE]", help="registry, incidents, mediation or analytics; default: all.")
]


@app.command("list")
def list_(service: Service = None, data: Data = None, as_json: AsJson = False) -> None:
    """Lists what was erased and when, oldest first; ids, and nothing personal. Each line is checked.

    Examples:

      maplebridge erasures list

      maplebridge erasures list registry --json
    """

    async def listed(name: str, vault: "Vault") -> list[dict[str, Any]]:
        erasures = await vault.erasures()
        return [{"service": name, "key": key, "erased_at": at} for key, at in erasures.items()]

    rows = [row for found in wait_for(_each(service, data, listed)) for row in found]
    if as_json:
        print_json([row | {"erased_at": row["erased_at"].isoformat()} for row in rows])
        return
    for row in rows:
        typer.echo(f"{row['service']:<10} {row['erased_at'].isoformat()}  {row['key']}")
    if not rows:
        typer.echo("Nothing was erased.")


@app.command()
def apply(service: Service = None, data: Data = None, as_json: AsJson = False) -> None:
    """Destroys again the keys that the ledger says were erased and that a backup of the database brought back.

    A service does this by itself when it starts. One that runs meanwhile may use a key for a minute longer.

    Examples:

      maplebridge erasures apply

      maplebridge erasures apply registry --json
    """

    async def applied(name: str, vault: "Vault") -> dict[str, Any]:
        return {"service": name} | asdict(await vault.apply_ledger())

    line = "{service}: {erasures:,} erasures, {destroyed:,} keys destroyed again."
    _report(wait_for(_each(service, data, applied)), line, as_json=as_json)


@app.command()
def mend(service: Service = None, data: Data = None, as_json: AsJson = False) -> None:
    """Puts on the ledger what the databases know to be erased and it lacks, where no copy of it is left.

    What was erased after the last backup, and is on no ledger, is lost to it.

    Examples:

      maplebridge erasures mend registry
    """

    async def mended(name: str, vault: "Vault") -> dict[str, Any]:
        return {"service": name, "added": await vault.mend_ledger()}

    line = "{service}: {added:,} erasures put on the ledger."
    _report(wait_for(_each(service, data, mended)), line, as_json=as_json)


def _report(results: list[Any], line: str, *, as_json: bool) -> None:
    if as_json:
        print_json(results)
        return
    for each in results:
        typer.echo(line.format_map(each))


async def _each(service: str | None, data: Path | None, work: "Callable[[str, Vault], Awaitable[Any]]") -> list[Any]:
    async with parts_of(data) as parts:
        return [await work(name, parts[name].context.vault) for name in chosen(service, parts, "service")]
