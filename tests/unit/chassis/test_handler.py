"""Load, decide, append: a lost race is decided anew, a bounded number of times."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

import pytest

from contracts.catalogue import Catalogue
from contracts.common import Actor, Event, Role
from contracts.refusals import Refused
from services.chassis.clock import FixedClock
from services.chassis.decider import CommandUnknown, Decider
from services.chassis.eventstore import types
from services.chassis.eventstore.types import (
    Append,
    Appended,
    CommandRecord,
    Head,
    Recorded,
    VersionConflict,
    new_event,
)
from services.chassis.handler import CommandContext, CommandHandler

NOON = datetime(2024, 5, 6, 4, tzinfo=UTC)
OFFICER = Actor(role=Role.OFFICER, id="officer-gu")


class Counted(Event):
    """Something was counted."""

    type: ClassVar[str] = "test.counted.v1"
    upto: int


@dataclass(frozen=True)
class Count:
    """Counts on."""


def count(state: int, _: Count, now: datetime) -> list[Event]:
    """The next number."""
    return [Counted(effective_at=now, upto=state + 1)]


COUNTER = Decider("counter", 0, lambda _, event: event.upto, {Count: count})


class MemoryLog:
    """A log in memory that lets rivals in between load and append."""

    def __init__(self, rivals: int = 0) -> None:
        self.events: list[Recorded] = []
        self.rivals = rivals
        self.commands: dict[tuple[str, str], Appended] = {}
        self.loads: list[str] = []
        self.lineage: UUID | None = None
        self.present = UUID(int=9)

    async def head(self):
        self.lineage = self.present
        return Head(len(self.events), bytes(32), NOON, self.present)

    async def load(self, stream, after=0):
        self.loads.append(stream)
        return [event for event in self.events if event.stream == stream and event.version > after]

    async def span(self, first, last):
        return [event for event in self.events if first <= event.position <= last]

    async def recall(self, command):
        found = self.commands.get((command.actor, command.key))
        return found and Appended(found.stream, found.version, found.first, found.last, found.lineage, repeated=True)

    async def append(self, append: Append):
        if append.command and (earlier := await self.recall(append.command)):
            return earlier
        if self.rivals:
            self.rivals -= 1
            self._add(append)
        actual = sum(event.stream == append.stream for event in self.events)
        self.lineage = self.present
        if append.expected not in {None, actual} or append.lineage not in {None, self.present}:
            raise VersionConflict(append.stream, append.expected, actual)
        appended = self._add(append)
        if append.command:
            self.commands[append.command.actor, append.command.key] = appended
        return appended

    def _add(self, append: Append) -> Appended:
        first = len(self.events) + 1
        for event in append.events:
            version = 1 + sum(known.stream == append.stream for known in self.events)
            place = (len(self.events) + 1, append.stream, version)
            self.events.append(
                Recorded("test", *place, event.id, event.type, event.data, event.metadata, NOON, NOON, bytes(32))
            )
        version = sum(known.stream == append.stream for known in self.events)
        return Appended(append.stream, version, first, len(self.events), self.present)


@pytest.fixture(autouse=True)
def catalogue(monkeypatch):
    monkeypatch.setattr(types, "CATALOGUE", Catalogue.of([Counted]))


def handler(log):
    ids = iter(range(1, 1000))
    return CommandHandler(log, FixedClock(NOON), lambda: UUID(int=next(ids)))


async def test_a_command_becomes_events_with_who_and_why():
    log = MemoryLog()
    context = CommandContext(OFFICER, correlation_id="c-1", causation_id="x-1", traceparent="t")
    handled = await handler(log).handle(COUNTER, "a", Count(), context)
    assert (handled.stream, handled.version, handled.position) == ("counter-a", 1, 1)
    assert handled.events == ((str(UUID(int=1)), "test.counted.v1"),)
    assert log.events[0].about == {
        "actor": {"role": "officer", "id": "officer-gu"},
        "correlation_id": "c-1",
        "causation_id": "x-1",
        "traceparent": "t",
    }


async def test_a_lost_race_is_decided_anew_from_what_the_winner_left():
    log = MemoryLog(rivals=3)
    await handler(log).handle(COUNTER, "a", Count(), CommandContext(OFFICER))
    assert [event.event.upto for event in log.events] == [1, 2, 3, 4]


async def test_what_is_remembered_of_a_history_that_the_log_has_left_is_not_decided_on():
    log = MemoryLog()
    counting = handler(log)
    for _ in range(2):
        await counting.handle(COUNTER, "a", Count(), CommandContext(OFFICER))
    log.present = UUID(int=10)  # restored from an older copy, and written on to the same version by somebody else
    other = Counted(effective_at=NOON, upto=70)
    log.events[1] = Recorded("test", 2, "counter-a", 2, UUID(int=500), other.type, *said(other), NOON, NOON, bytes(32))
    await counting.handle(COUNTER, "a", Count(), CommandContext(OFFICER))
    assert [event.event.upto for event in log.events] == [1, 70, 71]
    log.present = UUID(int=11)
    log.events[2:] = []
    assert await counting.state(COUNTER, "a") == (70, 2)
    await counting.handle(COUNTER, "a", Count(), CommandContext(OFFICER))
    assert [event.event.upto for event in log.events] == [1, 70, 71]
    assert log.events[-1].position == 3


def count_once(state: int, _: Count, now: datetime) -> list[Event]:
    """Refuses to count on."""
    if state:
        raise Refused("It was counted.")
    return [Counted(effective_at=now, upto=1)]


ONCE = Decider("counter", 0, lambda _, event: event.upto, {Count: count_once})


async def test_a_refusal_because_of_a_history_that_the_log_has_left_is_looked_at_again():
    log = MemoryLog()
    counting = handler(log)
    await counting.handle(ONCE, "a", Count(), CommandContext(OFFICER))
    with pytest.raises(Refused):
        await counting.handle(ONCE, "a", Count(), CommandContext(OFFICER))
    log.present, log.events = UUID(int=10), []
    assert (await counting.handle(ONCE, "a", Count(), CommandContext(OFFICER))).version == 1


async def test_who_names_the_version_seen_is_not_refused_where_a_restore_has_lost_nothing():
    log = MemoryLog()
    counting = handler(log)
    await counting.handle(COUNTER, "a", Count(), CommandContext(OFFICER))
    counting.states.forget(log.present, "counter-a")
    log.present = UUID(int=10)
    assert (await counting.handle(COUNTER, "a", Count(), CommandContext(OFFICER, expected=1))).version == 2


def said(event: Event) -> tuple[bytes, bytes]:
    return new_event(UUID(int=1), event, b"").data, b"{}"


async def test_races_are_not_run_for_ever():
    with pytest.raises(VersionConflict):
        await handler(MemoryLog(rivals=99)).handle(COUNTER, "a", Count(), CommandContext(OFFICER))


async def test_who_names_the_version_seen_is_told_of_a_change_and_not_overruled():
    log = MemoryLog()
    await handler(log).handle(COUNTER, "a", Count(), CommandContext(OFFICER))
    with pytest.raises(VersionConflict, match="read it again"):
        await handler(log).handle(COUNTER, "a", Count(), CommandContext(OFFICER, expected=0))
    handled = await handler(log).handle(COUNTER, "a", Count(), CommandContext(OFFICER, expected=1))
    assert handled.version == 2


async def test_a_repeat_gets_the_first_answer_and_changes_nothing():
    log = MemoryLog()
    context = CommandContext(OFFICER, command=CommandRecord("officer-gu", "k", b""))
    first = await handler(log).handle(COUNTER, "a", Count(), context)
    second = await handler(log).handle(COUNTER, "a", Count(), context)
    assert len(log.events) == 1
    assert second.repeated
    assert (second.stream, second.version, second.position, second.events) == (
        first.stream,
        first.version,
        first.position,
        first.events,
    )


async def test_what_this_process_wrote_is_not_read_again():
    log = MemoryLog()
    one = handler(log)
    await one.handle(COUNTER, "a", Count(), CommandContext(OFFICER))
    log.loads.clear()
    await one.handle(COUNTER, "a", Count(), CommandContext(OFFICER))
    assert (log.loads, [event.event.upto for event in log.events]) == ([], [1, 2])


async def test_another_process_that_wrote_meanwhile_is_never_overwritten():
    log = MemoryLog()
    one, other = handler(log), handler(log)
    await one.handle(COUNTER, "a", Count(), CommandContext(OFFICER))
    await other.handle(COUNTER, "a", Count(), CommandContext(OFFICER))
    handled = await one.handle(COUNTER, "a", Count(), CommandContext(OFFICER))
    assert (handled.version, [event.event.upto for event in log.events]) == (3, [1, 2, 3])


async def test_a_refusal_because_of_an_old_state_is_looked_at_again_on_what_the_log_says():
    log = MemoryLog()
    one, other = handler(log), handler(log)
    await one.handle(COUNTER, "a", Count(), CommandContext(OFFICER))
    await other.handle(COUNTER, "a", Count(), CommandContext(OFFICER))

    def only_from_two(state: int) -> None:
        if state < 2:
            raise PermissionError

    await one.handle(COUNTER, "a", Count(), CommandContext(OFFICER), only_from_two)
    assert log.events[-1].event.upto == 3


async def test_who_is_not_allowed_changes_nothing_whatever_is_remembered():
    log = MemoryLog()
    one, other = handler(log), handler(log)
    await one.handle(COUNTER, "a", Count(), CommandContext(OFFICER))
    await other.handle(COUNTER, "a", Count(), CommandContext(OFFICER))

    def only_until_one(state: int) -> None:
        if state > 1:
            raise PermissionError

    # what is remembered would let it pass; the append finds the state old, and the one that holds does not
    with pytest.raises(PermissionError):
        await one.handle(COUNTER, "a", Count(), CommandContext(OFFICER), only_until_one)
    assert len(log.events) == 2


async def test_a_command_that_nobody_decides_says_its_name():
    with pytest.raises(CommandUnknown, match="str"):
        await handler(MemoryLog()).handle(COUNTER, "a", "count", CommandContext(OFFICER))
