"""What a service is made of, and what is handed to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from fastapi import FastAPI

from services.chassis.clock import Clock
from services.chassis.eventstore.store import EventStore
from services.chassis.handler import CommandHandler
from services.chassis.ids import NewId
from services.chassis.policies import Policy
from services.chassis.postgres import Database
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.projections.model import ReadModel
from services.chassis.subscriptions.subscription import LogReader, Subscription

if TYPE_CHECKING:
    from services.chassis.access import Verifier
    from services.chassis.settings import Settings
    from services.chassis.telemetry import Telemetry
    from services.chassis.vault import Vault

Run = Callable[[asyncio.Event], Awaitable[None]]


@dataclass(frozen=True)
class Worker:
    """Something that runs beside the requests.

    Attributes:
        name: for logs. run: until the event is set, or its task is cancelled.
        reset: of one that follows logs: forgets what it made of them, so that it reads them from the beginning.
    """

    name: str
    run: Run
    reset: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True)
class ServiceContext:
    """What the runtime hands to a service.

    Attributes:
        settings: as the environment has it. database, store, handler, vault, checkpoints: the service's own.
        verifier: of bearer tokens. clock, new_id: where time and identifiers come from. telemetry: metrics and spans.
        readers, subscriptions: the logs that it may read, by service; its own always, all of them for analytics.
        outlets: logs that it writes for outsiders, by name, each in a database of its own.
    """

    settings: Settings
    database: Database
    store: EventStore
    handler: CommandHandler
    vault: Vault
    checkpoints: Checkpoints
    verifier: Verifier
    clock: Clock
    new_id: NewId
    telemetry: Telemetry
    readers: Mapping[str, LogReader]
    subscriptions: Mapping[str, Subscription]
    outlets: Mapping[str, ServiceContext] = field(default_factory=dict)

    def log(self, source: str) -> LogReader | None:
        """The log of a service; None where it is not ours to read."""
        return self.store if source == self.store.source else self.readers.get(source)


@dataclass(frozen=True)
class Service:
    """What the service hands back.

    Attributes:
        name: of the service. make_app: makes its HTTP. read_models, policies, workers: what runs.
        followers: workers that read the logs of other services too; in a process of their own where services are apart.
        make_outlets: make what answers for its outlets, by name.
    """

    name: str
    make_app: Callable[[], FastAPI]
    read_models: tuple[ReadModel, ...] = ()
    policies: tuple[Policy, ...] = ()
    workers: tuple[Worker, ...] = ()
    followers: tuple[Worker, ...] = ()
    make_outlets: Mapping[str, Callable[[], FastAPI]] = field(default_factory=dict)

    @cached_property
    def app(self) -> FastAPI:
        """Its HTTP, to be mounted at ``/<name>``; made when it is asked for: not every process answers requests."""
        return self.make_app()

    @cached_property
    def outlets(self) -> Mapping[str, FastAPI]:
        """What answers for its outlets, by name, to be mounted beside it."""
        return {name: make() for name, make in self.make_outlets.items()}

    @property
    def own_models(self) -> tuple[ReadModel, ...]:
        """The read models of its own log alone."""
        return tuple(model for model in self.read_models if set(model.sources) == {self.name})

    @property
    def wider_models(self) -> tuple[ReadModel, ...]:
        """The read models that read the logs of other services too."""
        return wider(self.name, self.read_models)


def wider(name: str, read_models: Iterable[ReadModel]) -> tuple[ReadModel, ...]:
    """The read models that read more than the log of the service of that name."""
    return tuple(model for model in read_models if set(model.sources) != {name})


Build = Callable[[ServiceContext], Service]
