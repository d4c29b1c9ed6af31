"""The memory of window rules: a mutable mapping, wherever it is kept.

A rule's core touches nothing but this mapping. Embedded mode and services on PostgreSQL keep it in a table beside the
rule's checkpoint; over Kafka it is a Faust table, which is a mutable mapping too.
"""

from services.chassis.windows.memory import MemoryWindows
from services.chassis.windows.postgres import PostgresWindows
from services.chassis.windows.windows import NotReached, Windows

__all__ = ["MemoryWindows", "NotReached", "PostgresWindows", "Windows"]
