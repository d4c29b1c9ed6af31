"""The same instance as embedded mode's as processes over Kafka, under one supervisor."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import socket
from collections.abc import AsyncIterator, Callable

import httpx

from services.chassis.access import Issuer
from services.runtime.admission import own_names
from services.runtime.caught_up import caught_up, figures_answer
from services.runtime.demonstrated import LOADING, Demonstration
from services.runtime.demonstration import DemonstrationClock
from services.runtime.embedded import Instance, Step
from services.runtime.folder import Running
from services.runtime.kafka.staying import Broker, kafka_for
from services.runtime.kafka.users import as_user
from services.runtime.postgres import kept_postgres, running_postgres
from services.runtime.principals import principals
from services.runtime.processes.nursery import begin_loading, loaded
from services.runtime.processes.operations import operations
from services.runtime.processes.plan import LOOPBACK, Plan, plan
from services.runtime.processes.supervisor import Supervisor, supervising
from services.runtime.topics import make_topics
from services.runtime.trust import trust
from services.runtime.web import SIGNALS, cancelled_by_signals, listening

TICK = 1.0


async def run_apart(instance: Instance, step: Step, ready: Callable[[str], None]) -> None:
    """Runs until SIGINT or SIGTERM, then ends everything in order.

    Args:
        instance: what. step: told what is being done, and what ends unasked. ready: told the address once people can
            come.

    Raises:
        PortTaken, FolderRefused, PostgresUnavailable, KafkaUnavailable, TopicRefused, StepFailed, NotAnswering: one
            sentence each.
    """
    folder = instance.folder
    with (
        folder.held(),
        listening(instance.host, instance.port) as listener,
        listening(LOOPBACK, 0) as spare,
        cancelled_by_signals(),
    ):
        begin_loading()  # while PostgreSQL and Kafka start
        folder.master_key()  # refused where it is missing, before a database is made
        step("Starting PostgreSQL")
        async with (
            running_postgres(folder.path) as server,
            kept_postgres(folder.path, server, step),
            kafka_for(folder.path, principals(instance.settings), step) as broker,
        ):
            folder.announce(Running(os.getpid(), None, str(server.socket)))
            kafka = broker.bootstrap
            step(f"Kafka answers at {kafka}")
            processes = plan(folder, server.dsn, instance.settings, kafka, spare.getsockname()[1], broker.users)
            async with (
                _ticking(instance),
                supervising(folder.path / "logs", step) as supervisor,
                operations(supervisor, spare, instance.key),
            ):
                supervisor.servers = {"postgresql": server.guarded.seen, "kafka": broker.seen}
                await _prepare(instance, processes, supervisor, server.dsn("postgres"), broker, step)
                await _start(instance, processes, supervisor, listener, step)
                folder.announce(Running(os.getpid(), instance.url, str(server.socket)))
                ready(instance.address)
                await _until_signal()
                step("Ending")


async def _prepare(
    instance: Instance, processes: Plan, supervisor: Supervisor, admin: str, broker: Broker, step: Step
) -> None:
    step("Making and migrating the databases")
    await loaded()
    await supervisor.once(processes.migrate(admin))
    step("Looking at the topics")
    await make_topics(as_user(instance.settings, broker.bootstrap, broker.users.operator))
    await _load(instance, processes, supervisor, step)


async def _start(
    instance: Instance, processes: Plan, supervisor: Supervisor, listener: socket.socket, step: Step
) -> None:
    step("Starting the services")
    supervisor.keep(*processes.relays())
    supervisor.keep(*processes.services())
    await supervisor.answering(child.program.name for child in supervisor.children)
    step("Opening the pages")
    secret = hashlib.sha256(b"pages" + instance.folder.master_key()).hexdigest()
    living = isinstance(instance.scenario, Demonstration) and instance.scenario.living
    supervisor.keep(*processes.people(instance.folder, secret, instance.key, living=living))
    supervisor.keep(processes.gateway(listener, own_names(instance.host)))
    await supervisor.answering(["pages"])
    await caught_up(supervisor.behind, step)
    issuer = Issuer(instance.folder.issuer_key(), issuer=instance.settings.issuer, audience=instance.settings.audience)
    async with httpx.AsyncClient(base_url=instance.url, timeout=30, verify=trust()) as client:
        await figures_answer(client, issuer, step)


async def _load(instance: Instance, processes: Plan, supervisor: Supervisor, step: Step) -> None:
    scenario = instance.scenario
    if not isinstance(scenario, Demonstration) or (seed := scenario.missing()) is None:
        return
    step(LOADING)
    await supervisor.once(processes.load(seed), lambda line: step(line) if line.startswith(LOADING) else None)
    scenario.loaded()


@contextlib.asynccontextmanager
async def _ticking(instance: Instance) -> AsyncIterator[None]:
    """This process has the demonstration's clock; the others go by its file, and wait where nobody moves it on."""
    clock = instance.scenario.clock
    if not isinstance(clock, DemonstrationClock):
        yield
        return
    clock.now()

    async def tick() -> None:
        while True:
            clock.keep_ahead()
            await asyncio.sleep(TICK)

    ticking = asyncio.create_task(tick())
    try:
        yield
    finally:
        ticking.cancel()
        clock.close()


async def _until_signal() -> None:
    stop = asyncio.Event()
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
