"""``maplebridge projections``: what the read models have read, and building them anew."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.runtime.cli.common import AsJson, Data, parts_of, print_json, wait_for, with_kafka

if TYPE_CHECKING:
    from services.chassis.projections.checkpoints import Stopped
    from services.chassis.projections.model import ReadModel
    from services.runtime.composition import Part

app = typer.Typer(
    help="""What the read models have read, and building them anew.

A read model is made of events alone: one that was built anew has the same rows.

Examples:

  maplebridge projections list

  maplebridge projections diff kpi

  maplebridge projections rebuild kpi

  maplebridge projections rebuild --stopped
""",
    no_args_is_help=True,
)
Name = Annotated[
    str,
    typer.Argument(help="Name of a read model, as in `projections list`; with its service where two share it."),
]


class ReadModelUnknown(LookupError):
    """There is no such read model."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"There is no read model {name!r}; there are {', '.join(known)}.")


class ReadModelAmbiguous(LookupError):
    """Several services have a read model of this name."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"Several services have a read model {name!r}: say {' or '.join(known)}.")


@app.command("list")
def list_(data: Data = None, as_json: AsJson = False) -> None:
    """Lists the read models: what each has read, how far it is behind, what waits in its dead letters.

    Positions and distances count events of the logs that a read model follows. Over Kafka the rules keep theirs with
    their tables: /operations shows how far they are behind.

    Examples:

      maplebridge projections list

      maplebridge projections list --json
    """
    rows = wait_for(_list(data))
    if as_json:
        print_json(rows)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("service", "read model", "version", "has read", "behind", "dead letters", "state")
    for row in rows:
        read = ", ".join(f"{source} {position:,}" for source, position in row["position"].items())
        about = (row["service"], row["name"], str(row["version"] or ""), read or "see /operations")
        behind = "" if row["behind"] is None else f"{row['behind']:,}"
        table.add_row(*about, behind, str(row["dead"]), row["state"])
    Console().print(table)
    for row in rows:
        for reason in row["stopped"]:
            typer.echo(f"{row['name']}: {reason}")


async def _list(data: Any) -> list[dict[str, Any]]:
    from services.chassis.projections import deadletters

    rows: list[dict[str, Any]] = []
    async with parts_of(data) as parts:
        heads = {name: (await part.context.store.head()).position for name, part in parts.items()}
        for name, part in parts.items():
            stopped = await part.context.checkpoints.stopped()
            rows += [await _follower(name, part, worker.name, heads) for worker in part.service.followers]
            for model in part.service.read_models:
                position = await part.context.checkpoints.position(model.name)
                letters = await deadletters.listed(part.context.database.pool, model.name)
                behind = sum(max(0, heads[source] - position.get(source, 0)) for source in model.sources)
                rows.append(
                    {
                        "service": name,
                        "name": model.name,
                        "version": model.version,
                        "position": position,
                        "behind": behind,
                        "dead": len(letters),
                        **_state(model.name, stopped),
                    }
                )
    return rows


async def _follower(service: str, part: "Part", name: str, heads: dict[str, int]) -> dict[str, Any]:
    """The same of a worker that follows logs; it has no version, and may keep elsewhere what it has read."""
    from services.chassis.projections import deadletters

    position = await part.context.checkpoints.position(name)
    letters = await deadletters.listed(part.context.database.pool, name)
    return {
        "service": service,
        "name": name,
        "version": None,
        "position": position,
        "behind": sum(max(0, heads[source] - read) for source, read in position.items()) if position else None,
        "dead": len(letters),
        **_state(name, await part.context.checkpoints.stopped()),
    }


def _state(name: str, stopped: "list[Stopped]") -> dict[str, Any]:
    reasons = [each.reason for each in stopped if each.projection == name]
    return {"state": "stopped" if reasons else "reading", "stopped": reasons}


@app.command()
def rebuild(
    name: Annotated[
        str | None, typer.Argument(help="As in `projections list`; with its service where two share it.")
    ] = None,
    stopped: Annotated[
        bool, typer.Option("--stopped", help="All that `projections list` calls stopped, as after a restored log.")
    ] = False,
    back: Annotated[bool, typer.Option("--back", help="Switch back to what the last rebuild replaced.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Builds a read model anew beside the live one, compares the two at the same position, and switches.

    The live one goes on answering meanwhile. What it replaced is kept until the next rebuild.

    The rules have nothing to compare: they forget what they know and read the logs again, and alerts that come out
    again stay as they are. Stream workers rest until their topics are made anew; ended ones may stay so.

    Examples:

      maplebridge projections rebuild kpi

      maplebridge projections rebuild rules

      maplebridge projections rebuild --stopped

      maplebridge projections rebuild kpi --back
    """
    if (name is None) is not stopped or (stopped and back):
        raise typer.BadParameter("Name a read model, or say --stopped for all that have stopped.")
    if name is not None:
        _say(wait_for(_back(name, data) if back else _rebuild(name, data, switch=True)), as_json)
        return
    names = wait_for(_stopped(data))
    if not names and not as_json:
        typer.echo("No read model has stopped.")
    results = []
    for each in names:
        results.append(wait_for(_rebuild(each, data, switch=True)))
        if not as_json:
            typer.echo(f"{each}:")
            _say(results[-1], as_json)
    if as_json:
        print_json(results)


async def _stopped(data: Any) -> Sequence[str]:
    """What has stopped and can be built anew, by the names that ``rebuild`` takes.

    Where a service's own log was restored, whoever writes to it out of other logs knows more than it says, and begins
    anew as well.
    """
    names: list[str] = []
    async with parts_of(data) as parts:
        for service, part in parts.items():
            stopped = await part.context.checkpoints.stopped()
            still = {each.projection for each in stopped}
            own = any(each.source == service for each in stopped)
            workers = (*part.service.workers, *part.service.followers)
            names += [each.name for each in workers if each.reset is not None and (own or each.name in still)]
            names += [f"{service}.{model.name}" for model in part.service.read_models if model.name in still]
    return names


@app.command()
def diff(name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """Compares a read model, row by row at the same position, with one built anew; changes nothing.

    The status is 1 where they differ.

    Examples:

      maplebridge projections diff floors

      maplebridge projections diff incidents.openings
    """
    result = wait_for(_rebuild(name, data, switch=False))
    _say(result, as_json)
    if not result["equal"]:
        raise typer.Exit(1)


async def rebuild_worker(name: str, data: Any) -> dict[str, Any] | None:
    """Rebuild a worker that follows logs, such as the rules; None where no worker has that name."""
    async with parts_of(data) as parts:
        if (worker := worker_of(name, parts)) is None:
            return None
        await rebuild_from_logs(*worker, data)
    return {"model": name, "position": {}, "tables": [], "equal": True, "switched": True}


def worker_of(name: str, parts: "Mapping[str, Part]") -> "tuple[Part, Callable[[], Awaitable[None]], str] | None":
    """The service of a worker that can be rebuilt from the logs, its reset, and its name; None where none can."""
    for part in parts.values():
        for worker in (*part.service.workers, *part.service.followers):
            if worker.name == name and worker.reset is not None:
                return part, worker.reset, name
    return None


async def rebuild_from_logs(part: "Part", reset: "Callable[[], Awaitable[None]]", name: str, data: Any) -> None:
    """Reset a worker, so that it reads the logs again from the beginning, stream workers included."""
    async with _streams_emptied(part, name, data):
        await reset()


@contextlib.asynccontextmanager
async def _streams_emptied(part: "Part", name: str, data: Any) -> AsyncIterator[None]:
    """The rules may be run by stream workers instead, which keep what they know beside their topics."""
    from services.analytics.rules.worker import NAME

    settings = part.context.settings
    if settings.dsn is None:
        settings = with_kafka(settings, data)
    if name != NAME or settings.kafka is None:
        yield
        return
    from services.analytics.rules.stream.anew import emptied  # where there is no Kafka, nothing of it is installed
    from services.runtime.principals import rules_anew
    from services.runtime.topics import reached

    async with reached(settings, rules_anew(settings)):
        pass  # what is not allowed is said before the workers are put to rest
    async with emptied(settings, part.context.checkpoints):
        yield


async def _rebuild(name: str, data: Any, *, switch: bool) -> dict[str, Any]:
    from rich.progress import Progress

    from services.chassis.postgres import engine
    from services.chassis.projections.rebuild import Rebuild

    if switch and (rebuilt := await rebuild_worker(name, data)):
        return rebuilt
    async with parts_of(data) as parts:
        part, model = found(name, parts)
        owner = engine(part.host.owner_dsn, connections=2)
        heads = {source: (await parts[source].context.store.head()).position for source in model.sources}
        try:
            with Progress(transient=True) as progress:
                tasks = {source: progress.add_task(f"{name} from {source}", total=heads[source]) for source in heads}
                rebuild = Rebuild(
                    model,
                    owner,
                    part.context.database.dsn,
                    part.context.readers,
                    lambda source, position: progress.update(tasks[source], completed=position),
                )
                await rebuild.prepare()
                comparison = await rebuild.run(switch=switch)
        finally:
            await owner.dispose()
    return asdict(comparison) | {"equal": comparison.equal, "switched": switch}


async def _back(name: str, data: Any) -> dict[str, Any]:
    from services.chassis.postgres import engine
    from services.chassis.projections.rebuild import Rebuild

    async with parts_of(data) as parts:
        part, model = found(name, parts)
        owner = engine(part.host.owner_dsn, connections=2)
        try:
            switched = await Rebuild(model, owner, part.context.database.dsn, part.context.readers).back()
        finally:
            await owner.dispose()
    return {"model": name, "position": {}, "tables": [], "equal": True, "switched": switched}


def found(name: str, parts: "Mapping[str, Part]") -> "tuple[Part, ReadModel]":
    """The read model of a name, plain or as ``service.name``, and the service that it belongs to.

    Raises:
        ReadModelUnknown: there is none. ReadModelAmbiguous: several services have one.
    """
    known = {f"{service}.{model.name}": (part, model) for service, part in parts.items() for model in _models(part)}
    matching = [full for full, (_, model) in known.items() if name in {full, model.name}]
    if not matching:
        raise ReadModelUnknown(name, sorted({model.name for _, model in known.values()}))
    if len(matching) > 1:
        raise ReadModelAmbiguous(name, matching)
    return known[matching[0]]


def _models(part: "Part") -> "tuple[ReadModel, ...]":
    return part.service.read_models


def _say(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(result)
        return
    for table in result["tables"]:
        typer.echo(
            f"{result['model']}.{table['table']}: {table['rows']:,} rows, "
            f"{table['missing']:,} missing, {table['surplus']:,} too many"
        )
    words = "The two are equal." if result["equal"] else "The two differ."
    typer.echo(f"{words} {'Switched.' if result['switched'] else 'Nothing was switched.'}")
