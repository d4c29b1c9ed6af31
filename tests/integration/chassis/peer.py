"""Our log behind the recorder interfaces of the package `eventsourcing`, so that its suite runs against it.

An originator is a stream. Its versions may begin anywhere, ours begin at 1: an originator's version stands in the
metadata, and the first one of a stream says how far the two are apart. An append holds events of one stream, so an
insert for several originators is refused. A tracking object is a checkpoint.
"""

import contextlib
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    IntegrityError,
    Notification,
    NotSupportedError,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)
from eventsourcing.utils import Environment, resolve_topic

from services.chassis.eventstore.groupcommit import APPEND
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, NewEvent, Recorded, VersionConflict
from services.chassis.ids import uuid7
from services.chassis.postgres import Database, Session
from services.chassis.projections import checkpoints
from services.chassis.projections.checkpoints import CheckpointMoved, Checkpoints
from services.chassis.subscriptions.log import LogSubscription
from services.chassis.subscriptions.subscription import WHOLE, Batch, whole
from services.chassis.subscriptions.wake import Signal
from tests.marks import batches
from tests.own_loop import OwnLoop

TRACKS = "peer"


class OurLog:
    """A log with its loop, for callers that are not async."""

    def __init__(self, loop: OwnLoop, dsn: str) -> None:
        self.loop = loop
        self.signal = Signal()
        self.database = loop.run(Database.open("registry", dsn, connections=8))
        self.store = loop.run(self._opened())
        self.checkpoints = Checkpoints(self.database.pool)

    async def _opened(self) -> EventStore:
        return EventStore("registry", self.database.pool, self.signal.set)

    def close(self) -> None:
        """Closes the store and its connections."""
        self.loop.run(self.store.close())
        self.loop.run(self.database.close())


class OurAggregateRecorder(AggregateRecorder):
    """Streams; ``kind`` goes before their names."""

    def __init__(self, log: OurLog, kind: str = "events") -> None:
        self.log = log
        self._kind = kind

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Appends, and says nothing of positions."""
        self.insert(stored_events)
        return None

    def insert(self, stored_events: Sequence[StoredEvent]) -> list[int]:
        """Appends; answers the positions."""
        if not stored_events:
            return []
        return self.log.loop.run(self._insert(stored_events))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Loads the stream and takes of it what is asked for."""
        history = [stored(past) for past in self.log.loop.run(self.log.store.load(self._stream(originator_id)))]
        wanted = [
            event
            for event in history
            if (gt is None or event.originator_version > gt) and (lte is None or event.originator_version <= lte)
        ]
        return (wanted[::-1] if desc else wanted)[:limit]

    def _stream(self, originator_id: UUID | str) -> str:
        return f"{self._kind}-{originator_id}"

    async def _insert(self, stored_events: Sequence[StoredEvent]) -> list[int]:
        try:
            appended = await self.log.store.append(await self._append(stored_events))
        except VersionConflict as conflict:
            raise IntegrityError(str(conflict)) from conflict
        return list(range(appended.first, appended.last + 1))

    async def _append(self, stored_events: Sequence[StoredEvent]) -> Append:
        first = stored_events[0]
        if any(event.originator_id != first.originator_id for event in stored_events):
            raise NotSupportedError("An append holds events of one stream.")
        versions = [event.originator_version for event in stored_events]
        if versions != list(range(versions[0], versions[0] + len(versions))):
            raise IntegrityError("Versions follow each other.")
        stream = self._stream(first.originator_id)
        history = await self.log.store.load(stream)
        began = stored(history[0]).originator_version if history else versions[0]
        now = datetime.now(UTC)
        events = tuple(
            NewEvent(uuid7(), event.topic, event.state, orjson.dumps({"version": event.originator_version}), now)
            for event in stored_events
        )
        return Append(stream, versions[0] - began, events, now)


class OurApplicationRecorder(OurAggregateRecorder, ApplicationRecorder):
    """The whole log."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Appends; answers the positions."""
        return self.insert(stored_events)

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Reads from a position on, of some types where they are named."""
        after = (start or 1) - 1 if inclusive_of_start or start is None else start
        found: list[Notification] = []
        while len(found) < limit:
            events = self.log.loop.run(self.log.store.read(after, limit))
            found += [
                notification(event)
                for event in events
                if (not topics or event.type in topics) and (stop is None or event.position <= stop)
            ]
            if len(events) < limit or (stop is not None and events[-1].position >= stop):
                break
            after = events[-1].position
        return found[:limit]

    def max_notification_id(self) -> int | None:
        """The head's position."""
        return self.log.loop.run(self.log.store.head()).position or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """The product's own subscription to its log."""
        return OurSubscription(self, gt, topics)


class OurSubscription(Subscription[OurApplicationRecorder]):
    """Batches, one event at a time."""

    def __init__(self, recorder: OurApplicationRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt, topics)
        self._log = recorder.log
        self._batches = batches(LogSubscription(self._log.store, self._log.signal), gt or 0)
        self._waiting: deque[Notification] = deque()
        self._next: Future[Batch] | None = None
        self._lock = threading.Lock()

    def stop(self) -> None:
        """Ends it, also while it waits."""
        with self._lock:
            super().stop()
            if self._next is not None:
                self._next.cancel()

    def __next__(self) -> Notification:
        while not self._waiting or self._has_been_stopped:
            with self._lock:
                if self._has_been_stopped:
                    raise StopIteration
                self._next = self._log.loop.begin(self._batch())
            with contextlib.suppress(CancelledError):
                self._waiting += [
                    notification(event)
                    for event in self._next.result().events
                    if not self._topics or event.type in self._topics
                ]
        return self._waiting.popleft()

    async def _batch(self) -> Batch:
        return await anext(self._batches)


class OurTrackingRecorder(TrackingRecorder):
    """Checkpoints."""

    def __init__(self, log: OurLog) -> None:
        self.log = log

    def insert_tracking(self, tracking: Tracking) -> None:
        """Moves a checkpoint on."""
        self.log.loop.run(self._track(tracking))

    def max_tracking_id(self, application_name: str) -> int | None:
        """Where the checkpoint stands."""
        return self.log.loop.run(self.log.checkpoints.position(TRACKS)).get(application_name) or None

    async def _track(self, tracking: Tracking) -> None:
        async with self.log.database.pool.acquire() as session, session.transaction():
            await self._move(session, tracking)

    async def _move(self, session: Session, tracking: Tracking) -> None:
        """Moves a checkpoint on, never back and never to where it is.

        Raises:
            IntegrityError: it stands there or further, or somebody else has moved it.
        """
        source, marks = tracking.application_name, self.log.checkpoints.marks(TRACKS)
        await marks.begin(source, [WHOLE])
        mark = (await marks.held(source))[WHOLE].position
        if mark >= tracking.notification_id:
            raise IntegrityError(f"{source} was read up to {mark}")
        try:
            await checkpoints.move(session, TRACKS, whole(source, mark, tracking.notification_id, ()))
        except CheckpointMoved as moved:
            raise IntegrityError(str(moved)) from moved


class OurProcessRecorder(OurTrackingRecorder, OurApplicationRecorder, ProcessRecorder):
    """Appends and moves a checkpoint in one transaction: the log's function can be called in any."""

    def __init__(self, log: OurLog) -> None:
        OurTrackingRecorder.__init__(self, log)
        OurApplicationRecorder.__init__(self, log)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Appends; with ``tracking`` both or neither."""
        tracking: Tracking | None = kwargs.get("tracking")
        if tracking is None:
            return self.insert(stored_events)
        return self.log.loop.run(self._insert_and_track(stored_events, tracking))

    async def _insert_and_track(self, stored_events: Sequence[StoredEvent], tracking: Tracking) -> list[int]:
        async with self.log.database.pool.acquire() as session, session.transaction():
            await self._move(session, tracking)
            if not stored_events:
                return []
            append = await self._append(stored_events)
            events = append.events
            (row,) = await session.fetch(
                APPEND,
                [append.stream],
                [append.expected],
                [append.lineage],
                [len(events)],
                [None],
                [None],
                [None],
                append.recorded_at,
                *map(list, zip(*((e.id, e.type, e.data, e.metadata, e.effective_at) for e in events), strict=True)),
            )
            if row["outcome"] != "appended":
                raise IntegrityError(f"{append.stream} is at version {row['version']}")
        self.log.signal.set()
        return list(range(row["first"], row["last"] + 1))


class OurFactory(InfrastructureFactory[OurTrackingRecorder]):
    """Makes recorders on one log; ``DSN`` in its environment says where."""

    def __init__(self, env: Environment | dict[str, str] | None) -> None:
        super().__init__(env)
        self._loop = OwnLoop()
        self._loop.__enter__()
        self.log = OurLog(self._loop, self.env["DSN"])

    def close(self) -> None:
        """Closes the log and ends the loop."""
        self.log.close()
        self._loop.__exit__()

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        """Streams of one purpose; snapshots do not mix with events."""
        return OurAggregateRecorder(self.log, purpose)

    def application_recorder(self) -> ApplicationRecorder:
        """The whole log."""
        return OurApplicationRecorder(self.log)

    def tracking_recorder(
        self, tracking_recorder_class: type[OurTrackingRecorder] | None = None
    ) -> OurTrackingRecorder:
        """Checkpoints, of the class given, or of the one that the environment names."""
        named = self.env.get(self.TRACKING_RECORDER_TOPIC)
        kind = tracking_recorder_class or (resolve_topic(named) if named else OurTrackingRecorder)
        made: OurTrackingRecorder = kind(self.log)
        return made

    def process_recorder(self) -> ProcessRecorder:
        """Both at once."""
        return OurProcessRecorder(self.log)


def stored(recorded: Recorded) -> StoredEvent:
    """An event as the peer stores it."""
    originator = UUID(recorded.stream.partition("-")[2])
    return StoredEvent(originator, recorded.about["version"], recorded.type, recorded.data)


def notification(recorded: Recorded) -> Notification:
    """An event as the peer reads it from a log."""
    event = stored(recorded)
    return Notification(event.originator_id, event.originator_version, event.topic, event.state, id=recorded.position)
