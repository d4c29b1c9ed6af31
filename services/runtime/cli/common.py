"""What several commands share: the data folder's option, and reaching its databases."""

import contextlib
import json
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from services.chassis.service import ServiceContext
    from services.chassis.settings import Settings
    from services.runtime.composition import Part

Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Data folder. Default: $XDG_DATA_HOME/maplebridge, ~/.local/share/…"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]
T = TypeVar("T")


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end."""
    import uvloop

    return uvloop.run(work)


def print_json(value: Any) -> None:
    """One JSON value on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def with_kafka(settings: "Settings", data: Path | None) -> "Settings":
    """The settings, with the Kafka that runs in the data folder where they name none; we come there as its operator.

    Raises:
        FolderRefused: there is no such folder. KafkaUnavailable: its passwords cannot be read.
    """
    from services.runtime.folder import DataFolder
    from services.runtime.kafka import kafka_in
    from services.runtime.kafka.users import as_user, known_users

    if settings.kafka is not None:
        return settings
    folder = DataFolder.open(data).path
    if (where := kafka_in(folder)) is None:
        return settings
    users = known_users(folder)
    return as_user(settings, where.bootstrap, users.operator if users else None)


@contextlib.asynccontextmanager
async def parts_of(data: Path | None) -> AsyncIterator["dict[str, Part]"]:
    """The services over the folder's databases, with nothing running in the background.

    Where no folder is named and the settings have addresses of databases, those are taken: beside a process in a
    container there is no folder.

    Raises:
        FolderRefused, PostgresUnavailable, DatabaseNewer, SettingMissing: one sentence each.
    """
    from services.chassis.access import Issuer, Verifier
    from services.chassis.clock import SystemClock
    from services.chassis.settings import Settings
    from services.runtime.composition import Ground, composed
    from services.runtime.databases import make_databases
    from services.runtime.erasures import with_ledger
    from services.runtime.folder import DataFolder
    from services.runtime.processes.ground import ground_of
    from services.runtime.reach import reach_postgres

    if data is None and Settings().dsn is not None:
        async with composed(ground_of(Settings())) as parts:
            yield parts
        return
    folder = DataFolder.open(data)
    settings = Settings(log_format="pretty", log_level="warning", connections=2)
    key = folder.master_key()
    async with reach_postgres(folder) as reached:
        if reached.running is None:
            await make_databases(reached.dsn, "postgres")
        verifier = Verifier(Issuer(folder.issuer_key()).jwks)
        ground = Ground(reached.dsn, with_ledger(settings, folder), verifier, key, SystemClock())
        async with composed(ground) as parts:
            yield parts


@contextlib.asynccontextmanager
async def logs_of(data: Path | None) -> AsyncIterator["dict[str, ServiceContext]"]:
    """What every log over the folder's databases stands on, the city's too, by name.

    Raises:
        FolderRefused, PostgresUnavailable, DatabaseNewer, SettingMissing: one sentence each.
    """
    async with parts_of(data) as parts:
        logs = {name: part.context for name, part in parts.items()}
        for part in parts.values():
            logs |= part.context.outlets
        yield logs
