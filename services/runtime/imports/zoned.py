"""Clock times of a zone as moments in UTC: skipped hours, repeated hours, whole days."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

ClockChange = tuple[Literal["skipped", "repeated"], str]
"""What the clocks did to a local time, and in which zone."""


class Interval(NamedTuple):
    """The earliest and the latest moment that a local time can mean.

    Attributes:
        change: set where the clocks skipped this time or showed it twice, so that it was read by a rule.
    """

    earliest: datetime
    latest: datetime
    change: ClockChange | None = None


Gap = Literal["later", "fail"]
Fold = Literal["interval", "earlier", "later", "fail"]
ALMOST_A_DAY = timedelta(hours=23, minutes=59, seconds=59)
ALMOST_AN_HOUR = timedelta(minutes=59, seconds=59)


class ClockChanged(ValueError):
    """The mapping has such a time fail.

    Attributes:
        lenient: how it would be read otherwise, which says its day.
    """

    def __init__(self, lenient: Interval) -> None:
        super().__init__()
        self.lenient = lenient


class ClockSkipped(ClockChanged):
    """The clocks were put forward over this time."""


class ClockRepeated(ClockChanged):
    """The clocks were put back, and this time came twice."""


@lru_cache(maxsize=100_000)
def _steady_offset(zone: str, day: int) -> timedelta | None:
    """The zone's offset all through a day (a proleptic ordinal), None where it changes within it."""
    midnight = datetime.fromordinal(day)
    place = ZoneInfo(zone)
    offsets = {(midnight + timedelta(hours=hour)).replace(tzinfo=place).utcoffset() for hour in range(25)}
    offsets |= {(midnight + timedelta(hours=hour)).replace(tzinfo=place, fold=1).utcoffset() for hour in range(25)}
    return offsets.pop() if len(offsets) == 1 else None


class Zoned:
    """Reads clock times of one zone.

    Args:
        zone: an IANA name. gap: what to do with a time that the clocks skip. fold: with one that comes twice.
    """

    def __init__(self, zone: str, gap: Gap = "fail", fold: Fold = "interval") -> None:
        self.zone = zone
        self.place = ZoneInfo(zone)
        self._gap = gap
        self._fold = fold

    def moment(self, clock: datetime) -> Interval:
        """The moment of a clock time; both ends differ where it came twice and nobody knows which is meant.

        Raises:
            ClockSkipped, ClockRepeated: where the rules say so.
        """
        offset = _steady_offset(self.zone, clock.toordinal())
        if offset is not None:
            at = (clock - offset).replace(tzinfo=UTC)
            return Interval(at, at)
        return self._moment_of_change(clock)

    def _moment_of_change(self, clock: datetime) -> Interval:
        first = clock.replace(tzinfo=self.place, fold=0).astimezone(UTC)
        second = clock.replace(tzinfo=self.place, fold=1).astimezone(UTC)
        if first > second:
            read = Interval(first, first, ("skipped", self.zone))
            if self._gap == "fail":
                raise ClockSkipped(read)
            return read
        if first == second:
            return Interval(first, first)
        both = Interval(first, second, ("repeated", self.zone))
        match self._fold:
            case "fail":
                raise ClockRepeated(both)
            case "earlier":
                return both._replace(latest=first)
            case "later":
                return both._replace(earliest=second)
        return both

    def hour(self, clock: datetime) -> Interval:
        """The whole hour that begins at a clock time."""
        first, last = self.moment(clock), self.moment(clock + ALMOST_AN_HOUR)
        return Interval(first.earliest, last.latest, first.change or last.change)

    def day(self, midnight: datetime) -> Interval:
        """The whole calendar day; 23 or 25 hours long where the clocks change."""
        offset = _steady_offset(self.zone, midnight.toordinal())
        if offset is not None:
            first = (midnight - offset).replace(tzinfo=UTC)
            return Interval(first, first + ALMOST_A_DAY)
        last = midnight + ALMOST_A_DAY
        return Interval(
            midnight.replace(tzinfo=self.place, fold=0).astimezone(UTC),
            last.replace(tzinfo=self.place, fold=1).astimezone(UTC),
        )

    def clock(self, moment: datetime) -> datetime:
        """What the clocks show at a moment."""
        return moment.astimezone(self.place).replace(tzinfo=None)
