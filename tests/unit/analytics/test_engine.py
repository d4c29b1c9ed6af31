"""The rules at work: in whatever order the logs arrive, and however they are cut, the same alerts in the end."""

import asyncio
import contextlib
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.common import Occurred
from contracts.incidents import Channel, IncidentReopened, IncidentReported, IncidentResolved, IncidentTriaged, Priority
from contracts.mediation import DisputeLogged, Party
from contracts.registry import (
    OccupantRegistered,
    OccupantVerified,
    Registration,
    SubjectErased,
    TenancyCategory,
    TenancyCorrected,
    TenantMovedOut,
    UnitRegistered,
)
from services.analytics.rules.engine import Engine
from services.analytics.rules.rule import shipped
from services.chassis.eventstore.types import Recorded
from services.chassis.windows import MemoryWindows

DAY_0 = datetime(2024, 6, 1, 4, tzinfo=UTC)
PLACE = "yinchuan/jinfeng/wanda/wanda-a"
NOW = DAY_0 + timedelta(days=80)


class Died(Exception):
    """The process is no more."""


class Desk:
    """An engine over memory, and the alerts as the log would hold them."""

    def __init__(self):
        self.kept = {}
        self.alerts = {}
        self.told = 0
        self.dies_after = None
        self.aside = []
        self.engine = Engine(shipped(), self.settle, self.set_aside)

    async def settle(self, rule, finding):
        if self.told == self.dies_after:
            raise Died
        self.told += 1
        if finding.evidence:
            self.alerts[finding.alert] = (rule.rule, finding.key, finding.place, finding.evidence, finding.due_at)
        else:
            self.alerts.pop(finding.alert, None)

    async def set_aside(self, recorded, error):
        self.aside.append((recorded.position, type(error).__name__))

    async def take(self, events, now=DAY_0, watermark=DAY_0):
        windows = MemoryWindows(self.kept)
        await self.engine.take(windows, events, now, watermark)
        await windows.keep()

    async def die(self, events, after):
        """Takes events in, tells of so many findings at the most, and remembers nothing of it."""
        self.dies_after = self.told + after
        with contextlib.suppress(Died):
            await self.engine.take(MemoryWindows(self.kept), events, DAY_0, DAY_0)
        self.dies_after = None

    async def tick(self, now=NOW):
        windows = MemoryWindows(self.kept)
        wake = await self.engine.tick(windows, now)
        await windows.keep()
        return wake


def log(source, told):
    versions, made = {}, []
    for position, (stream, event) in enumerate(told, start=1):
        versions[stream] = versions.get(stream, 0) + 1
        data = event.model_dump_json().encode()
        at, name = event.effective_at, UUID(int=position)
        made.append(Recorded(source, position, stream, versions[stream], name, event.type, data, b"{}", at, at, b""))
    return made


def unit_of(number):
    return f"wanda-a-{number}"


def registered(number):
    unit = unit_of(number)
    event = UnitRegistered(
        unit=unit, building="wanda-a", number=str(number), floor=1, place=f"{PLACE}/{number}", effective_at=DAY_0
    )
    return (f"unit-{unit}", event)


def call(number, unit, day, category="noise/neighbour", **more):
    at = DAY_0 + timedelta(days=day)
    event = IncidentReported(
        incident=f"i-{number}",
        category=category,
        place=PLACE,
        occurred=Occurred(earliest=at, latest=at),
        channel=Channel.PHONE_110,
        source_unit=unit,
        caller_unit="wanda-a-1",
        effective_at=at,
        **more,
    )
    return (f"incident-i-{number}", event)


def judged(number, category, day):
    at = DAY_0 + timedelta(days=day)
    event = IncidentTriaged(
        incident=f"i-{number}", place=PLACE, priority=Priority.ROUTINE, category=category, effective_at=at
    )
    return (f"incident-i-{number}", event)


def ended(number, outcome, day):
    at = DAY_0 + timedelta(days=day)
    return (
        f"incident-i-{number}",
        IncidentResolved(incident=f"i-{number}", place=PLACE, outcome=outcome, effective_at=at),
    )


def begun_again(number, day):
    at = DAY_0 + timedelta(days=day)
    return (f"incident-i-{number}", IncidentReopened(incident=f"i-{number}", place=PLACE, effective_at=at))


def moved_out(unit, day):
    event = TenantMovedOut(unit=unit, place=PLACE, tenancy="t-1", effective_at=DAY_0 + timedelta(days=day))
    return (f"unit-{unit}", event)


def dispute(number, unit, day, incident=None):
    parties = (Party(subject="s-1"), Party(subject="s-2"))
    event = DisputeLogged(
        dispute=f"d-{number}",
        category="dispute/noise",
        place=PLACE,
        source_unit=unit,
        parties=parties,
        incident=incident,
        effective_at=DAY_0 + timedelta(days=day),
    )
    return (f"dispute-d-{number}", event)


happenings = st.lists(
    st.tuples(
        st.sampled_from(["call", "judged", "other-call", "duplicate", "again", "dispute", "of-call", "out"]),
        st.integers(1, 2),
        st.integers(0, 75),
    ),
    max_size=16,
)


def told(kinds):
    logs = {"registry": [registered(1), registered(2)], "incidents": [], "mediation": []}
    for number, (kind, unit_number, day) in enumerate(kinds, start=1):
        unit = unit_of(unit_number)
        if kind == "out":
            logs["registry"].append(moved_out(unit, day))
        elif kind in {"dispute", "of-call"}:
            incident = f"i-{number - 1}" if kind == "of-call" else None
            logs["mediation"].append(dispute(number, unit, day, incident))
        else:
            logs["incidents"].append(call(number, unit, day, "other" if kind == "judged" else "noise/x"))
            if kind == "judged":
                logs["incidents"].append(judged(number, "dispute/x", day))
            if kind == "other-call":
                logs["incidents"].append(judged(number, "help", day))
            if kind in {"duplicate", "again"}:
                logs["incidents"].append(ended(number, "duplicate", day))
            if kind == "again":
                logs["incidents"].append(begun_again(number, day))
    return [log(source, entries) for source, entries in logs.items()]


@settings(max_examples=60, deadline=None)
@given(happenings, st.integers(0, 2**31))
def test_any_order_of_arrival_ends_with_the_same_alerts(kinds, seed):
    logs = told(kinds)
    chance = random.Random(seed)  # noqa: S311 - not a secret

    async def run():
        straight, mixed = Desk(), Desk()
        for entries in logs:
            await straight.take(entries)
        rest = [list(entries) for entries in logs]
        while any(rest):
            entries = chance.choice([entries for entries in rest if entries])
            size = chance.randint(1, 4)
            if chance.random() < 0.3:
                await mixed.die(entries[: chance.randint(1, 4)], chance.randint(0, 3))
            await mixed.take(entries[:size])
            if chance.random() < 0.2:
                await mixed.take(entries[:size])  # told twice
            del entries[:size]
        return straight, mixed

    straight, mixed = asyncio.run(run())
    assert mixed.alerts == straight.alerts
    assert not mixed.aside


def overdue_log():
    unit = unit_of(1)
    common = {"unit": unit, "place": f"{PLACE}/1", "tenancy": "t-1", "subject": "s-1"}
    due = DAY_0 + timedelta(hours=30)
    return log(
        "registry",
        [
            registered(1),
            (f"unit-{unit}", OccupantRegistered(**common, verification_due_at=due, effective_at=DAY_0)),
            (f"unit-{unit}", OccupantVerified(**common, method="in-person", effective_at=due + timedelta(hours=9))),
        ],
    )


async def test_what_falls_due_is_found_by_the_clock_and_taken_back_when_it_is_done():
    desk, events = Desk(), overdue_log()
    await desk.take(events[:2], now=DAY_0)
    wake = await desk.tick(DAY_0)
    assert wake == DAY_0 + timedelta(hours=1)
    for hour in range(1, 31):
        assert not desk.alerts
        await desk.tick(DAY_0 + timedelta(hours=hour))
    ((rule, key, place, evidence, due_at),) = desk.alerts.values()
    assert (rule, key, place) == ("verification-overdue", unit_of(1), f"{PLACE}/1")
    assert [ref.position for ref in evidence] == [2]
    assert due_at == DAY_0 + timedelta(hours=30)
    told_before = desk.told
    await desk.tick(DAY_0 + timedelta(hours=40))
    assert desk.told == told_before
    await desk.take(events[2:])
    await desk.tick(DAY_0 + timedelta(hours=40))
    assert not desk.alerts


def corrected(due, ended_at=None):
    return TenancyCorrected(
        unit=unit_of(1),
        place=f"{PLACE}/1",
        tenancy="t-1",
        category=TenancyCategory.LONG_LET,
        ended_at=ended_at,
        to_verify=("s-1",),
        verification_due_at=due,
        effective_at=DAY_0,
    )


async def test_what_falls_due_follows_a_correction_of_the_tenancy():
    desk, stream = Desk(), f"unit-{unit_of(1)}"
    later = DAY_0 + timedelta(hours=60)
    left = TenantMovedOut(unit=unit_of(1), place=f"{PLACE}/1", tenancy="t-1", effective_at=DAY_0 + timedelta(hours=1))
    events = log(
        "registry",
        [
            *((stream, each.event) for each in overdue_log()[:2]),
            (stream, corrected(later)),
            (stream, left),
            (stream, corrected(later)),  # the move-out was a mistake
            (stream, corrected(later, ended_at=DAY_0 + timedelta(hours=50))),
        ],
    )
    await desk.take(events[:2], now=DAY_0)
    await desk.tick(DAY_0 + timedelta(hours=40))
    assert desk.alerts
    await desk.take(events[2:3])
    await desk.tick(DAY_0 + timedelta(hours=40))
    assert not desk.alerts
    await desk.take(events[3:5])
    await desk.tick(DAY_0 + timedelta(hours=61))
    assert [alert[-1] for alert in desk.alerts.values()] == [later]
    await desk.take(events[5:])
    await desk.tick(DAY_0 + timedelta(hours=62))
    assert not desk.alerts


def erased(*registrations):
    event = SubjectErased(
        subject="s-1", place=PLACE, ground="resident-request", registrations=registrations, effective_at=DAY_0
    )
    return ("subject-s-1", event)


async def test_nothing_is_overdue_of_a_person_erased_though_the_tenancy_is_corrected_later():
    desk, stream = Desk(), f"unit-{unit_of(1)}"
    registered_there = [(stream, each.event) for each in overdue_log()[:2]]
    here = Registration(unit=unit_of(1), tenancy="t-1")
    events = log("registry", [*registered_there, erased(here), (stream, corrected(DAY_0 + timedelta(hours=50)))])
    await desk.take(events[:2], now=DAY_0)
    await desk.tick(DAY_0 + timedelta(hours=40))
    assert len(desk.alerts) == 1
    await desk.take(events[2:3])
    await desk.tick(DAY_0 + timedelta(hours=41))
    assert not desk.alerts
    await desk.take(events[3:])
    await desk.tick(DAY_0 + timedelta(hours=60))
    assert not desk.alerts
    assert not desk.aside


async def test_an_erasure_that_is_read_before_the_registration_leaves_nothing_overdue():
    desk = Desk()
    await desk.take(log("registry", [erased(Registration(unit=unit_of(1), tenancy="t-1"))]))
    await desk.take(overdue_log()[:2])
    await desk.tick(NOW)
    assert not desk.alerts


async def test_the_count_from_a_unit_follows_a_correction_of_the_tenancy():
    desk, stream = Desk(), f"unit-{unit_of(1)}"
    calls = log("incidents", [call(number, unit_of(1), number) for number in (1, 2, 4)])
    there_still, left_later = corrected(None), corrected(None, ended_at=DAY_0 + timedelta(days=5))
    left_between = corrected(None, ended_at=DAY_0 + timedelta(days=2))
    told = [moved_out(unit_of(1), 3), *((stream, each) for each in (there_still, left_between, left_later))]
    events = log("registry", told)
    await desk.take([*calls, events[0]])
    assert not desk.alerts  # another household from the third day on
    await desk.take(events[1:2])
    assert [len(evidence) for *_, evidence, _ in desk.alerts.values()] == [3]
    await desk.take(events[2:3])
    assert not desk.alerts
    await desk.take(events[3:])
    assert [len(evidence) for *_, evidence, _ in desk.alerts.values()] == [3]


async def test_an_alert_is_taken_back_of_which_a_crash_left_no_memory_and_a_longer_step_finds_nothing():
    desk = Desk()
    calls = log("incidents", [call(number, unit_of(1), number) for number in range(1, 5)])
    calls += log("incidents", [judged(number, "help", number) for number in range(1, 5)])
    await desk.die(calls[:4], after=9)
    assert len(desk.alerts) == 1
    await desk.take(calls)
    assert not desk.alerts


async def test_duplicates_and_unfounded_reports_take_their_alert_back_and_one_that_is_reopened_brings_it_again():
    desk = Desk()
    calls = [call(number, unit_of(1), number) for number in (1, 2, 3)]
    resolved = [ended(1, "settled", 4), ended(2, "duplicate", 4), ended(3, "unfounded", 4), begun_again(3, 5)]
    events = log("incidents", [*calls, *resolved, begun_again(2, 5)])
    await desk.take(events[:4])
    assert len(desk.alerts) == 1  # a call that was settled did happen
    await desk.take(events[4:6])
    assert not desk.alerts
    await desk.take(events[6:7])
    assert not desk.alerts
    await desk.take(events[7:])
    assert len(desk.alerts) == 1


async def test_one_that_was_revised_before_a_crash_is_revised_again_where_a_longer_step_finds_what_was_told_before():
    desk = Desk()
    calls = log("incidents", [call(number, unit_of(1), number) for number in range(1, 5)])
    await desk.take(calls[:3])
    before = dict(desk.alerts)
    await desk.die(calls[3:], after=9)
    assert desk.alerts != before
    await desk.take([*calls[3:], *log("incidents", [judged(4, "help", 4)])])
    assert desk.alerts == before


async def test_a_history_in_which_it_was_done_raises_nothing():
    desk = Desk()
    await desk.take(overdue_log(), now=NOW)
    await desk.tick(NOW)
    assert desk.told == 0


async def test_the_clock_may_have_stood_still_for_weeks():
    desk, events = Desk(), overdue_log()
    await desk.take(events[:2], now=DAY_0)
    await desk.tick(DAY_0)
    await desk.tick(NOW)
    assert len(desk.alerts) == 1


async def test_windows_that_ended_long_before_the_clock_alarm_nobody():
    desk = Desk()
    calls = log("incidents", [call(number, unit_of(1), number) for number in range(1, 4)])
    await desk.take(calls, now=DAY_0 + timedelta(days=500))
    assert not desk.alerts
    await desk.take([*log("incidents", [call(4, unit_of(1), 4)])], now=DAY_0 + timedelta(days=5))
    assert len(desk.alerts) == 1


async def test_an_event_that_no_rule_can_read_is_set_aside_and_stops_nothing():
    desk = Desk()
    calls = log("incidents", [call(number, unit_of(1), number) for number in range(1, 5)])
    told = list(calls[1].columns)
    told[5] = b'{"drill":false,"source_unit":"wanda-a-1"}'
    calls[1] = Recorded("incidents", *told)
    await desk.take(calls)
    assert desk.aside == [(2, "ValidationError")]
    assert len(desk.alerts) == 1


async def test_imports_of_no_unit_leave_no_trace_in_the_memory():
    desk = Desk()
    await desk.take(log("incidents", [call(number, None, number) for number in range(1, 9)]))
    assert desk.kept == {}
