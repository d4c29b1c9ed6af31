"""What decides under test: the product's handler, and four that do not ask of which history something is."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from contracts.common import Event
from contracts.incidents import OfficersArrived
from services.chassis.clock import FixedClock
from services.chassis.decider import Decider
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, Appended, Snapshot
from services.chassis.handler import CommandHandler
from services.chassis.ids import uuid7
from services.chassis.snapshots import Snapshots
from tests.guarantees.counting import NOON, Count


def number(minutes: int) -> OfficersArrived:
    """An event that says a number."""
    return OfficersArrived(
        incident="i-1", place="yinchuan", officer="officer-li", waited_seconds=minutes, effective_at=NOON
    )


def one_more(state: int, _: Count, now: datetime) -> list[Event]:
    """The number after the last one: an event shows what it was decided on."""
    return [number(state + 1)]


NUMBERS = Decider("numbers", 0, lambda _, event: event.waited_seconds, {Count: one_more})  # type: ignore[attr-defined]


class KnowsHistories:
    """The real one: what is remembered, appended and kept is of one history."""

    store_kind: type[EventStore] = EventStore
    handler_kind: type[CommandHandler] = CommandHandler

    def __init__(self, store: EventStore) -> None:
        self.handler = self.handler_kind(store, FixedClock(NOON), uuid7, Snapshots(store, every=1))


class AppendsToAny(EventStore):
    """Wrong: an append names a version and no history."""

    async def append(self, append: Append) -> Appended:
        """The history that it was decided on is not said."""
        return await super().append(replace(append, lineage=None))


class VersionsAlone(KnowsHistories):
    """Wrong: the version of a stream is all that an append is held against."""

    store_kind = AppendsToAny


class KeepsInAny(EventStore):
    """Wrong: a snapshot is kept in whichever history the log is in by then."""

    async def keep(self, snapshot: Snapshot) -> None:
        """The history that it was read in is not said."""
        await super().keep(replace(snapshot, lineage=None))


class SnapshotsOfAny(KnowsHistories):
    """Wrong: a snapshot that was under way while the log was restored is kept."""

    store_kind = KeepsInAny


class FirstHistoryForEver(EventStore):
    """Wrong: the history is asked for once."""

    first: UUID | None = None

    @property
    def lineage(self) -> UUID | None:
        """As it was at the first look."""
        self.first = self.first or super().lineage
        return self.first


class RefusesForEver(KnowsHistories):
    """Wrong: nothing tells it of another history."""

    store_kind = FirstHistoryForEver


class NamesThePresent(CommandHandler):
    """Wrong: an append names the history that the log is in by then, not that which was read."""

    async def _append(self, asked, state, version, events, lineage):  # type: ignore[no-untyped-def]
        return await super()._append(asked, state, version, events, (await self.store.head()).lineage)


class AsksAfterReading(KnowsHistories):
    """Wrong: the history is asked for after the stream was read."""

    handler_kind = NamesThePresent
