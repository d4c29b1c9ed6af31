"""When the rules look although no event comes, under a time that is moved by hand; both ways of running ask this."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.registry import OccupantRegistered, OccupantVerified
from services.analytics.rules.alarm import Alarm
from services.analytics.rules.engine import Engine
from services.analytics.rules.facts import SOURCES
from services.analytics.rules.rule import shipped
from services.analytics.rules.stream.parcel import Parcel, Place, Reached, Sent, Tick, encode
from services.analytics.rules.stream.ticker import Ticker
from services.analytics.rules.stream.units import Units
from services.analytics.rules.telling import flat, tell
from services.chassis.clock import FixedClock
from services.chassis.eventstore.types import Head
from services.chassis.subscriptions.subscription import SourceAway
from services.chassis.windows import MemoryWindows
from tests.integration.folding import recorded

NOON = datetime(2024, 6, 1, 4, tzinfo=UTC)
WHO = {"unit": "wanda-a-1", "place": "yinchuan/jinfeng/wanda-a/1", "tenancy": "t-1", "subject": "s-1"}
PLACE = Place("registry", 0)


def test_it_rings_until_it_is_set_and_then_at_its_time():
    alarm = Alarm()
    assert alarm.rings(NOON)
    alarm.set(NOON + timedelta(hours=1))
    assert not alarm.rings(NOON + timedelta(minutes=59))
    assert alarm.rings(NOON + timedelta(hours=1))
    alarm.set(None)
    assert alarm.rings(NOON)


def test_what_comes_makes_it_ring_before_its_time():
    alarm = Alarm()
    alarm.set(NOON + timedelta(hours=1))
    alarm.disturb()
    assert alarm.rings(NOON)


class Log:
    """The end of a log; None: its owner is away."""

    def __init__(self):
        self.end = 0

    async def head(self):
        if self.end is None:
            raise SourceAway("away")
        return Head(self.end, b"", NOON, None)


class Street:
    """One partition of the units, a ticker, and what travels between the two."""

    topic, partitions = "facts", 1

    def __init__(self):
        self.kept, self.alerts, self.sent = {}, {}, []
        self.clock = FixedClock(NOON)
        self.logs = {source: Log() for source in SOURCES}
        engine = Engine(shipped(), self.settle, self.set_aside)
        self.units = Units(engine, lambda _: MemoryWindows(self.kept), self.keys_from, self.clock, 1)
        self.ticker = Ticker(self, self, self.units, self.logs, self.clock, self.ours)

    def keys_from(self, _, prefix):
        return iter([key for key in sorted(self.kept) if key.startswith(prefix)])

    async def settle(self, _, finding):
        self.alerts[finding.key] = len(finding.evidence)

    async def set_aside(self, event, error):
        raise AssertionError(event) from error

    async def ours(self):
        return [0]

    async def report(self):
        """Nothing moves by itself."""

    async def send(self, parcels):
        self.sent += [parcel for several in parcels.values() for parcel in several]

    async def happens(self, *events):
        """The log has events, and they come."""
        log = recorded("registry", [("unit-wanda-a-1", event) for event in events])
        told = await tell(MemoryWindows({}), log, self.set_aside)
        facts = [Sent(PLACE, event.position, unit, fact) for event, facts in told for unit, fact in facts]
        assert len(facts) == len(flat(told))
        self.logs["registry"].end = len(log)
        await self.comes(Parcel(tuple(facts), {PLACE: Reached(len(log), NOON)}))

    async def comes(self, *parcels):
        await self.units.take(0, [encode(parcel) for parcel in parcels])

    async def second(self):
        """The ticker looks at the clock once; answers the ticks that it sent, which come then."""
        await self.ticker.tick()
        sent, self.sent = self.sent, []
        await self.comes(*sent)
        return [parcel.tick for parcel in sent]

    async def passes(self, **time):
        self.clock.moment += timedelta(**time)
        return await self.second()


def registered(due):
    return OccupantRegistered(**WHO, verification_due_at=due, effective_at=NOON)


def verified(at):
    return OccupantVerified(**WHO, method="in-person", effective_at=at)


@pytest.fixture
def street():
    return Street()


async def test_what_is_overdue_is_found_though_nothing_comes(street):
    await street.happens(registered(NOON + timedelta(minutes=90)))
    await street.second()
    assert await street.passes(minutes=30) == [], "there is nothing to look at before an hour has passed"
    await street.passes(minutes=59)
    assert street.alerts == {}
    assert await street.passes(minutes=2)
    assert street.alerts == {"wanda-a-1": 1}


async def test_what_was_done_in_time_and_has_not_come_yet_is_not_overdue(street):
    await street.happens(registered(NOON + timedelta(hours=1)))
    await street.second()
    street.logs["registry"].end = 2  # the verification lies in the log, and its topic is behind
    assert await street.passes(hours=2), "it is asked"
    assert street.alerts == {}
    await street.happens(registered(NOON + timedelta(hours=1)), verified(NOON + timedelta(minutes=30)))
    await street.second()
    assert street.alerts == {}


async def test_nothing_is_asked_while_an_owner_is_away(street):
    await street.happens(registered(NOON + timedelta(hours=1)))
    await street.second()
    street.logs["mediation"].end = None
    with pytest.raises(SourceAway):
        await street.passes(hours=2)
    assert street.alerts == {}
    street.logs["mediation"].end = 0
    await street.second()
    assert street.alerts == {"wanda-a-1": 1}


async def test_a_tick_that_comes_again_takes_nothing_back(street):
    await street.happens(registered(NOON + timedelta(hours=1)))
    (early,) = await street.second()
    await street.passes(hours=2)
    assert street.alerts == {"wanda-a-1": 1}
    await street.comes(Parcel(tick=early))
    assert street.alerts == {"wanda-a-1": 1}


async def test_facts_that_come_again_are_not_taken_in_again(street):
    due = NOON + timedelta(hours=1)
    await street.happens(registered(due))
    await street.happens(registered(due), verified(NOON))
    log = recorded("registry", [("unit-wanda-a-1", registered(due))])
    ((event, ((unit, fact),)),) = await tell(MemoryWindows({}), log, street.set_aside)
    tick = Tick(NOON + timedelta(hours=2), {"registry": 2})
    again = Parcel((Sent(PLACE, event.position, unit, fact),), {PLACE: Reached(1, NOON)}, tick)
    await street.comes(again)
    assert street.alerts == {}


async def test_nothing_is_raised_before_all_logs_were_read_to_their_ends_once(street):
    street.logs["incidents"].end = 5
    await street.happens(registered(NOON - timedelta(hours=1)))
    await street.second()
    assert street.alerts == {}
    await street.comes(Parcel((), {Place("incidents", 0): Reached(5, NOON)}))
    await street.second()
    assert street.alerts == {"wanda-a-1": 1}
