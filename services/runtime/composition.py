"""The composition root: the one place where services meet what they run on, all four or one of them."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from services.chassis.access import Verifier
from services.chassis.clock import Clock
from services.chassis.eventstore.store import EventStore
from services.chassis.handler import CommandHandler
from services.chassis.host import Half, Host, whole
from services.chassis.ids import NewId, uuid7
from services.chassis.postgres import APPLICATION_ROLE, Database
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.service import Build, Service, ServiceContext
from services.chassis.settings import Settings
from services.chassis.snapshots import Snapshots
from services.chassis.subscriptions.log import LogSubscription
from services.chassis.subscriptions.subscription import LogReader, Subscription
from services.chassis.subscriptions.wake import CHANNEL, READ_CHANNEL, Hear, Notifier, Signal
from services.chassis.telemetry import Telemetry
from services.chassis.vault import FileLedger, Ledger, NoLedger, PostgresKeys, Vault
from services.runtime.databases import OUTLETS, OWNER_ROLE, SERVICES, Address

READS_ALL = "analytics"
"""The service whose read models and rules follow every log; the others follow their own."""


def build_of(name: str) -> Build:
    """What builds a service; the process of one service does not load the others."""
    build: Build = importlib.import_module(f"services.{name}.app").build
    return build


def followed(name: str) -> tuple[str, ...]:
    """The services whose logs a service reads, its own among them."""
    return SERVICES if name == READS_ALL else (name,)


BATCH = 1000
"""Events a batch: large enough to be quick, small enough that requests get their turn while a model catches up."""


@dataclass(frozen=True)
class Part:
    """One service with what it runs on.

    Attributes:
        service: what it made of it. context: what it was given. host: runs its background half.
        signal: set at each append to its log.
    """

    service: Service
    context: ServiceContext
    host: Host
    signal: Signal

    @property
    def hearing(self) -> dict[str, Hear]:
        """What other processes of its database tell."""
        return {CHANNEL: self.signal.set, READ_CHANNEL: self.context.checkpoints.heard}


@dataclass(frozen=True)
class Ground:
    """What the services stand on.

    Attributes:
        address: of a database and a role. settings: of this instance. verifier: of bearer tokens.
        master_key: 32 bytes that wrap the keys of the vaults. clock, new_id: where time and identifiers come from.
    """

    address: Address
    settings: Settings
    verifier: Verifier
    master_key: bytes
    clock: Clock
    new_id: NewId = uuid7


class Elsewhere(Protocol):
    """How the logs of services that run elsewhere are read."""

    def reader(self, source: str) -> LogReader:
        """The log itself, for rebuilds and for single events."""
        ...

    def subscription(self, source: str, telemetry: Telemetry) -> Subscription:
        """Its events as they come; what becomes of them is counted."""
        ...


@dataclass(frozen=True)
class Opened:
    """A service's own ground: its database, its log, how far it was read, the signal of its appends, its metrics.

    Attributes:
        following: its log, for all in this process who follow it.
    """

    database: Database
    store: EventStore
    checkpoints: Checkpoints
    snapshots: Snapshots
    signal: Signal
    following: LogSubscription
    telemetry: Telemetry


@contextlib.asynccontextmanager
async def composed(
    ground: Ground,
    names: Iterable[str] = SERVICES,
    elsewhere: Elsewhere | None = None,
    half: Callable[[Service], Half] = whole,
    *,
    wait: float = 0,
) -> AsyncIterator[dict[str, Part]]:
    """Opens the databases and builds the services, by name; closes all of it on leaving.

    Args:
        ground: what they stand on. names: which services. half: what of each runs beside requests.
        elsewhere: the logs of the others, where not all are here; other processes of these databases are then told of
            each append and of what was read.
        wait: seconds that a database which starts or recovers is waited for.
    """
    async with contextlib.AsyncExitStack() as stack:
        here = {name: await _open(ground, name, stack, tell=elsewhere is not None, wait=wait) for name in names}
        parts = {}
        for name, opened in here.items():
            outlets = {}
            for outlet in OUTLETS.get(name, ()):
                beside = await _open(ground, outlet, stack, tell=elsewhere is not None, wait=wait)
                outlets[outlet] = _context(ground, beside, {outlet: beside}, None, {})
            context = _context(ground, opened, here, elsewhere, outlets)
            service = build_of(name)(context)
            host = Host(service, context, ground.address(name, OWNER_ROLE), opened.telemetry.observe, half)
            parts[name] = Part(service, context, host, opened.signal)
        yield parts


async def _open(ground: Ground, name: str, stack: contextlib.AsyncExitStack, *, tell: bool, wait: float) -> Opened:
    address = ground.address(name, APPLICATION_ROLE)
    database = await Database.open(name, address, connections=ground.settings.connections, wait=wait)
    stack.push_async_callback(database.close)
    signal, telemetry = Signal(), Telemetry(name, ground.settings)
    notifier, progress = Notifier(database.pool), Notifier(database.pool, READ_CHANNEL)
    stack.push_async_callback(notifier.close)
    stack.push_async_callback(progress.close)
    store = EventStore(name, database.pool, _waking(signal, notifier) if tell else signal.set, telemetry.append)
    stack.push_async_callback(store.close)
    await store.must_take_appends()
    snapshots = Snapshots(store, ground.settings.snapshot_every)
    stack.push_async_callback(snapshots.close)
    checkpoints = Checkpoints(database.pool, progress.notify) if tell else Checkpoints(database.pool)
    following = LogSubscription(store, signal, size=BATCH)
    return Opened(database, store, checkpoints, snapshots, signal, following, telemetry)


def _ledger(ground: Ground, name: str) -> Ledger:
    folder = ground.settings.erasure_folder
    return NoLedger() if folder is None else FileLedger(folder / f"{name}.jsonl", name, ground.master_key)


def _waking(signal: Signal, notifier: Notifier) -> Callable[[int], None]:
    def wake(position: int) -> None:
        signal.set(position)
        notifier.notify()

    return wake


def _context(
    ground: Ground,
    own: Opened,
    here: Mapping[str, Opened],
    elsewhere: Elsewhere | None,
    outlets: Mapping[str, ServiceContext],
) -> ServiceContext:
    database, store = own.database, own.store
    readers: dict[str, LogReader] = {}
    subscriptions: dict[str, Subscription] = {}
    for source in followed(database.name):
        if source in here:
            readers[source] = here[source].store
            subscriptions[source] = here[source].following
        elif elsewhere is not None:
            readers[source] = elsewhere.reader(source)
            subscriptions[source] = elsewhere.subscription(source, own.telemetry)
    return ServiceContext(
        settings=ground.settings,
        database=database,
        store=store,
        handler=CommandHandler(store, ground.clock, ground.new_id, own.snapshots),
        vault=Vault(
            PostgresKeys(database.pool),
            master_key=ground.master_key,
            clock=ground.clock,
            ledger=_ledger(ground, database.name),
        ),
        checkpoints=own.checkpoints,
        verifier=ground.verifier,
        clock=ground.clock,
        new_id=ground.new_id,
        telemetry=own.telemetry,
        readers=readers,
        subscriptions=subscriptions,
        outlets=outlets,
    )
