"""``maplebridge deadletters``: events that a read model could not take in."""

import contextlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.runtime.cli.common import AsJson, Data, parts_of, print_json, wait_for
from services.runtime.cli.projections import ReadModelAmbiguous, found, rebuild_from_logs, worker_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from services.runtime.composition import Part

app = typer.Typer(
    help="""Events that a read model could not take in. One stops its own stream there, and nothing else.

Mend what was wrong first, with a release that can take the event in; then retry.

Examples:

  maplebridge deadletters list

  maplebridge deadletters retry kpi
""",
    no_args_is_help=True,
)
Model = Annotated[
    str, typer.Argument(help="Name of a read model; with its service where two share it (incidents.openings).")
]
Stream = Annotated[str | None, typer.Option("--stream", help="Only this stream; default: all that wait.")]


@app.command("list")
def list_(
    model: Annotated[str | None, typer.Argument(help="Name of a read model; default: all.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Lists what waits: which event of which stream, and why.

    The later events of such a stream wait behind the first, since a stream is read in its order.

    Examples:

      maplebridge deadletters list

      maplebridge deadletters list kpi --json
    """

    async def work() -> list[dict[str, Any]]:
        from services.chassis.projections import deadletters

        service, _, plain = (model or "").rpartition(".")
        async with parts_of(data) as parts:
            if model is not None:
                with contextlib.suppress(ReadModelAmbiguous):  # it is listed of each that has one
                    worker_of(model, parts) or found(model, parts)
            rows = []
            for name, part in parts.items():
                if service not in {"", name}:
                    continue
                letters = await deadletters.listed(part.context.database.pool, plain or None)
                rows += [{"service": name} | asdict(letter) for letter in letters]
            return rows

    rows = wait_for(work())
    if as_json:
        print_json(rows)
    elif not rows:
        typer.echo("Nothing waits.")
    for row in [] if as_json else rows:
        typer.echo(
            f"{row['projection']}: {row['source']} {row['position']} {row['stream']} {row['type']}: {row['error']}"
        )


@app.command()
def retry(model: Model, stream: Stream = None, data: Data = None) -> None:
    """Folds waiting events in again, in order; what still fails goes on waiting.

    Other streams go on meanwhile. The rules keep no events apart: they begin again and read the logs from the start.

    Examples:

      maplebridge deadletters retry kpi

      maplebridge deadletters retry rules

      maplebridge deadletters retry kpi --stream incident-0198c7c4
    """
    done, failed = wait_for(_each(model, stream, data, drop=False))
    typer.echo(f"{done:,} events taken in; {failed:,} streams still wait.")
    if failed:
        raise typer.Exit(1)


@app.command()
def drop(
    model: Model,
    stream: Annotated[str, typer.Option("--stream", help="Which stream.")],
    data: Data = None,
) -> None:
    """Gives up on a stream's waiting events; the read model lacks them until it is rebuilt.

    The log keeps them.

    Examples:

      maplebridge deadletters drop kpi --stream incident-0198c7c4
    """
    done, _ = wait_for(_each(model, stream, data, drop=True))
    typer.echo(f"{done:,} events dropped.")


async def _each(name: str, only: str | None, data: Any, *, drop: bool) -> tuple[int, int]:
    from services.chassis.postgres import connect
    from services.chassis.projections import deadletters

    done = failed = 0
    async with parts_of(data) as parts:
        if (worker := worker_of(name, parts)) is not None:
            return await _of_worker(worker, only, data, drop=drop)
        part, model = found(name, parts)
        pool = part.context.database.pool
        connection = await connect(part.context.database.dsn, search_path=model.name)
        try:
            waiting = await deadletters.streams(pool, model.name)
            _known(name, only, waiting)
            for source, stream in waiting:
                if only not in (None, stream):
                    continue
                if drop:
                    done += await deadletters.drop(pool, model.name, source, stream)
                    continue
                try:
                    done += await deadletters.retry(connection, model, part.context.readers[source], stream)
                except Exception as error:  # noqa: BLE001 - said, and the others go on
                    typer.echo(f"{stream}: {deadletters.reason(error)}", err=True)
                    failed += 1
        finally:
            await connection.close()
    return done, failed


def _known(name: str, only: str | None, waiting: list[tuple[str, str]]) -> None:
    if only is not None and only not in {stream for _, stream in waiting}:
        raise typer.BadParameter(
            f"nothing of {only} waits in {name}; see maplebridge deadletters list {name}.", param_hint="--stream"
        )


async def _of_worker(
    worker: "tuple[Part, Callable[[], Awaitable[None]], str]", only: str | None, data: Any, *, drop: bool
) -> tuple[int, int]:
    """The rules keep what they know by unit: a retry reads the logs again, which forgets what waited."""
    from services.chassis.projections import deadletters

    part, _, name = worker
    pool = part.context.database.pool
    waiting = await deadletters.streams(pool, name)
    _known(name, only, waiting)
    if not drop:
        letters = await deadletters.listed(pool, name)
        await rebuild_from_logs(*worker, data)
        typer.echo(f"{name} begins again from the logs; {len(letters):,} events that waited are read again.")
        raise typer.Exit  # what still cannot be read is set aside again when it comes to it
    return sum([await deadletters.drop(pool, name, *each) for each in waiting if each[1] == only]), 0
