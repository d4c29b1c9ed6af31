"""States of long streams, kept beside the log so that a load need not fold every event."""

import asyncio
from uuid import UUID

import structlog
from pydantic import ValidationError

from services.chassis.decider import Decider, State
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Recorded, Snapshot

logger = structlog.get_logger(__name__)


class Snapshots:
    """Loads streams from their snapshots, and takes new ones in the background.

    One is taken after a load that had to fold more than ``every`` events, so a stream that nobody loads costs nothing
    and no append waits for one. One that is missing, lost or of another version of its decider only makes a load
    longer.

    Args:
        store: the service's log. every: how many events a load may fold before a snapshot is taken.
    """

    def __init__(self, store: EventStore, every: int) -> None:
        self._store = store
        self._every = every
        self._taking: dict[str, asyncio.Task[None]] = {}

    async def load(self, decider: Decider[State], stream: str) -> tuple[State, int, list[Recorded]]:
        """The state to begin with, the version that it stands at, and the events since, oldest first."""
        snapshot, since = await self._store.load_latest(stream, decider.version)
        if snapshot is None:
            return decider.initial, 0, since
        try:
            return decider.adapter.validate_json(snapshot.state), snapshot.version, since
        except ValidationError:
            await logger.awarning("snapshot_unreadable", stream=stream)
            return decider.initial, 0, await self._store.load(stream)

    def offer(
        self, decider: Decider[State], stream: str, state: State, version: int, folded: int, lineage: UUID
    ) -> None:
        """Takes a snapshot where a load folded too many events; one at a time of a stream.

        Args:
            lineage: the history of the log that was known before the load: in another one nothing is kept.
        """
        if folded > self._every and stream not in self._taking:
            task = asyncio.create_task(self._take(decider, stream, state, version, lineage))
            self._taking[stream] = task
            task.add_done_callback(lambda _: self._taking.pop(stream, None))

    async def close(self) -> None:
        """Waits for those that are being taken."""
        await asyncio.gather(*self._taking.values())

    async def _take(self, decider: Decider[State], stream: str, state: State, version: int, lineage: UUID) -> None:
        try:
            written = decider.adapter.dump_json(state)
            await self._store.keep(Snapshot(stream, decider.version, version, written, lineage))
        except Exception:  # noqa: BLE001 - nothing is lost by it: the next long load takes it again
            await logger.awarning("snapshot_failed", stream=stream, exc_info=True)
