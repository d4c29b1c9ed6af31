"""``maplebridge demo`` and ``maplebridge up``."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.runtime.cli.common import Data, wait_for

if TYPE_CHECKING:
    from services.runtime.embedded import Instance, Step
    from services.runtime.folder import DataFolder
    from services.runtime.scenario import Scenario

Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")]
Host = Annotated[
    str, typer.Option("--host", help="Address to listen on; if others reach it, the address printed holds a secret.")
]
Kafka = Annotated[
    bool,
    typer.Option("--kafka", help="As separate processes over a local Apache Kafka (`make venv-kafka` installs it)."),
]
LogFormat = Annotated[str, typer.Option("--log", help="Logs on standard error: pretty, json or none.")]


def demo(
    data: Data = None,
    port: Port = 8080,
    host: Host = "127.0.0.1",
    speed: Annotated[
        float, typer.Option("--speed", min=0, max=3600, help="Seconds of its clock in a real second; 0 stands still.")
    ] = 20,
    seed: Annotated[int, typer.Option("--seed", help="Which invented city; the same seed gives the same one.")] = 2024,
    living: Annotated[bool, typer.Option("--living/--still", help="Let the city go on living after the load.")] = True,
    kafka: Kafka = False,
    log: LogFormat = "none",
) -> None:
    """Starts everything with two invented years of a city, and lets it go on living.

    The percentages are those of the newspaper's case, the counts behind them are invented. A second start in the
    same folder goes on where the first one stopped. Ctrl-C ends it in order.

    Examples:

      maplebridge demo

      maplebridge demo --port 8090 --data /some/folder

      maplebridge demo --speed 60 --still

      maplebridge demo --kafka
    """
    from services.runtime.demonstrated import Demonstration, name_recipients
    from services.runtime.folder import DataFolder

    folder = DataFolder.open(data)
    name_recipients(folder.path)
    _run(folder, host, port, Demonstration(folder.path, seed=seed, rate=speed, living=living), log, kafka=kafka)


def up(
    data: Data = None, port: Port = 8080, host: Host = "127.0.0.1", kafka: Kafka = False, log: LogFormat = "none"
) -> None:
    """Starts everything with what the data folder holds, and nothing invented.

    An empty folder begins with empty logs. Ctrl-C ends it in order; the next start goes on with the same data.

    Examples:

      maplebridge up

      maplebridge up --data /srv/maplebridge --port 8090

      maplebridge up --port 8090 --log json
    """
    from services.runtime.folder import DataFolder
    from services.runtime.scenario import Empty

    _run(DataFolder.open(data), host, port, Empty(), log, kafka=kafka)


def _run(folder: "DataFolder", host: str, port: int, scenario: "Scenario", log: str, *, kafka: bool) -> None:
    from rich.console import Console

    from services.chassis.logs import set_up_logging
    from services.chassis.settings import Settings
    from services.runtime.embedded import Instance
    from services.runtime.folder import RECIPIENTS
    from services.runtime.steps import Steps

    if log not in ("pretty", "json", "none"):
        raise typer.BadParameter("--log takes pretty, json or none.")
    settings = Settings(
        host=host,
        port=port,
        connections=6,
        log_format="json" if log == "json" else "pretty",
        log_level="error" if log == "none" else "info",
        clock="demonstration" if scenario.demonstration else "system",
    )
    set_up_logging(settings)
    if (recipients := folder.path / RECIPIENTS).exists():
        os.environ.setdefault("MAPLEBRIDGE_ALERT_RECIPIENTS", str(recipients))
    steps = Steps(Console())
    with steps, contextlib.suppress(asyncio.CancelledError):  # a signal came while it was getting up
        wait_for(_way(kafka=kafka)(Instance(folder, host, port, settings, scenario), steps.begin, steps.ready))
    Console().print("Ended.")


def _way(*, kafka: bool) -> "Callable[[Instance, Step, Step], Coroutine[Any, Any, None]]":
    """Embedded, or apart over Kafka; what only the one needs is not loaded for the other."""
    if not kafka:
        from services.runtime.embedded import run

        return run
    from services.runtime.kafka.jars import java

    java()  # says what to install where Kafka's packages are missing
    from services.runtime.apart import run_apart

    return run_apart
