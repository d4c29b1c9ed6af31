"""The same through Kafka: the log's process, its relay, and a process that projects, each by itself."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from services.chassis.access import Issuer, Verifier
from services.chassis.clock import SystemClock
from services.chassis.postgres import Database
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.settings import Settings
from services.chassis.subscriptions.wake import READ_CHANNEL, listen
from services.runtime.composition import Ground, composed
from services.runtime.databases import SERVICES, make_databases
from services.runtime.folder import DataFolder
from services.runtime.kafka import running_kafka
from services.runtime.postgres import running_postgres
from services.runtime.processes.elsewhere import OverHttp
from services.runtime.processes.plan import free_ports, plan
from services.runtime.processes.supervisor import supervising
from services.runtime.topics import make_topics
from tests.benchmarks.bench_visible import SOURCE, Visible
from tests.benchmarks.measure import SMOKE, sized


class VisibleOverKafka(Visible):
    """Commands are decided here, as a process that serves does; the row is another process's, by way of the topic."""

    name = "visible-kafka"
    rate = sized(500, 50)
    targets = ((50, 20.0), (99, 100.0))

    async def prepare(self) -> None:
        """Starts PostgreSQL, Kafka and the processes that the way leads through, and registers the units."""
        self.stack = AsyncExitStack()
        folder = DataFolder.open(Path(self.stack.enter_context(TemporaryDirectory())))
        master_key = folder.master_key()  # made before there is anything to read with it
        server = await self.stack.enter_async_context(running_postgres(folder.path, durable=not SMOKE))
        kafka = await self.stack.enter_async_context(running_kafka(folder.path / "kafka"))
        await make_databases(server.dsn, "postgres")
        settings = Settings(kafka=kafka.bootstrap)
        await make_topics(settings)
        planned = plan(folder, server.dsn, settings, kafka.bootstrap, free_ports(["operations"])["operations"])
        wanted = {*SERVICES, "project", f"relay-{SOURCE}"}
        supervisor = await self.stack.enter_async_context(supervising(folder.path / "logs", print))
        supervisor.keep(*(each for each in (*planned.services(), *planned.relays()) if each.name in wanted))
        await supervisor.answering(wanted)
        verifier = Verifier(Issuer(folder.issuer_key()).jwks)
        ground = Ground(server.dsn, settings, verifier, master_key, SystemClock())
        parts = await self.stack.enter_async_context(composed(ground, (SOURCE,), OverHttp({})))
        there = await Database.open("analytics", server.dsn("analytics", "maplebridge_app"))
        self.stack.push_async_callback(there.close)
        checkpoints = Checkpoints(there.pool)
        hearing = asyncio.create_task(listen(there.dsn, {READ_CHANNEL: checkpoints.heard}))
        self.stack.callback(hearing.cancel)
        await self.begin(parts[SOURCE], checkpoints)
