"""``maplebridge kafka``: a local Apache Kafka, for tests and for trying the real thing."""

from dataclasses import asdict
from typing import Annotated

import typer

from services.runtime.cli.common import AsJson, Data, print_json, wait_for

app = typer.Typer(
    help="""A local Apache Kafka, without Docker or a Java of the system.

For tests and for trying the real thing; it listens on 127.0.0.1 alone. Production brings its own.

Examples:

  maplebridge kafka up

  maplebridge kafka status --json

  maplebridge kafka down
""",
    no_args_is_help=True,
)


@app.command()
def up(
    data: Data = None,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Port for clients. Default: a free one, kept.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Starts Kafka in the data folder and leaves it running; what it holds stays from start to start.

    It lets in who has a password: each process is a user of its own, and may do what that process does. The users and
    their passwords are in kafka.users of the data folder.

    The first time it fetches Apache Kafka (44 MB) from Maven's repository and keeps it in the user's cache.

    Examples:

      maplebridge kafka up

      maplebridge kafka up --data /some/folder --port 9092 --json
    """
    import contextlib

    from rich.console import Console

    from services.chassis.settings import Settings
    from services.runtime.folder import DataFolder
    from services.runtime.kafka.staying import PortFixed, RunsAlready, stay
    from services.runtime.principals import principals
    from services.runtime.steps import Steps

    folder = DataFolder.open(data).path
    steps = Steps(Console(stderr=True))
    say = (lambda _: None) if as_json else steps.begin
    try:
        with contextlib.nullcontext() if as_json else steps:
            server = wait_for(stay(folder, principals(Settings()), port=port, say=say))
        bootstrap, started, stays = server.bootstrap, True, True
    except RunsAlready as already:
        if not already.where.bootstrap:
            raise
        if port and not already.where.bootstrap.endswith(f":{port}"):
            raise PortFixed(already.where.bootstrap, port) from None
        bootstrap, started, stays = already.where.bootstrap, False, already.where.stays
    if as_json:
        print_json({"bootstrap": bootstrap, "started": started, "users": str(folder / "kafka.users")})
    else:
        typer.echo(f"Kafka {'is' if started else 'runs already'} at {bootstrap}")
        typer.echo(f"Users and passwords are in {folder / 'kafka.users'}.")
        typer.echo("`maplebridge kafka down` ends it." if stays else "It belongs to an instance, and ends with it.")


@app.command()
def down(data: Data = None, as_json: AsJson = False) -> None:
    """Ends the Kafka that `up` started.

    Nothing of it is left running, and its data stays.

    Examples:

      maplebridge kafka down

      maplebridge kafka down --data /some/folder --json
    """
    from services.runtime.folder import DataFolder
    from services.runtime.kafka.staying import end

    folder = DataFolder.open(data).path
    ended = wait_for(end(folder))
    if as_json:
        print_json({"ended": ended})
    else:
        typer.echo("Kafka has ended." if ended else f"No Kafka runs in {folder}.")


@app.command()
def status(data: Data = None, as_json: AsJson = False) -> None:
    """Says whether Kafka runs in the data folder, and where.

    The status is 1 when none answers.

    Examples:

      maplebridge kafka status

      maplebridge kafka status --data /some/folder --json
    """
    from services.runtime.folder import DataFolder
    from services.runtime.kafka.staying import status as asked

    folder = DataFolder.open(data).path
    found = wait_for(asked(folder))
    if as_json:
        print_json(asdict(found))
    elif not found.running:
        typer.echo(f"No Kafka runs in {folder}.")
    else:
        how = "answers" if found.answers else "does not answer yet"
        whose = "stays until `maplebridge kafka down`" if found.stays else "belongs to a running instance"
        typer.echo(
            f"Kafka {found.version} {how} at {found.bootstrap} (process {found.pid}, {found.memory / 1e6:.0f} MB); "
            f"it {whose}."
        )
    if not found.answers:
        raise typer.Exit(1)
