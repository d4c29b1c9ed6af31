"""When to look at what falls due although no event comes: the same for a log that is read whole and for topics."""

from datetime import datetime


class Alarm:
    """Rings at the time it is set to, and at once until it is set.

    It asks no clock and starts no timer: who runs the rules asks it now and then, with the time of the rules' clock,
    looks when it rings, and sets it to what the engine's tick says.
    """

    def __init__(self) -> None:
        self._at: datetime | None = None

    def rings(self, now: datetime) -> bool:
        """Whether it is time to look."""
        return self._at is None or now >= self._at

    def set(self, at: datetime | None) -> None:
        """Rings next at that time; None: at once, there is more to look at."""
        self._at = at

    def disturb(self) -> None:
        """Something came that may fall due before: rings at once."""
        self._at = None
