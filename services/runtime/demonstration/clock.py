"""The clock of the demonstration: it begins where the scenario ends, and goes on from where it stopped.

One process has the clock; any number of others on the same machine read it from its file.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

AHEAD = timedelta(seconds=20)
"""How far ahead of its own time the clock writes itself down, in real seconds: a kill -9 costs at most that much."""

LOOK_AGAIN = 0.2
"""Real seconds after which a reader looks whether the clock was set anew."""


class ClockMissing(LookupError):
    """Nobody has the clock that is to be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} does not say what time the demonstration has: start it with `maplebridge demo`.")


class ClockUnreadable(ValueError):
    """The clock's file is broken."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} does not hold a moment: remove it, and the demonstration begins anew.")


@dataclass(frozen=True)
class Hand:
    """What the clock's file says.

    Attributes:
        not_before: no answer was later than this, and the next run begins there. moment: what it showed at ``since``.
        since: seconds of the machine's own count, the same in all its processes. speed: its seconds in one of those.
    """

    not_before: datetime
    moment: datetime
    since: float
    speed: float

    def at(self, seconds: float) -> datetime:
        """What the clock shows; it waits at ``not_before`` until somebody moves that on."""
        shown = self.moment + timedelta(seconds=max(0.0, seconds - self.since) * self.speed)
        return min(shown, self.not_before)


class DemonstrationClock:
    """Time that begins with ``start`` and passes ``speed`` times as fast as the machine's.

    Before it answers with a moment it has written down one that is not earlier; after a crash it begins there. So it
    never runs backwards. While the instance is not running, no time passes.

    Args:
        path: where it writes itself down. start: the moment it begins with, where it never ran. speed: how fast it
            goes; 0 stands still. seconds: a count of seconds that only grows.
    """

    def __init__(
        self, path: Path, start: datetime, speed: float = 1.0, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = path
        self._seconds = seconds
        self._speed = _checked(speed)
        self._moment = max(start, _not_before(path) or start)
        self._since = seconds()
        self._written = self._moment

    @property
    def speed(self) -> float:
        """How fast it goes."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._moment, self._since = self._time(), self._seconds()
        self._speed = _checked(speed)
        self._write(self._ahead(self._moment))

    def now(self) -> datetime:
        """The moment in UTC; never earlier than an answer before, also not one of an earlier run."""
        moment = self._time()
        if moment >= self._written:
            self._write(self._ahead(moment))
        return moment

    def keep_ahead(self) -> None:
        """Lets those who read the file go on: to be called more often than every ten seconds while there are any."""
        moment = self._time()
        if self._written - moment < (self._ahead(moment) - moment) * 0.75:
            self._write(self._ahead(moment))

    def close(self) -> None:
        """Writes down the very moment, so that the next start loses nothing."""
        self._write(self._time())

    def _time(self) -> datetime:
        return self._moment + timedelta(seconds=(self._seconds() - self._since) * self._speed)

    def _ahead(self, moment: datetime) -> datetime:
        return max(self._written, moment + AHEAD * max(1.0, self._speed))

    def _write(self, moment: datetime) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(".next")
        hand = {
            "not_before": moment.isoformat(),
            "moment": self._moment.isoformat(),
            "since": self._since,
            "speed": self._speed,
        }
        beside.write_text(json.dumps(hand), encoding="utf-8")
        beside.replace(self._path)
        self._written = moment


class FollowedClock:
    """The demonstration's clock as other processes of the machine see it; it never runs backwards either.

    Args:
        path: the file of the process that has the clock. seconds: the same count of seconds as that one's.

    Raises:
        ClockMissing: there is no such file.
    """

    def __init__(self, path: Path, seconds: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._seconds = seconds
        self._hand = _hand(path)
        self._looked = seconds()
        self._last = self._hand.at(self._looked)

    @property
    def speed(self) -> float:
        """How fast it goes."""
        return self._hand.speed

    def now(self) -> datetime:
        """The moment in UTC; never earlier than an answer before."""
        seconds = self._seconds()
        if seconds - self._looked >= LOOK_AGAIN:
            self._hand = _hand(self._path)
            self._looked = seconds
        self._last = max(self._last, self._hand.at(seconds))
        return self._last


def _hand(path: Path) -> Hand:
    found = _read(path)
    if found is None or "since" not in found:
        raise ClockMissing(path)
    return Hand(_moment(path, found, "not_before"), _moment(path, found, "moment"), found["since"], found["speed"])


def _not_before(path: Path) -> datetime | None:
    found = _read(path)
    return None if found is None else _moment(path, found, "not_before")


def _checked(speed: float) -> float:
    if not 0 <= speed <= 3600:
        raise ValueError(f"{speed} is no speed: choose one from 0 (stands still) to 3600 (an hour a second).")
    return speed


def _read(path: Path) -> dict[str, Any] | None:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        raise ClockUnreadable(path) from None
    if not isinstance(found, dict):
        raise ClockUnreadable(path)
    return found


def _moment(path: Path, found: dict[str, Any], name: str) -> datetime:
    try:
        return datetime.fromisoformat(found[name]).astimezone(UTC)
    except (ValueError, KeyError, TypeError):
        raise ClockUnreadable(path) from None
