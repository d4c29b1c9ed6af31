"""The second step of the rules over Kafka, with parcels handed to it as its partition would bring them."""

from datetime import UTC, datetime, timedelta

from contracts.common import EventRef
from services.analytics.rules.engine import Engine
from services.analytics.rules.facts import SOURCES
from services.analytics.rules.repeated import Happened
from services.analytics.rules.rule import by_name
from services.analytics.rules.stream.parcel import Parcel, Place, Reached, Sent, Tick, encode
from services.analytics.rules.stream.units import Units
from services.chassis.clock import FixedClock
from services.chassis.windows import MemoryWindows

NOON = datetime(2024, 6, 30, 4, tzinfo=UTC)


class Bench:
    """One partition, which remembers in this process."""

    def __init__(self):
        self.found = []
        self.windows = MemoryWindows({})
        engine = Engine(by_name().values(), self._settle, self._set_aside)
        self.units = Units(engine, lambda _: self.windows, self._keys, FixedClock(NOON), 1)

    async def _settle(self, rule, finding):
        self.found.append((rule.rule, finding.key))

    async def _set_aside(self, recorded, error):
        raise AssertionError(recorded) from error

    def _keys(self, _, prefix):
        return iter([key for key in list(self.windows) if key.startswith(prefix)])

    async def brings(self, *parcels):
        await self.units.take(0, [encode(parcel) for parcel in parcels])


def read(position, *facts):
    """All logs are read up to a position."""
    reached = {Place(source, 0): Reached(position, NOON + timedelta(seconds=position)) for source in SOURCES}
    return Parcel(tuple(facts), reached)


def tick(position):
    """Asked when all logs held so much."""
    return Parcel(tick=Tick(NOON + timedelta(seconds=position), dict.fromkeys(SOURCES, position)))


def call(position):
    """A noise call about the one unit."""
    ref = EventRef(source="incidents", position=position, id=f"0190a7c2-7d5e-7b11-8c1e-2f4a5b6c{position:04}")
    stream, at = f"incident-{position}", NOON + timedelta(seconds=position)
    return Sent(
        Place("incidents", 0), position, "wanda-a-1812", Happened(stream, stream, at, "noise", "yinchuan/wanda-a", ref)
    )


async def test_the_rules_look_although_events_never_cease():
    bench = Bench()
    for position in range(1, 7):
        # each tick asks for what is read only with the next parcel
        await bench.brings(read(position, call(position)), tick(position + 1))
    assert bench.found[0] == ("repeated-disturbance", "wanda-a-1812")


async def test_nothing_is_looked_at_before_all_is_read_that_the_logs_held():
    bench = Bench()
    await bench.brings(tick(5), read(4, call(1), call(2), call(3), call(4)))
    assert bench.found == []
    await bench.brings(read(5))
    assert bench.found == [("repeated-disturbance", "wanda-a-1812")]


async def test_a_tick_from_before_a_log_was_restored_does_not_keep_others_waiting():
    bench = Bench()
    await bench.brings(tick(100), read(3, call(1), call(2), call(3)))
    await bench.brings(tick(3))
    assert bench.found == [("repeated-disturbance", "wanda-a-1812")]
