"""What goes into a log and what comes out of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

import orjson

from contracts.catalogue import CATALOGUE
from contracts.common import Actor, Event
from services.chassis.eventstore.lifted import TYPE, Lifted, Row


class VersionConflict(Exception):
    """The stream has moved on since it was loaded, or the log has become another history."""

    def __init__(self, stream: str, expected: int | None, actual: int) -> None:
        super().__init__(
            f"{stream} is at version {actual}, not {expected}: read it again and decide anew."
            if expected not in {None, actual}
            else f"{stream} is of another history, since the log was restored: read it again and decide anew."
        )
        self.stream = stream
        self.expected = expected
        self.actual = actual


class KeyReused(Exception):
    """An idempotency key came back with another command."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The key {key!r} was used for another command: use a new key for a new command.")
        self.key = key


class EventTooLarge(Exception):
    """An event is over the limit of 64 KiB."""

    def __init__(self, type_name: str, size: int) -> None:
        super().__init__(
            f"{type_name} would take {size:,} bytes; an event holds 65,536 at most, and as much metadata: keep media "
            "elsewhere."
        )


class EventUnreadable(Exception):
    """An event that is stored cannot be read by today's contracts, so nothing can be decided on what it says."""

    def __init__(self, source: str, position: int) -> None:
        super().__init__(
            f"Nothing can be decided here: the event at position {position} of {source} cannot be read by today's "
            f"contracts. An operator is needed: `maplebridge log audit` says why, and what else is so."
        )
        self.position = position


class Overloaded(Exception):
    """More appends wait than the queue holds; nothing was written."""

    def __init__(self) -> None:
        super().__init__("Too many appends wait, or the store is closing: nothing was written; send it again later.")


MAX_EVENT_BYTES = 65_536
EventModel = type[Event]


class MomentRefused(ValueError):
    """A moment that the log cannot keep."""

    def __init__(self, at: datetime) -> None:
        super().__init__(
            f"A moment of the log has a time zone, and lies within the years 1 to 9999 in UTC; not so {at}."
        )


class NewEvent(NamedTuple):
    """An event that is not in the log yet.

    Attributes:
        id: unique within the service. type: name and version. data: payload, JSON in UTF-8.
        metadata: actor, causation, correlation, trace; JSON in UTF-8. effective_at: when it became true.
    """

    id: UUID
    type: str
    data: bytes
    metadata: bytes
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """Makes a command idempotent.

    Attributes:
        actor: whose key it is. key: unique for the actor. digest: of the body, to notice a reused key.
    """

    actor: str
    key: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Append:
    """Events of one command, for one stream.

    Attributes:
        stream: where to. expected: version that the stream must have now (0: it must be new); None: any.
        events: in order; may be empty where only the command is recorded. recorded_at: the clock's now.
        command: its idempotency record, where it has one. lineage: the history that it was decided on, which must still
            be the present one; None: whichever is.
    """

    stream: str
    expected: int | None
    events: tuple[NewEvent, ...]
    recorded_at: datetime
    command: CommandRecord | None = None
    lineage: UUID | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a command; the same for each repeat of it.

    Attributes:
        stream, version: the stream and its version after it. first, last: positions of its events
            (``first`` is ``last + 1`` where it had none). lineage: the history of the log that they were written in.
            repeated: it had been applied before.
    """

    stream: str
    version: int
    first: int
    last: int
    lineage: UUID
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a log.

    Attributes:
        position: of the last event, 0 when empty. hash: of the last event; 32 bytes.
        recorded_at: when the last event was recorded. lineage: which history this is (new at each restore).
    """

    position: int
    hash: bytes
    recorded_at: datetime
    lineage: UUID


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the first events of a stream have made.

    Attributes:
        stream: which. decider: the version of the rules that folded them. version: of the last event in it.
        state: JSON in UTF-8; what is personal is in it as in the events, sealed or an id.
        lineage: the history that they were read in; it is kept in no other one. None: in whichever is the present one.
    """

    stream: str
    decider: int
    version: int
    state: bytes
    lineage: UUID | None = None


EVENT_COLUMNS = (
    "position",
    "stream",
    "version",
    "id",
    "type",
    "data",
    "metadata",
    "effective_at",
    "recorded_at",
    "hash",
)
"""Of the table of events, in their order."""


class Recorded:
    """An event that a log holds; what ``of`` makes is in today's version, whichever it was stored in.

    It keeps the row as the driver gave it: reading a log does not pay for what nobody looks at, and the payload is
    parsed when it is touched.

    Attributes:
        source: the service whose log it is. position, stream, version: its place.
        id, metadata, effective_at, recorded_at: as appended. type, data: name and payload. hash: the chain up to it.
    """

    __slots__ = ("_about", "_event", "_row", "source")
    _event: Event
    _about: dict[str, Any]

    def __init__(  # noqa: PLR0917 - the columns in their order
        self,
        source: str,
        position: int,
        stream: str,
        version: int,
        id: UUID,  # noqa: A002 - the event's own word
        type: str,  # noqa: A002 - the event's own word
        data: bytes,
        metadata: bytes,
        effective_at: datetime,
        recorded_at: datetime,
        hash: bytes,  # noqa: A002 - the event's own word
    ) -> None:
        self.source = source
        self._row: Row = (position, stream, version, id, type, data, metadata, effective_at, recorded_at, hash)

    @classmethod
    def of(cls, source: str, rows: Sequence[Row]) -> list[Self]:
        """The events that rows of the log hold, with its columns in their order: each in today's version."""
        if earlier := CATALOGUE.upcasters:
            rows = [Lifted(row) if row[TYPE] in earlier else row for row in rows]
        return cls.stored(source, rows)

    @classmethod
    def stored(cls, source: str, rows: Sequence[Row]) -> list[Self]:
        """The same as the log holds them, for who copies the log; nobody else may look at earlier versions."""
        made = []
        for row in rows:
            one = cls.__new__(cls)
            one.source = source
            one._row = row  # noqa: SLF001 - its own
            made.append(one)
        return made

    def __repr__(self) -> str:
        return f"<{self.source} {self.position} {self.type}>"

    @property
    def columns(self) -> tuple[Any, ...]:
        """As ``EVENT_COLUMNS`` has them."""
        return tuple(self._row[column] for column in range(len(EVENT_COLUMNS)))

    @property
    def row(self) -> Row:
        """The row as it came, its columns by their number, for who needs most of them."""
        return self._row

    @property
    def outward(self) -> Row:
        """The row for readers elsewhere: in today's version, or as stored where it cannot be lifted."""
        row = self._row
        return row.outward if isinstance(row, Lifted) else row

    @property
    def stored_type(self) -> str:
        """The name that the log has, which may be that of an earlier version."""
        row = self._row
        value: str = (row.stored if isinstance(row, Lifted) else row)[TYPE]
        return value

    @property
    def position(self) -> int:
        """Place in the log, from 1, without gaps."""
        value: int = self._row[0]
        return value

    @property
    def stream(self) -> str:
        """Which aggregate it happened to."""
        value: str = self._row[1]
        return value

    @property
    def version(self) -> int:
        """Place in its stream, from 1, without gaps."""
        value: int = self._row[2]
        return value

    @property
    def id(self) -> UUID:
        """Unique within the service."""
        value: UUID = self._row[3]
        return value

    @property
    def type(self) -> str:
        """Name and version."""
        value: str = self._row[4]
        return value

    @property
    def data(self) -> bytes:
        """The payload, JSON in UTF-8."""
        value: bytes = self._row[5]
        return value

    @property
    def metadata(self) -> bytes:
        """Actor, causation, correlation, trace; JSON in UTF-8."""
        value: bytes = self._row[6]
        return value

    @property
    def effective_at(self) -> datetime:
        """When it became true."""
        value: datetime = self._row[7]
        return value

    @property
    def recorded_at(self) -> datetime:
        """When the log learned of it."""
        value: datetime = self._row[8]
        return value

    @property
    def hash(self) -> bytes:
        """The chain up to it."""
        value: bytes = self._row[9]
        return value

    @property
    def event(self) -> Event:
        """The payload as today's contract."""
        try:
            event = self._event
        except AttributeError:
            event = self._event = CATALOGUE.decode(self.type, self.data)
        return event

    @property
    def model(self) -> "EventModel":
        """Today's contract of it."""
        return CATALOGUE.models[self.type]

    @property
    def about(self) -> dict[str, Any]:
        """The metadata as a mapping."""
        try:
            about = self._about
        except AttributeError:
            about = self._about = orjson.loads(self.metadata)
        return about

    @property
    def actor(self) -> Actor:
        """Who acted."""
        return Actor.model_validate(self.about["actor"])

    @property
    def correlation_id(self) -> str | None:
        """What one request caused shares it."""
        return self.about.get("correlation_id")


def new_event(event_id: UUID, event: Event, metadata: bytes) -> NewEvent:
    """Serialises an event for the log.

    Raises:
        EventTooLarge: over 64 KiB.
    """
    data = event.__pydantic_serializer__.to_json(event)
    if len(data) > MAX_EVENT_BYTES:
        raise EventTooLarge(event.type, len(data))
    return NewEvent(event_id, event.type, data, metadata, event.effective_at)


def metadata(
    actor: Actor,
    *,
    correlation_id: str | None = None,
    causation_id: str | None = None,
    traceparent: str | None = None,
) -> bytes:
    """What an event carries beside its payload, as bytes; absent values are left out."""
    about: dict[str, Any] = {"actor": {"role": actor.role.value, "id": actor.id}}
    if correlation_id:
        about["correlation_id"] = correlation_id
    if causation_id:
        about["causation_id"] = causation_id
    if traceparent:
        about["traceparent"] = traceparent
    return orjson.dumps(about)
