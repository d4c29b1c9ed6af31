"""Where time comes from. Deciders never ask; the shell asks a clock and hands the moment in."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The moment, aware and in UTC; never earlier than an answer before."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The moment in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """Stands where it is put; for tests and for replaying recorded commands."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment it was put at."""
        return self.moment
