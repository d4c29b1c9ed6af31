"""An event as a message: CloudEvents 1.0 in binary mode over Kafka, and back."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import orjson
from asyncpg.pgproto import pgproto

from contracts.topics import BARRIER, WATERMARK
from services.chassis.eventstore.types import Recorded

Header = tuple[str, bytes]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
CONTENT_TYPE: Header = ("content-type", b"application/json")
SPECVERSION: Header = ("ce_specversion", b"1.0")


class MessageMalformed(Exception):
    """A record of a topic is not a message of ours.

    Attributes:
        topic, partition, offset: where it lies.
    """

    def __init__(self, topic: str, partition: int, offset: int, what: str) -> None:
        super().__init__(
            f"{topic}, partition {partition}, offset {offset} cannot be read: {what}. "
            "Only the owner's relay may write there: see who else does."
        )
        self.topic = topic
        self.partition = partition
        self.offset = offset


class Record(Protocol):
    """What a client of Kafka hands over."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Iterable[Header]: ...


class Encoded(NamedTuple):
    """A record to be sent.

    Attributes:
        key: the stream; None for a watermark. value: the payload. timestamp: milliseconds since 1970.
    """

    key: bytes | None
    value: bytes
    headers: list[Header]
    timestamp: int


class Message(NamedTuple):
    """An event that came by topic.

    Attributes:
        recorded: the event; its ``hash`` is empty, since the chain does not leave the log.
        previous: position of the message before it in its partition, 0 for none.
        lineage: which history of the log it belongs to. lineage_start: the last position which that one kept of the
            one before. epoch: of the lease under which it was sent.
    """

    recorded: Recorded
    previous: int
    lineage: UUID
    lineage_start: int
    epoch: int

    @property
    def source(self) -> str:
        """The service whose log holds it."""
        return self.recorded.source

    @property
    def position(self) -> int:
        """Its position in that log."""
        return self.recorded.position


class Watermark(NamedTuple):
    """Says of one partition that it is complete; a barrier says so too, before the topic goes on with more of them.

    Attributes:
        source: the service whose log it is about. position: all up to here that belongs into this partition was sent.
        recorded_at: when the event at that position was recorded. previous: position of the last event in this
            partition. lineage, lineage_start, epoch: as for a message.
    """

    source: str
    position: int
    recorded_at: datetime
    previous: int
    lineage: UUID
    lineage_start: int
    epoch: int


class Encoder:
    """Makes the messages of one log under one lease; what they share is made once.

    Args:
        source: the service. lineage, lineage_start: the log's history, and what it kept of the one before.
        epoch: of the lease. lineage_before: the history before; None for the first.
    """

    def __init__(
        self, source: str, lineage: UUID, lineage_start: int, epoch: int, lineage_before: UUID | None = None
    ) -> None:
        self._label = f"{lineage}/{epoch}"
        self._moment = EPOCH
        self._recorded: Header = ("ce_recordedtime", _text(EPOCH))
        self._timestamp = 0
        self._shared: tuple[Header, ...] = (
            SPECVERSION,
            ("ce_source", source.encode()),
            ("ce_lineage", str(lineage).encode()),
            ("ce_lineagestart", b"%020d" % lineage_start),
            ("ce_epoch", b"%d" % epoch),
            CONTENT_TYPE,
        )
        if lineage_before is not None:
            self._shared += (("ce_lineagebefore", str(lineage_before).encode()),)

    def event(self, recorded: Recorded, previous: int) -> Encoded:
        """The message of an event whose predecessor in its partition has the position ``previous``."""
        # the hot path of a relay: what repeats is remembered, and columns are asked for by their number
        row = recorded.outward
        about = orjson.loads(row[6])
        actor = about["actor"]
        key, subject, partitionkey = _of_stream(row[1])
        recorded_at = row[8]
        if recorded_at != self._moment:  # events of one transaction share it
            self._record_at(recorded_at)
        headers: list[Header] = [
            *self._shared,
            ("ce_id", str(row[3]).encode()),
            _header("ce_type", row[4]),
            subject,
            ("ce_time", orjson.dumps(row[7], None, orjson.OPT_UTC_Z)[1:-1]),
            self._recorded,
            ("ce_sequence", b"%020d" % row[0]),
            ("ce_previous", b"%020d" % previous),
            partitionkey,
            ("ce_streamversion", b"%d" % row[2]),
            _header("ce_authtype", actor["role"]),
            _header("ce_authid", actor["id"]),
        ]
        if len(about) > 1:
            for name, optional in OPTIONAL:
                if value := about.get(optional):
                    headers.append((name, value.encode()))
        return Encoded(key, row[5], headers, self._timestamp)

    def watermark(self, partition: int, position: int, recorded_at: datetime, previous: int) -> Encoded:
        """The record that says of a partition: complete up to a position, which was recorded at that time."""
        return self._mark("watermark", WATERMARK, (partition, position, previous), recorded_at)

    def barrier(
        self, partition: int, position: int, recorded_at: datetime, previous: int, *, before: int, partitions: int
    ) -> Encoded:
        """The record that ends a division of the topic: what follows is spread over ``partitions``, not ``before``."""
        encoded = self._mark("barrier", BARRIER, (partition, position, previous), recorded_at)
        encoded.headers.append(("ce_partitionsbefore", b"%d" % before))
        encoded.headers.append(("ce_partitions", b"%d" % partitions))
        return encoded

    def _mark(self, kind: str, type_name: str, place: tuple[int, int, int], recorded_at: datetime) -> Encoded:
        partition, position, previous = place
        self._record_at(recorded_at)
        headers: list[Header] = [
            *self._shared,
            ("ce_id", f"{kind}/{self._label}/{partition}/{position}".encode()),
            ("ce_type", type_name.encode()),
            ("ce_time", _text(recorded_at)),
            self._recorded,
            ("ce_sequence", b"%020d" % position),
            ("ce_previous", b"%020d" % previous),
        ]
        return Encoded(None, b"{}", headers, self._timestamp)

    def _record_at(self, moment: datetime) -> None:
        self._moment = moment
        self._recorded = ("ce_recordedtime", _text(moment))
        self._timestamp = (moment - EPOCH) // MILLISECOND


@lru_cache(1 << 16)
def _of_stream(stream: str) -> tuple[bytes, Header, Header]:
    key = stream.encode()
    return key, ("ce_subject", key), ("ce_partitionkey", key)


@lru_cache(1 << 13)
def _header(name: str, value: str) -> Header:
    return name, value.encode()


NO_EVENTS = frozenset((WATERMARK.encode(), BARRIER.encode()))
OPTIONAL = (
    ("ce_correlationid", "correlation_id"),
    ("ce_causationid", "causation_id"),
    ("ce_traceparent", "traceparent"),
)


def decode(record: Record) -> Message | Watermark:
    """What a record says.

    Raises:
        MessageMalformed: a header lacks or is not what it has to be; or the payload is missing.
    """
    headers = dict(record.headers)
    try:
        if headers["ce_type"] in NO_EVENTS:
            return _watermark(headers)
        if record.value is None:
            raise MessageMalformed(record.topic, record.partition, record.offset, "it has no payload")
        return _message(headers, record.value)
    except KeyError as error:
        what = f"the header {error.args[0]} is missing"
    except ValueError as error:
        what = f"a header is not what it has to be ({error})"
    raise MessageMalformed(record.topic, record.partition, record.offset, what)


def _message(headers: dict[str, bytes], value: bytes) -> Message:
    about: dict[str, Any] = {
        "actor": {"role": headers["ce_authtype"].decode(), "id": headers["ce_authid"].decode()},
    }
    for name, key in OPTIONAL:
        if text := headers.get(name):
            about[key] = text.decode()
    row = (
        int(headers["ce_sequence"]),
        headers["ce_subject"].decode(),
        int(headers["ce_streamversion"]),
        # asyncpg's, as in what a log reads: many times faster to make than the standard library's, and a subclass
        pgproto.UUID(headers["ce_id"].decode()),
        headers["ce_type"].decode(),
        value,
        orjson.dumps(about),
        _moment(headers["ce_time"]),
        _moment(headers["ce_recordedtime"]),
        b"",
    )
    (recorded,) = Recorded.of(headers["ce_source"].decode(), [row])
    return Message(recorded, int(headers["ce_previous"]), *_origin(headers))


def _watermark(headers: dict[str, bytes]) -> Watermark:
    return Watermark(
        headers["ce_source"].decode(),
        int(headers["ce_sequence"]),
        _moment(headers["ce_recordedtime"]),
        int(headers["ce_previous"]),
        *_origin(headers),
    )


def _origin(headers: dict[str, bytes]) -> tuple[UUID, int, int]:
    lineage = pgproto.UUID(headers["ce_lineage"].decode())
    return lineage, int(headers["ce_lineagestart"]), int(headers["ce_epoch"])


def _text(moment: datetime) -> bytes:
    # five times as fast as isoformat
    return orjson.dumps(moment, None, orjson.OPT_UTC_Z)[1:-1]


def _moment(text: bytes) -> datetime:
    moment = datetime.fromisoformat(text.decode())
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} does not say its time zone")
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
