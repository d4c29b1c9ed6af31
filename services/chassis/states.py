"""What aggregates were last seen as, so that a command need not read what this process has just written."""

from collections import OrderedDict
from typing import Any
from uuid import UUID


class States:
    """States by stream, each with the version that it stands at; those not asked for longest are forgotten.

    What is remembered may be old: another process may have written since. Whoever decides on it appends with its
    version as the expected one, and whoever refuses because of it looks again first. Of a log that was restored, the
    same version of a stream may be another state: each is remembered under the history that it was read in.

    Args:
        most: streams remembered.
    """

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._states: OrderedDict[tuple[UUID, str], tuple[Any, int]] = OrderedDict()

    def get(self, lineage: UUID, stream: str) -> tuple[Any, int] | None:
        """State and version of a stream, or None where it is not remembered."""
        place = lineage, stream
        found = self._states.get(place)
        if found is not None:
            self._states.move_to_end(place)
        return found

    def put(self, lineage: UUID, stream: str, state: Any, version: int) -> None:
        """Remembers a stream, unless a later version of it is known already."""
        place = lineage, stream
        known = self._states.get(place)
        if known is None or known[1] <= version:
            self._states[place] = (state, version)
            self._states.move_to_end(place)
            if len(self._states) > self._most:
                self._states.popitem(last=False)

    def forget(self, lineage: UUID, stream: str) -> None:
        """Looks it up in the log the next time."""
        self._states.pop((lineage, stream), None)
