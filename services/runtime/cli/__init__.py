"""The ``maplebridge`` command."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from services.runtime.cli import (
    deadletters,
    doctor,
    erasures,
    importing,
    kafka,
    logs,
    projections,
    relays,
    running,
    tokens,
    topics,
)
from services.runtime.processes import commands
from services.runtime.sentences import one_sentence

app = typer.Typer(
    name="maplebridge",
    help="""Maple Bridge (枫桥): the ledger, the teahouse and the dispatch room of a neighbourhood.

Start with [bold]maplebridge demo[/bold], or with [bold]maplebridge up[/bold] for an instance of your own.

Each command works on a data folder: --data, else $XDG_DATA_HOME/maplebridge or ~/.local/share/maplebridge.
Where an instance runs in that folder, commands use its PostgreSQL; else they start it for as long as they need it.
Without --data, and where MAPLEBRIDGE_DSN is set, they use the databases that it names.

Examples:

  maplebridge demo --port 8090

  maplebridge up --data /srv/maplebridge

  maplebridge doctor --json
""",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("maplebridge"))
        raise typer.Exit


@app.callback()
def options(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")] = False,
) -> None:
    """Common to all commands."""


app.command("demo")(running.demo)
app.command("up")(running.up)
app.command("import")(importing.import_)
app.command("token")(tokens.token)
app.add_typer(logs.app, name="log")
app.add_typer(projections.app, name="projections")
app.add_typer(deadletters.app, name="deadletters")
app.add_typer(erasures.app, name="erasures")
app.add_typer(kafka.app, name="kafka")
app.add_typer(topics.app, name="topics")
app.command("doctor")(doctor.doctor)
ONE_PROCESS = "One process each, from settings in the environment"
for command in (commands.migrate, commands.serve, commands.project, commands.stream, commands.pages):
    app.command(command.__name__, rich_help_panel=ONE_PROCESS)(command)
app.add_typer(relays.app, name="relay", rich_help_panel=ONE_PROCESS)
app.command("gateway", rich_help_panel=ONE_PROCESS)(commands.gateway)
app.command("city", hidden=True)(commands.city)
app.command("load-demonstration", hidden=True)(commands.load_demonstration)


def main(words: Sequence[str] | None = None) -> None:
    """Runs the command that some words ask for, those of the process where none are given; ends the process.

    What goes wrong becomes one sentence and a status.
    """
    with one_sentence():
        app(words, prog_name="maplebridge")
    sys.exit(0)
