"""Compares a log with what was published of it, and begins a new lineage where they differ."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import structlog

from services.chassis.eventstore.store import EventStore
from services.chassis.relay.progress import Progress
from services.chassis.relay.stops import TopicLost
from services.chassis.relay.topic import TopicEnd
from services.chassis.relay.witness import Seen, common, contradicts

logger = structlog.get_logger(__name__)
IDS = "select position, id from log.events where position = any($1::bigint[])"
LOOK = 64
"""Records at the end of each partition that are compared; further ones only where these contradict the log."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a comparison has come to.

    Attributes:
        kept: up to where log and topic agree; None where nothing contradicts. epoch: the highest that was seen.
    """

    kept: int | None
    epoch: int


class Examination:
    """One comparison.

    Args:
        store: the log. topic: its name. end: the topic as it stands.
    """

    def __init__(self, store: EventStore, topic: str, end: TopicEnd) -> None:
        self._store = store
        self._topic = topic
        self._end = end

    def refuse_lost(self, progress: Progress) -> None:
        """Looks whether the topic still has what it acknowledged.

        Raises:
            TopicLost: it does not.
        """
        for partition, offset in enumerate(progress.offsets):
            end = self._end.ends.get(partition, 0)
            if offset >= end:
                raise TopicLost(self._topic, partition, offset, end)

    async def compare(self, remembered: Seen | None) -> Findings:
        """Compares the end of each partition, and what this relay remembers, with the log."""
        tails = {partition: await self._window(partition, self._end.ends[partition]) for partition in self._end.ends}
        published = [seen for tail in tails.values() for seen in tail]
        if remembered is not None:
            published.append(remembered)
        epoch = max((seen.epoch for seen in published), default=0)
        lineages, head = await self._store.lineages(), (await self._store.head()).position
        ids = await self._ids(published)
        if not any(contradicts(seen, lineages, head, ids) for seen in published):
            return Findings(None, epoch)
        reached = common(published, ids)
        for partition in tails:
            reached = max(reached, await self._agreed(partition, reached))
        return Findings(min(reached, head), epoch)

    async def _agreed(self, partition: int, above: int) -> int:
        """The last position of a partition at which log and topic agree; looks no further than it can matter."""
        behind = self._end.ends[partition]
        while behind > self._end.begins[partition]:
            window = await self._window(partition, behind)
            found = common(window, await self._ids(window))
            if found or all(seen.position <= above for seen in window):
                return found
            behind = max(behind - LOOK, self._end.begins[partition])
        return 0

    async def _window(self, partition: int, behind: int) -> list[Seen]:
        first = max(behind - LOOK, self._end.begins[partition])
        return await self._end.records(partition, first, behind) if first < behind else []

    async def _ids(self, published: Iterable[Seen]) -> dict[int, UUID]:
        positions = list({seen.position for seen in published})
        return {row["position"]: row["id"] for row in await self._store.pool.fetch(IDS, positions)}
