"""Which partition a stream belongs to: murmur2 over the key, as Java's default partitioner chooses."""

import struct
from functools import lru_cache

SEED = 0x9747B28C
MIX = 0x5BD1E995
SHIFT = 24
BITS = 0xFFFFFFFF
STREAMS_REMEMBERED = 1 << 18


def murmur2(key: bytes) -> int:
    """The 32-bit hash of a key, unsigned.

    It is Kafka's: Java computes it with signed numbers, and its clients clear the sign before they take the remainder.
    """
    length = len(key)
    value = SEED ^ length
    whole = length & ~3
    for (word,) in struct.iter_unpack("<I", key[:whole]):
        mixed = word * MIX & BITS
        mixed = (mixed ^ mixed >> SHIFT) * MIX & BITS
        value = value * MIX & BITS ^ mixed
    if length > whole:
        value = (value ^ int.from_bytes(key[whole:], "little")) * MIX & BITS
    value = (value ^ value >> 13) * MIX & BITS
    return value ^ value >> 15


@lru_cache(STREAMS_REMEMBERED)
def partition_of(stream: str, partitions: int) -> int:
    """The partition of a stream on a topic with so many partitions; every client of Kafka agrees by default."""
    return (murmur2(stream.encode()) & 0x7FFFFFFF) % partitions
