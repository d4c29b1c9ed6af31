"""``maplebridge topics``: what topics there should be, and whether Kafka has them so."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from services.runtime.cli.common import AsJson, Data, print_json, wait_for, with_kafka

if TYPE_CHECKING:
    from services.chassis.kafka.topics import Difference, Topic

app = typer.Typer(
    help="""Plan Kafka's topics, and make them as planned.

Kafka is the one that MAPLEBRIDGE_KAFKA names, else the one that runs in the data folder. Names begin with
MAPLEBRIDGE_TOPIC_PREFIX; MAPLEBRIDGE_TOPIC_PARTITIONS and MAPLEBRIDGE_TOPIC_REPLICAS say how many there are of each.

Examples:

  maplebridge topics plan

  maplebridge topics apply --json
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

    Deletes nothing and grows no topic: a stream would change its partition, and its order would be lost. The status
    is 1 where something is left that differs.

    Examples:

      maplebridge topics apply

      maplebridge topics apply --data /some/folder --json
    """
    _report(*wait_for(_make(data)), as_json=as_json)


async def _look(data: Path | None) -> "tuple[Sequence[Topic], list[Difference]]":
    from services.chassis.kafka.topics import differences, find
    from services.chassis.settings import Settings
    from services.runtime.principals import seen
    from services.runtime.topics import planned, reached

    settings = with_kafka(Settings(), data)
    topics = planned(settings)
    async with reached(settings, seen(settings)) as admin:
        return topics, differences(topics, await find(admin, [topic.name for topic in topics]))


async def _make(data: Path | None) -> "tuple[Sequence[Topic], list[Difference]]":
    from services.chassis.kafka.topics import apply as make
    from services.chassis.settings import Settings
    from services.runtime.principals import applied
    from services.runtime.topics import planned, reached

    settings = with_kafka(Settings(), data)
    topics = planned(settings)
    async with reached(settings, applied(settings)) as admin:
        return topics, await make(admin, topics)


def _report(topics: "Sequence[Topic]", different: "list[Difference]", *, as_json: bool) -> None:
    if as_json:
        print_json({"topics": [asdict(topic) for topic in topics], "differences": [asdict(one) for one in different]})
    else:
        _show(topics, different)
    if different:
        raise typer.Exit(1)


def _show(topics: "Sequence[Topic]", different: "list[Difference]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("topic", "what", "planned", "found", ""):
        table.add_column(column, overflow="fold")
    for one in different:
        table.add_row(one.topic, one.what, one.planned, one.found, "apply mends it" if one.applies else "left to you")
    for topic in topics:
        if not any(one.topic == topic.name for one in different):
            kind = f"{topic.partitions} partitions, {topic.settings['cleanup.policy']}"
            table.add_row(topic.name, "topic", kind, "as planned", "")
    Console().print(table)
