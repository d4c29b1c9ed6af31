"""Identifiers that sort by the time they were made."""

import os
import time
from collections.abc import Callable
from uuid import UUID

from asyncpg.pgproto import pgproto

NewId = Callable[[], UUID]
"""Makes a new identifier; handed in, so that a test or a simulation can choose."""
RANDOM, AT_ONCE = 10, 256
"""Bytes of one, and how many are fetched together: asking the system for each took a twentieth of a command."""
_random: list[bytes] = []
os.register_at_fork(after_in_child=_random.clear)  # or two processes would hand out the same


def uuid7() -> UUID:
    """A UUID of version 7 (RFC 9562): 48 bits of Unix milliseconds, then randomness."""
    try:
        tail = _random.pop()
    except IndexError:
        fetched = os.urandom(RANDOM * AT_ONCE)
        _random.extend(fetched[start : start + RANDOM] for start in range(RANDOM, len(fetched), RANDOM))
        tail = fetched[:RANDOM]
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(tail)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    made: UUID = pgproto.UUID(value.to_bytes(16))  # asyncpg's: faster to make, to write and to store, and a subclass
    return made
