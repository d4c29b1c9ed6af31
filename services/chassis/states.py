"""What aggregates were last seen as, so that a command need not read what this process has just written."""

from collections import OrderedDict
from typing import Any
from uuid import UUID


class States:
    """States by stream, each with the version that it stands at; those not asked for longest are forgotten.

    What is remembered may be old: another process may have written since. Whoever decides on it appends with its
    version as the expected one, and whoever refuses because of it looks again first. Of a log that was restored, the
    same version of a stream may be another state: what is remembered is all of one history.

    Args:
        most: streams remembered.
    """

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._lineage: UUID | None = None
        self._states: OrderedDict[str, tuple[Any, int]] = OrderedDict()

    def get(self, lineage: UUID, stream: str) -> tuple[Any, int] | None:
        """State and version of a stream, or None where it is not remembered."""
        if lineage != self._lineage:
            return None
        found = self._states.get(stream)
        if found is not None:
            self._states.move_to_end(stream)
        return found

    def knows(self, stream: str) -> bool:
        """Whether a stream is remembered, of whichever history."""
        return stream in self._states

    def put(self, lineage: UUID, stream: str, state: Any, version: int) -> None:
        """Remembers a stream, unless a later version of it is known already; what is of another history goes."""
        if lineage != self._lineage:
            self._lineage = lineage
            self._states.clear()
        known = self._states.get(stream)
        if known is None or known[1] <= version:
            self._states[stream] = (state, version)
            self._states.move_to_end(stream)
            if len(self._states) > self._most:
                self._states.popitem(last=False)

    def forget(self, lineage: UUID, stream: str) -> None:
        """Looks it up in the log the next time."""
        if lineage == self._lineage:
            self._states.pop(stream, None)
