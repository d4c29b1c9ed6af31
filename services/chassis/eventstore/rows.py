"""Rows of the log in the binary form of COPY (PostgreSQL's documentation: COPY, File Formats, Binary Format).

What the chain takes in is nearly what COPY does: both out of the same pieces cost less than asyncpg's codecs alone.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator
from datetime import datetime
from struct import Struct
from typing import NamedTuple

from services.chassis.eventstore.chain import link_encoded, microseconds, moment
from services.chassis.eventstore.types import MAX_EVENT_BYTES, EventTooLarge, NewEvent

COLUMNS = (
    "position",
    "version",
    "id",
    "effective_at",
    "recorded_at",
    "hash",
    "stream",
    "type",
    "data",
    "metadata",
)
"""In the order of the bytes: those of a fixed width first, so that one call packs them."""
SIGNATURE, END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
CHUNK = 32 * 1024
"""Bytes of events that are handed over together; as many are made before the loop comes round to others again."""
AHEAD = 32
"""Chunks at most that are made before COPY asks: as long as PostgreSQL takes to commit what came before."""
_PACK = Struct(">hiqiqi16siqiqi32si").pack
_LENGTH = Struct(">i").pack
_SINCE_2000 = 946_684_800_000_000
"""Microseconds from 1970 to where PostgreSQL counts from."""

Placed = tuple[str, int, NewEvent, datetime]
"""Stream, version in it, event, and when the log is told of it."""


class End(NamedTuple):
    """The last row of a log: what the next one is chained to."""

    position: int
    hash: bytes
    recorded_at: datetime


class Chained:
    """Events as rows, each chained to the one before, made while PostgreSQL writes those that it has.

    Args:
        after: the log's end. events: what comes after it.

    Attributes:
        after: as given. end: the new end, once all rows were taken.
    """

    def __init__(self, after: End, events: Iterable[Placed]) -> None:
        self.after = self.end = after
        self._events = events
        self._chunks = self._make()
        self._made: deque[bytes] = deque()
        self._error: Exception | None = None
        self._at_it = False

    def begin(self) -> None:
        """Makes chunks ahead of who takes them, ``AHEAD`` at most, one each time that the loop comes round."""
        if not self._at_it:
            self._at_it = True
            asyncio.get_running_loop().call_soon(self._make_one)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The bytes, for columns as in ``COLUMNS``; an error of an event comes when its turn has come."""
        while (chunk := self._take()) is not None:
            self.begin()
            yield chunk

    def _take(self) -> bytes | None:
        if self._made:
            return self._made.popleft()
        if self._error is not None:
            raise self._error
        return next(self._chunks, None)

    def _make_one(self) -> None:
        self._at_it = False
        try:
            chunk = next(self._chunks, None)
        except Exception as error:  # noqa: BLE001 - handed to who takes the chunks
            self._error = error
            return
        if chunk is not None:
            self._made.append(chunk)
            if len(self._made) < AHEAD:
                self.begin()

    def _make(self) -> Iterator[bytes]:
        (position, tip, at), pack, length = self.after, _PACK, _LENGTH
        recorded, seen = microseconds(at), at
        parts, size = [SIGNATURE], 0
        for stream, version, (event_id, type_name, data, metadata, effective_at), recorded_at in self._events:
            if len(data) > MAX_EVENT_BYTES or len(metadata) > MAX_EVENT_BYTES:
                raise EventTooLarge(type_name, max(len(data), len(metadata)))
            position += 1
            if recorded_at is not seen:
                recorded, seen = max(recorded, microseconds(recorded_at)), recorded_at
            identifier, effective = event_id.bytes, microseconds(effective_at)
            where, what = stream.encode(), type_name.encode()
            tip = link_encoded(tip, (position, version, identifier, effective, recorded), where, what, data, metadata)
            times = 8, effective - _SINCE_2000, 8, recorded - _SINCE_2000
            parts += (
                pack(10, 8, position, 8, version, 16, identifier, *times, 32, tip, len(where)),
                where,
                length(len(what)),
                what,
                length(len(data)),
                data,
                length(len(metadata)),
                metadata,
            )
            size += len(data) + len(metadata)
            if size >= CHUNK:
                yield b"".join(parts)
                parts, size = [], 0
        self.end = End(position, tip, moment(recorded))
        parts.append(END)
        yield b"".join(parts)
