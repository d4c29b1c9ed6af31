"""Rate limits: so many requests a second for each key, and a few seconds' worth at once."""

import time
from collections import OrderedDict
from collections.abc import Callable

BURST_SECONDS = 5.0
"""How many seconds' worth of requests may come at once after a pause."""
KEYS = 20_000
"""Most keys remembered; the one that has been quiet longest is forgotten first."""


class Pace:
    """A limit for each key by itself (the generic cell rate algorithm: one number a key).

    Args:
        rate: requests a second that a key may keep up; 0 for no limit. now: seconds that only grow.
    """

    def __init__(self, rate: float, now: Callable[[], float] = time.monotonic) -> None:
        self._interval = 1 / rate if rate else 0.0
        self._now = now
        self._due: OrderedDict[str, float] = OrderedDict()

    def wait(self, key: str) -> float:
        """Counts a request; 0 where it is within the limit, else seconds until one would be."""
        if not self._interval:
            return 0.0
        now = self._now()
        before = max(self._due.pop(key, 0.0), now)
        after = before + self._interval
        over = after - now - max(BURST_SECONDS, self._interval)
        self._due[key] = before if over > 0 else after
        if len(self._due) > KEYS:
            self._due.popitem(last=False)
        return max(over, 0.0)
