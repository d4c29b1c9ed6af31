"""The hash chain: each row carries sha256 over its predecessor's hash and every one of its own columns."""

import hashlib
import struct
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.chassis.eventstore.types import MomentRefused

GENESIS = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
"""Neither is kept: the driver takes them for an infinite time."""
_NUMBERS = struct.Struct(">qq16sqqiiii")

CONTENT = """
    int8send(position) || int8send(version) || uuid_send(id)
    || int8send((extract(epoch from effective_at) * 1000000)::bigint)
    || int8send((extract(epoch from recorded_at) * 1000000)::bigint)
    || int4send(octet_length(stream)) || int4send(octet_length(type))
    || int4send(octet_length(data)) || int4send(octet_length(metadata))
    || convert_to(stream, 'UTF8') || convert_to(type, 'UTF8') || data || metadata
"""
"""What of a stored row is hashed after its predecessor's hash, as PostgreSQL puts it together."""


def link(
    previous: bytes,
    *,
    position: int,
    stream: str,
    version: int,
    event_id: UUID,
    type_name: str,
    data: bytes,
    metadata: bytes,
    effective_at: datetime,
    recorded_at: datetime,
) -> bytes:
    """The hash of a row. ``log.append_v2`` and ``CONTENT`` do the same; a test holds them together.

    Lengths go before contents, so that no two rows share an encoding.
    """
    numbers = (position, version, event_id.bytes, microseconds(effective_at), microseconds(recorded_at))
    return link_encoded(previous, numbers, stream.encode(), type_name.encode(), data, metadata)


Numbers = tuple[int, int, bytes, int, int]
"""Of a row: position, version, id, effective_at and recorded_at, times in microseconds since 1970."""


def link_encoded(
    previous: bytes, numbers: Numbers, stream: bytes, type_name: bytes, data: bytes, metadata: bytes
) -> bytes:
    """As ``link``, for who has all in bytes and microseconds already."""
    packed = _NUMBERS.pack(*numbers, len(stream), len(type_name), len(data), len(metadata))
    return hashlib.sha256(b"".join((previous, packed, stream, type_name, data, metadata))).digest()


def microseconds(at: datetime) -> int:
    """Since 1970 in UTC.

    Raises:
        MomentRefused: it has no time zone, or lies outside the years 1 to 9999 in UTC: nobody could read it again.
    """
    try:
        count = (at - _EPOCH) // _MICROSECOND
    except TypeError:
        raise MomentRefused(at) from None
    if not _FIRST < count < _LAST:
        raise MomentRefused(at)
    return count


def moment(count: int) -> datetime:
    """What lies so many microseconds after 1970."""
    return _EPOCH + count * _MICROSECOND


def seal(previous: bytes, content: bytes) -> bytes:
    """The hash of a row out of its predecessor's and its own content, as ``CONTENT`` gives it."""
    return hashlib.sha256(previous + content).digest()
