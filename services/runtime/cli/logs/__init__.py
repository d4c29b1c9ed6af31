"""``maplebridge log``: look at the logs, check them, keep parts of them elsewhere."""

import typer

from services.runtime.cli.logs import audit, files, head, tail, verify

app = typer.Typer(
    help="""Look at the event logs, check that nobody has rewritten them, and keep parts of them elsewhere.

Each service has a log of its own; a command without a name takes all.

Examples:

  maplebridge log verify

  maplebridge log head --sign heads.json

  maplebridge log tail incidents --follow

  maplebridge log export registry registry.jsonl.zst
""",
    no_args_is_help=True,
)
for command in (
    verify.verify,
    head.head,
    tail.tail,
    audit.audit,
    files.export,
    files.archive,
    files.check,
    files.restore,
):
    app.command(command.__name__)(command)
