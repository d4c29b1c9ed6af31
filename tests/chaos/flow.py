"""Watches how far everything has come in an instance over Kafka, and says how long who had to wait.

Three waits count: of a command for its answer, of what was answered until every read model of its log includes it, and
of the third report about a unit for its alert. Flow has resumed after a kill once a command that was begun after it has
passed all three, in every service.
"""

import asyncio
import contextlib
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import orjson

from contracts.analytics import AlertRaised
from services.chassis.postgres import AWAY
from services.runtime.databases import OWNER_ROLE, SERVICES
from services.runtime.folder import DataFolder
from tests.chaos.traffic import Command, Traffic

LOOK_EVERY = 0.1
VIEWS = """
select source, min(position) as position from projections.positions
join projections.models on models.name = positions.projection group by source
"""
RAISED = "select position, data from log.events where position > $1 and type = $2 order by position"
PUBLISHED = "select position, coalesce((select min(position) from relay.progress), 0) from log.head"


@dataclass(frozen=True)
class Waits:
    """Seconds. answer: for the answer. view: from there until it was seen. alert: of a third report for its alert."""

    answer: float
    view: float
    alert: float

    @property
    def longest(self) -> float:
        """Of the three."""
        return max(self.answer, self.view, self.alert)


@dataclass
class Flow:
    """How far everything has come, and since when.

    Attributes:
        reached: for each log, moments and the position that all of its read models had then.
        raised: by unit, when its alert was first seen in the log. alerts: how often one was raised for a unit.
    """

    folder: DataFolder
    reached: defaultdict[str, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))
    raised: dict[str, float] = field(default_factory=dict)
    alerts: Counter[str] = field(default_factory=Counter)
    _read: int = 0
    _connections: dict[str, "asyncpg.Connection[asyncpg.Record]"] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def seen(self, command: Command) -> float | None:
        """When every read model included it."""
        reached = self.reached[command.service]
        at = bisect_left(reached, (command.position, 0.0))
        return reached[at][1] if at < len(reached) else None

    def resumed(self, commands: Sequence[Command], since: float) -> Waits | None:
        """How long after a moment each of the three waits was over for what was begun after it; None: it is not."""
        begun = commands[bisect_left(commands, since, key=lambda each: each.begun) :]
        begun = [each for each in begun if each.answered is not None]
        answered, seen = [], []
        for service in SERVICES:
            own = [each for each in begun if each.service == service]
            answered.append(min((each.answered or 0 for each in own), default=None))
            seen.append(min((at for at in map(self.seen, own) if at is not None), default=None))
        told = [self.raised[each.unit] for each in thirds(begun) if each.unit in self.raised]
        if None in answered or None in seen or not told:
            return None
        return Waits(max(filter(None, answered)) - since, max(filter(None, seen)) - since, min(told) - since)

    def come_to(self, commands: Sequence[Command]) -> str:
        """How far everything has come, for people."""
        answered = {each.service: each.position for each in commands if each.answered is not None}
        read = {service: reached[-1][0] for service, reached in self.reached.items() if reached}
        waiting = [each.unit for each in thirds(commands) if each.unit not in self.raised]
        return (
            f"{answered} are answered, {read} are in every read model, {len(self.raised):,} units have an alert, "
            f"{len(waiting):,} wait for theirs"
        )

    def longest(self, commands: Sequence[Command]) -> Waits:
        """The longest waits of any command of these; all must be over."""
        views = [(self.seen(each) or 0) - (each.answered or 0) for each in commands]
        alerts = [self.raised[each.unit or ""] - (each.answered or 0) for each in thirds(commands)]
        return Waits(
            max(((each.answered or 0) - each.begun for each in commands), default=0.0),
            max(views, default=0.0),
            max(alerts, default=0.0),
        )

    async def run(self) -> None:
        """Looks again and again; a database that is away is asked again."""
        while True:
            try:
                await self.look()
            except AWAY:
                await self.close()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Once."""
        views: dict[str, list[int]] = defaultdict(list)
        for service in SERVICES:
            for row in await self.ask(service, VIEWS):
                views[row["source"]].append(row["position"])
        now = time.monotonic()
        for source, positions in views.items():
            reached, position = self.reached[source], min(positions)
            if not reached or position > reached[-1][0]:
                reached.append((position, now))
        for row in await self.ask("analytics", RAISED, self._read, AlertRaised.type):
            self._read = row["position"]
            unit = orjson.loads(row["data"])["key"]
            self.alerts[unit] += 1
            self.raised.setdefault(unit, now)

    async def heads(self) -> dict[str, int]:
        """The last position of each log, where its relay and all of its read models have come so far; else nothing."""
        heads = {}
        for service in SERVICES:
            ((head, published),) = await self.ask(service, PUBLISHED)
            reached = self.reached[service]
            if published < head or not reached or reached[-1][0] < head:
                return {}
            heads[service] = head
        return heads

    async def ask(self, service: str, query: str, *arguments: object) -> list[asyncpg.Record]:
        """What the database of a service answers; one question after the other."""
        async with self._turn:
            known = self._connections.get(service)
            if known is None or known.is_closed():
                running = self.folder.running()
                if running is None:
                    raise ConnectionError
                known = await asyncpg.connect(running.dsn(service, OWNER_ROLE), timeout=10)
                self._connections[service] = known
            return await known.fetch(query, *arguments)

    async def close(self) -> None:
        """Lets go of the databases."""
        async with self._turn:
            for connection in self._connections.values():
                connection.terminate()
            self._connections.clear()


def thirds(commands: Sequence[Command]) -> list[Command]:
    """The answered reports by which a unit has its three."""
    return [command for command in commands if command.third and command.answered is not None]


@asynccontextmanager
async def watching(folder: DataFolder) -> AsyncIterator[Flow]:
    """Watches for the length of a block."""
    flow = Flow(folder)
    task = asyncio.create_task(flow.run())
    try:
        yield flow
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await flow.close()


async def settled(flow: Flow, sent: Traffic, seconds: float) -> Mapping[str, int]:
    """Waits until all that was sent is published, seen and told of; answers where the logs end."""
    heads: dict[str, int] = {}

    async def look() -> None:
        nonlocal heads
        while not heads or any(each.unit not in flow.raised for each in thirds(sent.commands)):
            await asyncio.sleep(LOOK_EVERY)
            with contextlib.suppress(*AWAY):
                heads = await flow.heads()

    try:
        async with asyncio.timeout(seconds):
            await look()
    except TimeoutError:
        missing = [each.unit for each in thirds(sent.commands) if each.unit not in flow.raised]
        raise AssertionError(f"It does not settle: {missing=}, {dict(await flow.heads())=}") from None
    return heads
