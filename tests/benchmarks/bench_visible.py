"""How long after a command was due its row can be read in another service's read model, all in one process."""

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import ClassVar

from contracts.common import Actor, Role
from services.chassis.access import Issuer, Verifier, new_issuer_key
from services.chassis.clock import SystemClock
from services.chassis.eventstore.bulk import BulkWriter
from services.chassis.eventstore.types import Overloaded
from services.chassis.handler import CommandContext, Handled
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.settings import Settings
from services.registry.deciders import UNIT
from services.registry.domain.unit_commands import ObserveUse
from services.runtime.composition import Ground, Part, composed
from services.runtime.databases import make_databases
from services.runtime.postgres import running_postgres
from tests.benchmarks.a_log import a_unit
from tests.benchmarks.measure import ROUNDS, SMOKE, Measure, Result, sized
from tests.benchmarks.timing import paced, percentile

UNITS, SETTLING, SECONDS, PATIENCE = sized(2_000, 50), sized(2, 0), sized(10, 1), 120.0
MODEL, SOURCE = "floors", "registry"
OFFICER = CommandContext(Actor(role=Role.OFFICER, id="officer-gu"))


class Visible(Measure):
    """The four services with all their read models and rules, as embedded mode composes them; each command is waited
    for as a reader does who sends its position."""

    name = "visible"
    rate: ClassVar[int] = sized(1_000, 50)
    targets: ClassVar[tuple[tuple[int, float], ...]] = ((50, 8.0), (99, 25.0))

    async def prepare(self) -> None:
        """Starts PostgreSQL and the services, and registers the units."""
        self.stack = AsyncExitStack()
        folder = self.stack.enter_context(TemporaryDirectory())
        server = await self.stack.enter_async_context(running_postgres(Path(folder) / "postgres", durable=not SMOKE))
        await make_databases(server.dsn, "postgres")
        verifier = Verifier(Issuer(new_issuer_key()).jwks)
        ground = Ground(server.dsn, Settings(), verifier, bytes(32), SystemClock())
        parts = await self.stack.enter_async_context(composed(ground))
        for part in parts.values():
            await part.host.prepare()
            await self.stack.enter_async_context(part.host.running())
        await self.begin(parts[SOURCE], parts["analytics"].context.checkpoints)

    async def begin(self, registry: Part, checkpoints: Checkpoints) -> None:
        """Registers the units, and waits until they can be seen."""
        self.registry, self.checkpoints, self.numbers = registry, checkpoints, itertools.count()
        done = await BulkWriter(registry.context.database.pool, registry.signal.set).write(
            [a_unit(number) for number in range(UNITS)]
        )
        await checkpoints.reached(MODEL, {SOURCE: done.position}, PATIENCE)

    async def clean(self) -> None:
        """Stops it all."""
        await self.stack.aclose()

    async def command(self, _: int) -> None:
        """Somebody looked at a unit; its row in the picture of the building is waited for."""
        number = next(self.numbers)
        asked = ObserveUse(observed_use="hotel" if number // UNITS % 2 else "rental", effective_at=SystemClock().now())
        handled = await self.sent(f"wanda-a-{number % UNITS}", asked)
        streams = {SOURCE: handled.stream}
        await self.checkpoints.reached(MODEL, {SOURCE: handled.position}, PATIENCE, streams)

    async def sent(self, unit: str, asked: ObserveUse) -> Handled:
        """Sends it, and sends it again where the service takes no more for the moment."""
        while True:
            try:
                return await self.registry.context.handler.handle(UNIT, unit, asked, OFFICER)
            except Overloaded:
                await asyncio.sleep(0.05)

    async def results(self) -> Sequence[Result]:
        """Percentiles of ten seconds, medians of five times; after two seconds that do not count."""
        await paced(self.rate, SETTLING, self.command)
        rounds = [await paced(self.rate, SECONDS, self.command) for _ in range(ROUNDS)]
        what = f"what it is meant to be at {self.rate} commands/s"
        return [
            Result(
                f"{self.name}-p{share}",
                "ms",
                median(percentile(took, share) for took in rounds),
                what,
                wanted,
                1.0,
                at_most=True,
            )
            for share, wanted in self.targets
        ]
