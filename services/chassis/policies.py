"""What reacts to events: a policy issues commands, at least once each, with a key that makes repeats harmless."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import asyncpg
import structlog

from contracts.common import Event, names_of
from services.chassis.eventstore.types import Recorded
from services.chassis.postgres import AWAY, caused_by
from services.chassis.projections import checkpoints
from services.chassis.projections.checkpoints import ReaderMarks
from services.chassis.subscriptions.subscription import Batch, LineageReplaced, Reading, Subscription

logger = structlog.get_logger(__name__)
React = Callable[[Recorded], Awaitable[None]]


@dataclass(frozen=True)
class Policy:
    """Whenever this happens, do that.

    Attributes:
        name: also the name of its checkpoint. sources: services whose logs it reads. types: what it reacts to.
        react: called for each event in order, at least once; its commands carry a key made of the event's id.
    """

    name: str
    sources: tuple[str, ...]
    types: frozenset[type[Event]]
    react: React

    @cached_property
    def names(self) -> frozenset[str]:
        """Today's names of what it reacts to."""
        return names_of(self.types)


class PolicyRunner:
    """Runs one policy: react, then checkpoint. A crash between the two repeats the reaction, which is harmless."""

    def __init__(
        self, policy: Policy, pool: "asyncpg.Pool[asyncpg.Record]", subscriptions: Mapping[str, Subscription]
    ) -> None:
        self._policy = policy
        self._pool = pool
        self._subscriptions = subscriptions
        self._name = f"policy:{policy.name}"

    async def run(self) -> None:
        """Runs until cancelled."""
        async with asyncio.TaskGroup() as group:
            for source in self._policy.sources:
                group.create_task(self._follow(source), name=f"{self._name}:{source}")

    async def _follow(self, source: str) -> None:
        marks = ReaderMarks(self._pool, self._name)
        while True:
            try:
                async with self._subscriptions[source].reading(marks) as reading:
                    await self._take_batches(reading)
            except LineageReplaced as error:
                # what it did about events that are lost is done; what the log says instead, it has yet to react to
                await marks.put_back(source, error.kept)
                await logger.awarning("policy_rewound", policy=self._name, reason=str(error))
            except Exception as error:  # noqa: BLE001 - a policy that fails is tried again, and says so each time
                if (away := caused_by(error, AWAY)) is not None:
                    await logger.awarning("policy_waits", policy=self._name, source=source, cause=type(away).__name__)
                else:
                    await logger.aexception("policy_failed", policy=self._name)
            await asyncio.sleep(1)

    async def _take_batches(self, reading: Reading) -> None:
        while True:
            batch = await reading.batch()
            for recorded in batch.events:
                if recorded.type in self._policy.names:
                    await self._policy.react(recorded)
            await self._move(batch)

    async def _move(self, batch: Batch) -> None:
        async with self._pool.acquire() as connection:
            await checkpoints.move(connection, self._name, batch)
