"""Whether a worker that has something to do has stood still for too long."""

import time
from collections.abc import Callable

PATIENCE = 40.0
"""Seconds. Longer than a member's death holds a group up, and than Faust waits for any one answer of Kafka's."""
PAUSE = 10.0
"""Seconds between two looks after which what was seen before does not count: the process itself did not run."""


class Watchdog:
    """Looked at about once a second.

    Faust waits without end for signals that it may have missed; who started the worker starts it anew where it does.

    Args:
        patience: seconds. clock: seconds.
    """

    def __init__(self, patience: float = PATIENCE, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._seen: object = None
        self._since = self._looked = clock()

    def look(self, busy: bool, seen: object) -> bool:
        """Whether it was busy all the time, and nothing changed.

        Args:
            busy: it has something to do, and nobody says why it does not go on. seen: what changes where it goes on.
        """
        now = self._clock()
        if not busy or seen != self._seen or now - self._looked > PAUSE:
            self._seen, self._since = seen, now
        self._looked = now
        return now - self._since >= self._patience
