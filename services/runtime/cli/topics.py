"""``maplebridge topics``: what topics there should be, and whether Kafka has them so."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.runtime.cli.common import AsJson, Data, logs_of, print_json, wait_for, with_kafka

if TYPE_CHECKING:
    from services.chassis.kafka.topics import Difference, Found, Topic

app = typer.Typer(
    help="""Plan Kafka's topics, and make them as planned.

Kafka is the one that MAPLEBRIDGE_KAFKA names, else the one that runs in the data folder. Names begin with
MAPLEBRIDGE_TOPIC_PREFIX; MAPLEBRIDGE_TOPIC_PARTITIONS and MAPLEBRIDGE_TOPIC_REPLICAS say how many there are of each.

Examples:

  maplebridge topics plan

  maplebridge topics apply --json

  maplebridge topics grant

  maplebridge topics grow 8
""",
    no_args_is_help=True,
)


@app.command()
def plan(data: Data = None, as_json: AsJson = False) -> None:
    """Shows the planned topics and where Kafka differs from them.

    Changes nothing. The status is 1 where something differs.

    Examples:

      maplebridge topics plan

      maplebridge topics plan --json
    """
    _report(*wait_for(_look(data)), as_json=as_json)


@app.command()
def apply(data: Data = None, as_json: AsJson = False) -> None:
    """Makes what is missing and sets what differs.

    Deletes nothing and grows no topic, see `maplebridge topics grow`. The status is 1 where something is left that
    differs.

    Examples:

      maplebridge topics apply

      maplebridge topics apply --data /some/folder --json
    """
    _report(*wait_for(_make(data)), as_json=as_json)


@app.command("grant")
def grant_(data: Data = None, as_json: AsJson = False) -> None:
    """Gives each process's user of Kafka the rights that the process needs, and takes away what it has beside them.

    For a Kafka that checks rights, as one of its super users. Users and passwords are made elsewhere; a user is called
    maplebridge- and the name of the process. The Kafka of a data folder has its rights already.

    Examples:

      maplebridge topics grant

      maplebridge topics grant --json
    """
    users = wait_for(_grant(data))
    if as_json:
        print_json({"users": users})
    else:
        typer.echo(f"These have their rights: {', '.join(users)}.")


async def _grant(data: Path | None) -> list[str]:
    from services.chassis.kafka.granting import grant
    from services.chassis.settings import Settings
    from services.runtime.kafka.users import PREFIX
    from services.runtime.principals import principals
    from services.runtime.topics import reached

    settings = with_kafka(Settings(), data)
    rights = {PREFIX + name: grants for name, grants in principals(settings).items()}
    async with reached(settings) as admin:
        await grant(admin, rights)
    return list(rights)


@app.command()
def grow(
    partitions: Annotated[int, typer.Argument(min=1, max=1000, help="How many each of them shall have.")],
    topics: Annotated[
        list[str] | None,
        typer.Argument(help="registry, incidents, mediation, analytics, city or alerts. Default: what the rules read."),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Gives topics more partitions, while everything runs.

    Streams keep their order: relays tell every partition where the old ones end, and readers read those first. The
    rules keep what they know by partition, so the topics that they read grow together, and they begin anew. It may be
    run again at any time. Kafka takes no partition away.

    Examples:

      maplebridge topics grow 8

      maplebridge topics grow 12 city
    """
    sources = wait_for(_grow(data, partitions, topics or []))
    if as_json:
        print_json({"partitions": partitions, "rules": sources})
    else:
        more = f" The rules read {', '.join(sources)} and begin anew." if sources else ""
        typer.echo(f"Done: {partitions} partitions.{more}")


async def _grow(data: Path | None, partitions: int, names: list[str]) -> list[str]:
    from services.chassis.settings import Settings
    from services.runtime.cli.projections import rebuild_worker
    from services.runtime.principals import grown
    from services.runtime.topics import grow_topics, told_of_growth

    settings = with_kafka(Settings(), data)
    sources = await grow_topics(settings, names, partitions, grown(settings))
    if sources:
        async with logs_of(data) as logs:
            for source in sources:
                if (await logs[source].store.head()).position:
                    await told_of_growth(settings, source, partitions)
        await rebuild_worker("rules", data)
    return sources


async def _look(data: Path | None) -> "tuple[Sequence[Topic], Mapping[str, Found], list[Difference]]":
    from services.chassis.kafka.topics import differences, find
    from services.chassis.settings import Settings
    from services.runtime.principals import seen
    from services.runtime.topics import plan_beside, reached

    settings = with_kafka(Settings(), data)
    async with reached(settings, seen(settings)) as admin:
        topics = await plan_beside(admin, settings)
        found = await find(admin, [topic.name for topic in topics])
    return topics, found, differences(topics, found)


async def _make(data: Path | None) -> "tuple[Sequence[Topic], Mapping[str, Found], list[Difference]]":
    from services.chassis.kafka.topics import apply as make
    from services.chassis.kafka.topics import find
    from services.chassis.settings import Settings
    from services.runtime.principals import applied
    from services.runtime.topics import plan_beside, reached

    settings = with_kafka(Settings(), data)
    async with reached(settings, applied(settings)) as admin:
        topics = await plan_beside(admin, settings)
        left = await make(admin, topics)
        return topics, await find(admin, [topic.name for topic in topics]), left


def _report(
    topics: "Sequence[Topic]", found: "Mapping[str, Found]", different: "list[Difference]", *, as_json: bool
) -> None:
    if as_json:
        print_json({"topics": [asdict(topic) for topic in topics], "differences": [asdict(one) for one in different]})
    else:
        _show(topics, found, different)
    if different:
        raise typer.Exit(1)


def _show(topics: "Sequence[Topic]", found: "Mapping[str, Found]", different: "list[Difference]") -> None:
    from rich.console import Console
    from rich.table import Table

    from services.chassis.kafka.topics import PARTITIONS

    table = Table(box=None, pad_edge=False)
    for column in ("topic", "what", "planned", "found", ""):
        table.add_column(column, overflow="fold")
    for one in different:
        cure = "grow mends it" if one.what == PARTITIONS else "apply mends it" if one.applies else "left to you"
        table.add_row(one.topic, one.what, one.planned, one.found, cure)
    for topic in topics:
        if not any(one.topic == topic.name for one in different):
            count = found[topic.name].partitions
            planned, there = f"{topic.partitions} partitions, {topic.settings['cleanup.policy']}", "as planned"
            table.add_row(
                topic.name, "topic", planned, there if count == topic.partitions else f"{count} partitions", ""
            )
    Console().print(table)
