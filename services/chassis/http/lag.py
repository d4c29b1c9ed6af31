"""How far read models are behind, and whether one stands still while there is something to read."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.chassis.projections import deadletters
from services.chassis.projections.checkpoints import Stopped
from services.chassis.projections.model import ReadModel
from services.chassis.service import ServiceContext
from services.chassis.subscriptions.subscription import SourceAway

STALLED_AFTER = 30.0
MOST_SAMPLES = 720


@dataclass(frozen=True, slots=True)
class Lag:
    """How far one read model is behind one log.

    Attributes:
        read_model, source: which. positions: events not folded in. seconds: how long the oldest of them has been seen.
        stalled: nothing has been folded in for half a minute although there is something.
    """

    read_model: str
    source: str
    positions: int
    seconds: float
    stalled: bool


class Course:
    """Samples of one read model's position beside the head of a log; sans I/O.

    Args:
        stalled_after: seconds without movement, while behind, after which it stands still.
    """

    def __init__(self, stalled_after: float = STALLED_AFTER) -> None:
        self._stalled_after = stalled_after
        self._heads: deque[tuple[float, int]] = deque(maxlen=MOST_SAMPLES)
        self._read = -1
        self._moved_at = 0.0

    def sample(self, now: float, head: int, read: int) -> tuple[int, float, bool]:
        """Takes a sample in; answers positions behind, seconds behind, and whether it stands still."""
        if read != self._read or not self._heads:  # it moved, or had nothing to read until now
            self._read, self._moved_at = read, now
        if not self._heads or self._heads[-1][1] != head:
            self._heads.append((now, head))
        while self._heads and self._heads[0][1] <= read:
            self._heads.popleft()
        seconds = now - self._heads[0][0] if self._heads else 0.0
        still = bool(self._heads) and now - self._moved_at >= self._stalled_after
        return max(0, head - read), seconds, still


class LagWatch:
    """Watches the read models of one service; each look is a sample."""

    def __init__(
        self, context: ServiceContext, read_models: Sequence[ReadModel], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._context = context
        self._read_models = read_models
        self._now = now
        self._seen = {(model.name, source) for model in read_models for source in model.sources}
        self._courses = {(model.name, source): Course() for model in read_models for source in model.sources}

    async def look(self) -> list[Lag]:
        """Where everything stands now; the metrics are set to it."""
        heads = {
            source: await head_of(self._context, source) or 0 for source in {source for _, source in self._courses}
        }
        telemetry = self._context.telemetry
        found: list[Lag] = []
        for model in self._read_models:
            position = await self._context.checkpoints.position(model.name)
            for source in model.sources:
                read = position.get(source, 0)
                course = self._courses[model.name, source]
                positions, seconds, stalled = course.sample(self._now(), max(heads[source], read), read)
                telemetry.lag(model.name, source, positions, seconds)
                found.append(Lag(model.name, source, positions, seconds, stalled))
        return found

    async def stopped(self) -> list[Stopped]:
        """What reads no further until it is built anew; the metric is set to it."""
        found = await self._context.checkpoints.stopped()
        still = {(each.projection, each.source) for each in found}
        self._seen |= still
        for projection, source in self._seen:
            self._context.telemetry.stopped(projection, source, stopped=(projection, source) in still)
        return found

    async def measure(self) -> None:
        """Sets every metric of the read models."""
        await self.look()
        await self.stopped()
        await self.count_dead_letters()

    async def count_dead_letters(self) -> None:
        """Sets the metric of what lies aside."""
        held = await deadletters.held(self._context.database.pool) if self._read_models else []
        counts = {each.projection: each.events for each in held}
        for model in self._read_models:
            self._context.telemetry.dead_letters(model.name, counts.get(model.name, 0))


async def head_of(context: ServiceContext, source: str) -> int | None:
    """The position of a log's last event; None where it is not ours to ask, or its owner is away."""
    if (log := context.log(source)) is None:
        return None
    try:
        return (await log.head()).position
    except SourceAway:
        return None
