"""Identifiers that sort by the time they were made."""

import os
import time
from collections.abc import Callable
from uuid import UUID

NewId = Callable[[], UUID]
"""Makes a new identifier; handed in, so that a test or a simulation can choose."""


def uuid7() -> UUID:
    """A UUID of version 7 (RFC 9562): 48 bits of Unix milliseconds, then randomness."""
    milliseconds = time.time_ns() // 1_000_000
    tail = int.from_bytes(os.urandom(10))
    value = milliseconds << 80 | tail
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
