"""An import leaves the log as single appends would, whoever writes beside it and whatever is wrong with a row."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta, timezone
from itertools import accumulate
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.eventstore import bulk, rows
from services.chassis.eventstore.bulk import BulkEvent, BulkOutcome, BulkWriter, versions_of
from services.chassis.eventstore.types import MAX_EVENT_BYTES, EventTooLarge, MomentRefused, NewEvent, VersionConflict
from services.chassis.eventstore.verify import verify
from tests.integration.chassis.conftest import NOON, an_event


async def follow(store):
    return [known async for known in verify(store, batch=7)]


async def test_a_bulk_write_drops_what_the_log_has_and_continues_after_it(log):
    rows = [BulkEvent(f"b-{number % 3}", 1 + number // 3, an_event(str(number)), NOON) for number in range(9)]
    writer = BulkWriter(log.database.pool, most=4)
    first = await writer.write(rows[:5])
    rest = await writer.write(rows)
    assert (first.appended, first.known) == (5, 0)
    assert (rest.appended, rest.known, rest.position) == (4, 5, 9)
    assert [event.version for event in await log.store.load("b-0")] == [1, 2, 3]


async def test_a_bulk_write_refuses_a_hole_and_writes_nothing_of_its_batch(log):
    rows = [BulkEvent("b-1", 1, an_event(), NOON), BulkEvent("b-2", 2, an_event(), NOON)]
    with pytest.raises(VersionConflict):
        await BulkWriter(log.database.pool).write(rows)
    assert (await log.store.head()).position == 0


async def test_an_import_asks_for_no_versions_where_streams_begin_and_asks_again_once_some_were_there(log, monkeypatch):
    asked = []

    async def asks(connection, streams):
        asked.append(sorted(streams))
        return await versions_of(connection, streams)

    monkeypatch.setattr(bulk, "versions_of", asks)
    await log.put("b-3", "1")
    writer = BulkWriter(log.database.pool, most=2)
    rows = [BulkEvent(f"b-{number}", 1, an_event(str(number)), NOON) for number in range(7)]
    outcome = await writer.write(rows)
    assert (outcome.appended, outcome.known, outcome.position) == (6, 1, 7)
    # the first batch is new; the second is refused by the index and asked for, as is the one after it; then trust again
    assert asked == [["b-2", "b-3"], ["b-4", "b-5"]]
    assert [len(await log.store.load(f"b-{number}")) for number in range(7)] == [1] * 7
    await follow(log.store)
    asked.clear()
    await writer.write([BulkEvent("b-8", 1, an_event(), NOON), BulkEvent("b-0", 2, an_event(), NOON)])
    assert asked == [["b-0"]]


words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
moments = st.integers(-(10**16), 10**16).map(lambda count: NOON + timedelta(microseconds=count))
events = st.builds(NewEvent, st.uuids(), words, st.binary(max_size=300), st.binary(max_size=300), moments)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_rows=st.lists(st.tuples(words, events, moments), min_size=1, max_size=9), chunk=st.integers(1, 900))
async def test_every_row_is_read_as_it_was_given_and_follows_in_the_chain(log, monkeypatch, given_rows, chunk):
    monkeypatch.setattr(rows, "CHUNK", chunk)
    before = await log.store.head()
    told = [
        BulkEvent(f"{before.position + number}-{name}", 1, event, recorded_at)
        for number, (name, event, recorded_at) in enumerate(given_rows)
    ]
    await BulkWriter(log.database.pool, most=4).write(told)
    read = await log.store.read(before.position)
    assert [
        (each.stream, each.version, each.id, each.type, each.data, each.metadata, each.effective_at) for each in read
    ] == [(row.stream, row.version, *row.event) for row in told]
    newest = await log.database.pool.fetchval("select recorded_at from log.events where position = $1", before.position)
    at = accumulate((row.recorded_at for row in told), max, initial=newest or datetime(1970, 1, 1, tzinfo=UTC))
    assert [each.recorded_at for each in read] == [*at][1:]
    await follow(log.store)


async def test_the_largest_event_goes_in_among_small_ones(log):
    large = an_event()._replace(data=b"x" * MAX_EVENT_BYTES)
    told = [BulkEvent(f"b-{number}", 1, large if number % 2 else an_event(), NOON) for number in range(200)]
    assert (await BulkWriter(log.database.pool, most=150).write(told)).appended == 200
    assert {len(event.data) for event in await log.store.read(100, 60)} == {len(large.data), len(an_event().data)}
    await follow(log.store)


class Interrupted(BulkWriter):
    """Waits before its second transaction until all is made ahead that would be, and lets others write."""

    meanwhile: Awaitable[object] | None = None

    async def _append(self, batch, streams):
        if batch.rows[0].stream == "b-4" and self.meanwhile is not None:
            await asyncio.sleep(0.05)
            await self.meanwhile
            self.meanwhile = None
        return await super()._append(batch, streams)


@pytest.mark.parametrize(("others", "made", "known"), [(None, 3, 0), ("elsewhere", 4, 0), ("b-7", 6, 1)])
async def test_rows_made_ahead_are_written_unless_others_wrote_between(log, monkeypatch, others, made, known):
    counted = Mock(wraps=bulk.Chained)
    monkeypatch.setattr(bulk, "Chained", counted)
    told = [BulkEvent(f"b-{number}", 1, an_event(str(number)), NOON) for number in range(12)]
    writer = Interrupted(log.database.pool, most=4)
    if others:
        writer.meanwhile = log.put(others, "1")
    outcome = await writer.write(told)
    assert (outcome.appended, outcome.known, outcome.position) == (12 - known, known, 12 - known + bool(others))
    assert counted.call_count == made
    await follow(log.store)


async def test_streams_that_go_on_are_made_ahead_and_no_version_is_lost_or_doubled(log):
    told = [BulkEvent(f"b-{number % 3}", 1 + number // 3, an_event(str(number)), NOON) for number in range(30)]
    await BulkWriter(log.database.pool).write(told[:9])
    outcome = await BulkWriter(log.database.pool, most=4).write(told)
    assert (outcome.appended, outcome.known, outcome.position) == (21, 9, 30)
    for name in ("b-0", "b-1", "b-2"):
        assert [event.version for event in await log.store.load(name)] == list(range(1, 11))
    await follow(log.store)


TOO_LARGE = b"x" * (MAX_EVENT_BYTES + 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"data": "words"},
        {"effective_at": NOON.replace(tzinfo=None)},
        {"effective_at": datetime.max.replace(tzinfo=UTC)},
        {"effective_at": datetime.min.replace(tzinfo=timezone(timedelta(hours=8)))},
        {"type": "\0"},
        {"data": TOO_LARGE},
        {"metadata": TOO_LARGE},
    ],
)
async def test_a_row_that_cannot_be_written_is_told_and_all_before_its_transaction_stays(log, wrong):
    told = [BulkEvent(f"b-{number}", 1, an_event(), NOON) for number in range(12)]
    told[9] = told[9]._replace(event=told[9].event._replace(**wrong))
    writer = BulkWriter(log.database.pool, most=4)
    with pytest.raises((TypeError, MomentRefused, EventTooLarge, asyncpg.CharacterNotInRepertoireError)):
        await writer.write(told)
    assert (await log.store.head()).position == 8
    told[9] = BulkEvent("b-9", 1, an_event(), NOON)
    assert (await writer.write(told)).appended == 4
    await follow(log.store)


@pytest.mark.parametrize("versions", [[1, 3], [2, 3], [1, 2, 3]])
async def test_what_is_known_and_what_is_new_may_come_together(log, versions):
    await log.put("s-1", "1", "2")
    told = [BulkEvent("s-1", version, an_event(), NOON) for version in versions]
    outcome = await BulkWriter(log.database.pool).write(told)
    assert (outcome.appended, outcome.known, outcome.position) == (1, len(versions) - 1, 3)
    await follow(log.store)


async def test_a_hole_among_rows_made_ahead_is_refused(log):
    told = [BulkEvent(stream, version, an_event(), NOON) for stream, version in (("a", 1), ("b", 1), ("c", 3))]
    with pytest.raises(VersionConflict, match="c"):
        await BulkWriter(log.database.pool, most=2).write(told)
    assert (await log.store.head()).position == 2


@pytest.mark.parametrize("version", [0, -5])
async def test_no_version_is_below_the_first(log, version):
    with pytest.raises(VersionConflict):
        await BulkWriter(log.database.pool).write([BulkEvent("s-1", version, an_event(), NOON)])


async def test_nothing_to_write_says_where_the_log_ends(log):
    await log.put("s-1", "1", "2")
    assert await BulkWriter(log.database.pool).write([]) == BulkOutcome(0, 0, 2)


@pytest.mark.parametrize("folds", [(1, 0), (0, 1)])
async def test_moments_of_the_hour_that_comes_twice_are_told_apart(log, folds):
    zone = ZoneInfo("America/New_York")
    moments = [datetime(2024, 11, 3, 1, 30, fold=fold, tzinfo=zone) for fold in folds]
    told = [BulkEvent(f"b-{n}", 1, an_event()._replace(effective_at=at), at) for n, at in enumerate(moments)]
    await BulkWriter(log.database.pool).write(told)
    wanted = [at.astimezone(UTC) for at in moments]
    read = await log.store.read(0)
    assert [event.effective_at for event in read] == wanted
    assert [event.recorded_at for event in read] == list(accumulate(wanted, max))


async def test_a_moment_that_nobody_could_read_again_stops_no_log(log):
    told = BulkEvent("b-1", 1, an_event(), datetime.max.replace(tzinfo=UTC))
    with pytest.raises(MomentRefused):
        await BulkWriter(log.database.pool).write([told])
    assert await log.put("s-1", "1") == 1
