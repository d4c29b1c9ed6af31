"""The commands that start one process each, from settings in the environment: for supervisors, Compose, Kubernetes."""

import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.runtime.sentences import one_sentence

if TYPE_CHECKING:
    from services.chassis.settings import Settings

Name = Annotated[str, typer.Argument(help="registry, incidents, mediation or analytics.")]
Log = Annotated[str, typer.Argument(help="registry, incidents, mediation, analytics or city.")]
Fd = Annotated[int | None, typer.Option("--fd", help="Descriptor of a socket that listens already.")]


def serve(service: Name) -> None:
    """Runs one service: its HTTP, and what reads no log but its own.

    Settings are read from the environment, MAPLEBRIDGE_DSN and others.

    Examples:

      MAPLEBRIDGE_DSN=postgresql://maplebridge_app@db/{service} maplebridge serve registry
    """
    from services.runtime.processes.service import serve as run

    run_process(lambda settings: run(settings, service))


def project(service: Name = "analytics") -> None:
    """Keeps the read models of a service that read several logs.

    Examples:

      maplebridge project analytics
    """
    from services.runtime.processes.service import project as run

    run_process(lambda settings: run(settings, service))


def relay(log: Log) -> None:
    """Publishes a log, until a signal; that of analytics on two topics, its events and the alerts.

    Examples:

      maplebridge relay registry
    """
    from services.runtime.processes.relay import publish

    run_process(lambda settings: publish(settings, log))


def stream() -> None:
    """Runs the rules over the topics of the services, and raises alerts; several share the work.

    Examples:

      MAPLEBRIDGE_KAFKA=kafka:9092 maplebridge stream
    """
    from services.runtime.processes.stream import watch_streams

    run_process(watch_streams)


def pages() -> None:
    """Shows the wall, the teahouse and the officer's page, over the services' HTTP.

    Examples:

      maplebridge pages
    """
    from services.runtime.processes.pages import show_pages

    run_process(show_pages)


def gateway(fd: Fd = None) -> None:
    """Answers on one port for all: each service at its name, the pages at everything else.

    Examples:

      MAPLEBRIDGE_ADDRESSES='{"registry": "http://registry:8080", "pages": "http://pages:8080"}' maplebridge gateway
    """
    from services.runtime.processes.gateway import pass_on

    run_process(lambda settings: pass_on(settings, fd))


def city() -> None:
    """Lets the demonstration's city live on."""
    from services.runtime.processes.city import live_on

    run_process(live_on)


def load_demonstration(
    seed: Annotated[int, typer.Option("--seed", help="Which invented city.")] = 2024,
) -> None:
    """Writes two invented years of a city into the logs; does nothing where they are there."""
    from services.runtime.processes.loading import load_demonstration as load

    run_process(lambda settings: load(settings, seed))


def migrate(
    services: Annotated[list[str] | None, typer.Argument(help="Which services; all where none is named.")] = None,
    before: Annotated[bool, typer.Option("--before", help="Leave what processes of the release before need.")] = False,
) -> None:
    """Brings the databases up to date; makes those that are missing where MAPLEBRIDGE_ADMIN_DSN says who may.

    It may be run again at any time. A release that rolls is migrated with --before while its predecessor runs, and
    without it once nothing of the predecessor runs any more.

    Examples:

      maplebridge migrate

      maplebridge migrate --before

      maplebridge migrate registry
    """
    from services.runtime.processes.migrating import bring_up_to_date

    run_process(lambda settings: bring_up_to_date(settings, services or (), before=before))


def run_process(work: "Callable[[Settings], Coroutine[Any, Any, None]]") -> None:
    """Runs a process on the settings of its environment; ends with who started it."""
    import uvloop

    from services.chassis.logs import set_up_logging
    from services.chassis.settings import Settings
    from services.runtime.processes.leash import hold_to_parent

    hold_to_parent()
    settings = Settings()
    set_up_logging(settings)
    uvloop.run(work(settings))


app = typer.Typer(name="maplebridge", add_completion=False, pretty_exceptions_enable=False)
for command in (serve, project, relay, stream, pages, gateway, city, load_demonstration, migrate):
    app.command()(command)


def main(words: Sequence[str]) -> None:
    """Runs the one that some words ask for, and ends the process; what goes wrong becomes one sentence and a status."""
    with one_sentence():
        app(words, prog_name="maplebridge")
    sys.exit(0)
