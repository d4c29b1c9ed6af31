"""An event that came by topic, read as far as somebody asks: most readers touch half of what a message carries."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from asyncpg.pgproto import pgproto

from services.chassis.eventstore.types import Recorded
from services.chassis.kafka.messages import OPTIONAL

Headers = dict[str, bytes]
NAMED = {
    *("ce_source", "ce_subject", "ce_streamversion", "ce_id", "ce_type"),
    *("ce_time", "ce_recordedtime", "ce_authtype", "ce_authid"),
}


class Arrived:
    """A message as a row of the log; a header is read when its column is, and one that is wrong is noticed then."""

    __slots__ = ("data", "headers", "position")

    def __init__(self, headers: Headers, position: int, data: bytes) -> None:
        self.headers = headers
        self.position = position
        self.data = data

    def __getitem__(self, column: int) -> Any:
        return COLUMNS[column](self)


def _moment(name: str) -> Callable[[Arrived], datetime]:
    return lambda row: datetime.fromisoformat(row.headers[name].decode())


def _metadata(row: Arrived) -> bytes:
    headers = row.headers
    about: dict[str, object] = {"actor": {"role": headers["ce_authtype"].decode(), "id": headers["ce_authid"].decode()}}
    about.update((key, headers[name].decode()) for name, key in OPTIONAL if headers.get(name))
    return orjson.dumps(about)


COLUMNS: tuple[Callable[[Arrived], Any], ...] = (
    lambda row: row.position,
    lambda row: row.headers["ce_subject"].decode(),
    lambda row: int(row.headers["ce_streamversion"]),
    # asyncpg's, as in what a log reads: many times faster to make than the standard library's, and a subclass
    lambda row: pgproto.UUID(row.headers["ce_id"].decode()),
    lambda row: row.headers["ce_type"].decode(),
    lambda row: row.data,
    _metadata,
    _moment("ce_time"),
    _moment("ce_recordedtime"),
    lambda _: b"",  # the chain does not leave the log
)


def arrived(headers: Headers, position: int, data: bytes | None) -> Recorded:
    """The event of a record, of which the position is read already.

    Raises:
        KeyError: a header is missing. ValueError: there is no payload.
    """
    if data is None:
        raise ValueError("it has no payload")
    if missing := NAMED - headers.keys():
        raise KeyError(min(missing))
    (recorded,) = Recorded.of(headers["ce_source"].decode(), [Arrived(headers, position, data)])
    return recorded
