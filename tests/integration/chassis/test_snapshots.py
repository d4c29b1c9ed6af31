"""A long stream is loaded from its snapshot, and only one that still holds."""

from dataclasses import replace
from typing import ClassVar

import asyncpg
import pytest

from contracts.catalogue import Catalogue
from contracts.common import Actor, Event
from services.chassis.clock import FixedClock
from services.chassis.decider import Decider
from services.chassis.eventstore import types
from services.chassis.eventstore.types import Snapshot
from services.chassis.handler import CommandContext, CommandHandler
from services.chassis.ids import uuid7
from services.chassis.snapshots import Snapshots
from tests.integration.chassis.conftest import NOON


class Counted(Event):
    """One more."""

    type: ClassVar[str] = "test.counted.v1"
    n: int


class Count:
    """Counts on."""


COUNTER = Decider(
    "counter", 0, lambda state, event: state + event.n, {Count: lambda _, __, now: [Counted(n=1, effective_at=now)]}
)
CONTEXT = CommandContext(Actor(role="officer", id="officer-gu"))


@pytest.fixture(autouse=True)
def catalogue(monkeypatch):
    monkeypatch.setattr(types, "CATALOGUE", Catalogue.of([Counted]))


@pytest.fixture
def long(log):
    """A handler that has just been started, beside a stream of eleven events."""

    async def started(every=10):
        if not await log.store.load("counter-a"):
            for _ in range(11):
                await CommandHandler(log.store, FixedClock(NOON), uuid7).handle(COUNTER, "a", Count(), CONTEXT)
        snapshots = Snapshots(log.store, every)
        return CommandHandler(log.store, FixedClock(NOON), uuid7, snapshots), snapshots

    return started


async def kept(log):
    rows = await log.database.pool.fetch("select decider, version, state from log.snapshots order by decider")
    return [tuple(row) for row in rows]


async def test_a_load_that_folds_too_many_events_leaves_a_snapshot_and_the_next_begins_there(log, long):
    handler, snapshots = await long()
    assert await handler.state(COUNTER, "a") == (11, 11)
    await snapshots.close()
    assert await kept(log) == [(COUNTER.version, 11, b"11")]
    await handler.handle(COUNTER, "a", Count(), CONTEXT)
    again, _ = await long()
    snapshot, since = await log.store.load_latest("counter-a", COUNTER.version)
    assert snapshot == Snapshot("counter-a", COUNTER.version, 11, b"11")
    assert [event.version for event in since] == [12]
    assert await again.state(COUNTER, "a") == (12, 12)


async def test_a_stream_that_stands_at_its_snapshot_can_be_appended_to(log, long):
    handler, snapshots = await long()
    await handler.state(COUNTER, "a")
    await snapshots.close()
    again, _ = await long()
    handled = await again.handle(COUNTER, "a", Count(), CONTEXT)
    assert handled.version == 12


async def test_a_short_load_leaves_none(log, long):
    handler, snapshots = await long(every=11)
    await handler.state(COUNTER, "a")
    await snapshots.close()
    assert await kept(log) == []


async def test_a_newer_decider_leaves_an_older_ones_snapshot_aside_and_takes_its_own(log, long):
    handler, snapshots = await long()
    await handler.state(COUNTER, "a")
    await snapshots.close()
    newer = replace(COUNTER, evolve=lambda state, event: state + 2 * event.n)
    handler, snapshots = await long()
    assert await handler.state(newer, "a") == (22, 11)
    await snapshots.close()
    assert await kept(log) == [(newer.version, 11, b"22")]


async def test_an_earlier_state_does_not_take_the_place_of_a_later_one(log):
    await log.store.keep(Snapshot("s", 1, 9, b"9"))
    await log.store.keep(Snapshot("s", 1, 8, b"8"))
    assert await kept(log) == [(1, 9, b"9")]


async def test_a_snapshot_that_cannot_be_read_is_no_harm(log, long):
    await log.store.keep(Snapshot("counter-a", COUNTER.version, 5, b"not a state"))
    handler, _ = await long()
    assert await handler.state(COUNTER, "a") == (11, 11)


async def test_a_snapshot_that_cannot_be_taken_is_no_harm(log, long):
    owner = await asyncpg.connect(log.owner)
    await owner.execute("revoke insert on log.snapshots from maplebridge_app")
    await owner.close()
    handler, snapshots = await long()
    assert await handler.state(COUNTER, "a") == (11, 11)
    await snapshots.close()
    assert await kept(log) == []
