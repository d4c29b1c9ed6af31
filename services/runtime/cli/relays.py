"""``maplebridge relay``: publishes a log, or a part of it again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from services.runtime.cli.common import Data, wait_for, with_kafka
from services.runtime.processes.commands import relay

if TYPE_CHECKING:
    from services.chassis.settings import Settings


class Relays(TyperGroup):
    """``relay LOG`` is short for ``relay publish LOG``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts the word in that was left out."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["publish", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=Relays,
    help="""Publishes a log on its topics: maplebridge relay LOG.

Several may run; one publishes, another takes over when it is gone. Settings are read from the environment.

Examples:

  maplebridge relay registry

  maplebridge relay republish registry --from 1
""",
    no_args_is_help=True,
)


app.command("publish")(relay)


@app.command()
def republish(
    service: Annotated[str, typer.Argument(help="registry, incidents, mediation, analytics, city; or alerts.")],
    first: Annotated[int, typer.Option("--from", min=1, metavar="POSITION", help="The first position to send again.")],
    data: Data = None,
) -> None:
    """Sends a log again from a position on, where its topic was deleted or has lost data. Readers drop what they have.

    The databases are those that MAPLEBRIDGE_DSN names, else those of the instance in the data folder.

    Examples:

      maplebridge relay republish registry --from 1

      maplebridge relay republish incidents --from 35270 --data /some/folder

      maplebridge relay republish alerts --from 1
    """
    from services.chassis.settings import Settings

    count = wait_for(_republish(Settings(), data, service, first))
    typer.echo(f"{count:,} events of {service} are published again.")


async def _republish(settings: "Settings", data: Path | None, service: str, first: int) -> int:
    from pydantic import SecretStr

    from services.chassis.postgres import APPLICATION_ROLE
    from services.runtime.databases import for_any
    from services.runtime.folder import DataFolder
    from services.runtime.processes.relay import publish_again
    from services.runtime.reach import reach_postgres

    if settings.dsn is not None:
        return await publish_again(settings, service, first)
    folder = DataFolder.open(data)
    async with reach_postgres(folder) as reached:
        there = {"dsn": SecretStr(for_any(reached.dsn, APPLICATION_ROLE))}
        return await publish_again(with_kafka(settings, data).model_copy(update=there), service, first)
