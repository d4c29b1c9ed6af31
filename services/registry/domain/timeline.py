"""What holds from a moment on until the next entry; entries may arrive in any order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Entry(Generic[Value]):
    """A value that holds from ``since`` on."""

    since: datetime
    value: Value


@dataclass(frozen=True, slots=True)
class Timeline(Generic[Value]):
    """Entries in order of time, at most one for a moment."""

    entries: tuple[Entry[Value], ...] = ()

    def at(self, moment: datetime) -> Entry[Value] | None:
        """The entry in force at a moment, None before the first."""
        return next((entry for entry in reversed(self.entries) if entry.since <= moment), None)

    def starting(self, moment: datetime) -> Entry[Value] | None:
        """The entry that begins at this very moment."""
        return next((entry for entry in self.entries if entry.since == moment), None)

    def put(self, since: datetime, value: Value) -> "Timeline[Value]":
        """With one more entry; it takes the place of one that begins at the same moment."""
        others = [entry for entry in self.entries if entry.since != since]
        return Timeline(tuple(sorted([*others, Entry(since, value)], key=lambda entry: entry.since)))

    def spans(self) -> Iterator[tuple[datetime, datetime | None, Value]]:
        """Each value with its beginning and its end; the last has none."""
        ends = [entry.since for entry in self.entries[1:]]
        for entry, end in zip(self.entries, [*ends, None], strict=True):
            yield entry.since, end, entry.value


def overlap(since: datetime, until: datetime | None, other_since: datetime, other_until: datetime | None) -> bool:
    """Whether two spans share a moment; an absent end is open, an end itself is outside."""
    if since == until or other_since == other_until:
        return False
    return (until is None or other_since < until) and (other_until is None or since < other_until)
