"""What Faust hands out while a worker comes back, and a worker that must begin anew."""

import asyncio
import contextlib
from dataclasses import replace
from uuid import UUID

import pytest
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

from services.analytics.rules.stream import shift
from services.analytics.rules.stream.anew import WorkersBusy, emptied
from services.analytics.rules.stream.topics import PartitionsDiffer, divided
from services.analytics.rules.stream.worker import StreamWorker
from services.analytics.rules.worker import RuleRunner
from services.chassis.eventstore.types import Recorded
from services.chassis.projections.checkpoints import Checkpoints
from tests.integration.rules.district import RULES, district
from tests.integration.rules.stage import PARTITIONS, settled

FEW = 1500
MORE = PARTITIONS + 2


@contextlib.asynccontextmanager
async def worker_over(theatre, logs, name="worker", count=lambda *_: None):
    """A stream worker in this process."""
    around = replace(theatre.streamed.surroundings(RULES, theatre.clock, logs), count=count)
    worker, stop = StreamWorker(theatre.stage.settings, around, theatre.folder / name, every=0.3), asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    try:
        yield worker, running
    finally:
        stop.set()
        async with asyncio.timeout(60):
            await running


@pytest.fixture
def slow_seek(monkeypatch):
    """Seeks that end once all records wait before the agents, who are at work; or are held back."""
    seek, insist = AIOKafkaConsumerThread.seek_to_committed, shift.Shift._insist

    async def slowly(self):
        found = await seek(self)
        consumer = self._consumer
        waiting = [place for place in found if not place.topic.endswith("-changelog")]
        while self.app.flow_control.is_active():
            if all([await consumer.position(place) == consumer.highwater(place) for place in waiting]):
                break
            await asyncio.sleep(0.01)
        return found

    async def at_work(self, *arguments):
        while self._app.rebalancing:  # noqa: ASYNC110 - Faust sets no event
            await asyncio.sleep(0.01)
        return await insist(self, *arguments)

    monkeypatch.setattr(AIOKafkaConsumerThread, "seek_to_committed", slowly)
    monkeypatch.setattr(shift.Shift, "_insist", at_work)
    monkeypatch.setattr(shift, "MOST", 20)


async def test_no_record_is_lost_between_the_seek_and_the_emptying_of_the_queues(theatre, slow_seek):
    city = await theatre.district(FEW)
    first = await theatre.start("first")
    await theatre.publish(city.until(0.5))
    await first.settled(city.until(0.5))
    await first.kill()
    await theatre.publish(city.heads)
    async with worker_over(theatre, theatre.stage.logs(), "second") as (worker, running):
        await settled(worker, city.heads, running, 120)
    assert await theatre.streamed.standing() == await theatre.expected(city)


def others(city, source, kept):
    """What a log holds after it was restored: events of another district, from then on."""
    then = city.logs[source][kept - 1].recorded_at
    tail = [event for event in district(FEW, seed=8).logs[source] if event.recorded_at > then]
    return [
        Recorded(
            source,
            position,
            f"{event.stream}-again",
            event.version,
            UUID(int=1 << 96 | position),
            event.type,
            event.data,
            event.metadata,
            event.effective_at,
            event.recorded_at,
            b"",
        )
        for position, event in enumerate(tail, start=kept + 1)
    ]


def assert_told_again(after, before, expected):
    """The alerts are those of embedded mode; what does not come out again stays as it was."""
    assert {alert: after[alert] for alert in expected} == expected
    assert {alert: after[alert] for alert in after.keys() - expected} == {
        alert: before[alert] for alert in after.keys() - expected
    }


async def test_a_worker_stops_at_a_restored_log_and_begins_anew_when_it_is_told(theatre):
    city = await theatre.district(FEW)
    stage, checkpoints = theatre.stage, Checkpoints(theatre.streamed.database.pool)
    await theatre.publish(city.heads)
    counted = []
    async with worker_over(theatre, stage.logs(), count=lambda *what: counted.append(what)) as (worker, running):
        await settled(worker, city.heads, running, 120)
        before = await theatre.streamed.standing()
        kept = city.until(0.7)["incidents"]
        stage.restore("incidents", kept, others(city, "incidents", kept))
        await theatre.publish(city.heads)
        assert "maplebridge projections rebuild rules" in await stop_of(checkpoints)
        async with emptied(stage.settings, checkpoints):
            await forget(theatre)
        counted.clear()
        await settled(worker, city.heads, running, 120)
        assert {what for _, _, what, _ in counted} >= {"accepted"}
        assert "hole" not in {what for _, _, what, _ in counted}, "the topic lacks nothing"
    expected = await theatre.expected(city)
    assert_told_again(await theatre.streamed.standing(), before, expected)
    assert expected != {alert: before[alert] for alert in expected.keys() & before}
    assert not await checkpoints.stopped()


async def test_nothing_is_thrown_away_while_somebody_works(theatre):
    city = await theatre.district(FEW)
    stage = theatre.stage
    worker = await theatre.start()
    await theatre.publish(city.until(0.5))
    await worker.settled(city.until(0.5))
    worker.pause()
    with pytest.raises(WorkersBusy, match="1 stream workers"):
        async with emptied(stage.settings, Checkpoints(theatre.streamed.database.pool), patience=1):
            pytest.fail("it still works")
    worker.revive()
    await theatre.publish(city.heads)
    await worker.settled(city.heads)
    assert await theatre.streamed.standing() == await theatre.expected(city)


@pytest.mark.parametrize("how", ["fall", "stand still", "break"])
async def test_a_process_whose_worker_fell_ends_so_that_it_is_started_again(theatre, how):
    city = await theatre.district(FEW)
    falling = await theatre.start(fault=(how, 1, "SIGKILL"))
    if how == "break":  # at a batch: all might come in fewer
        await theatre.publish_until_struck(falling, city, (0.1, 0.2, 0.3, 0.4, 0.5))
    else:
        await theatre.publish(city.until(0.5))
    await falling.fallen(60)
    worker = await theatre.start()
    await theatre.publish(city.heads)
    await worker.settled(city.heads)
    assert await theatre.streamed.standing() == await theatre.expected(city)


@pytest.mark.parametrize("asleep", [False, True])
async def test_a_topic_that_was_made_anew_below_what_was_read_of_it_is_read_from_its_beginning(theatre, asleep):
    city = await theatre.district(FEW)
    worker = await theatre.start()
    for share in (0.3, 0.5):
        await theatre.publish(city.until(share))
        await worker.settled(city.until(share))
    for _ in range(FEW // PARTITIONS):  # watermarks, which nobody publishes again
        await theatre.publish({"incidents": city.until(0.5)["incidents"]})
    await worker.settled(city.until(0.5))
    if asleep:  # shorter than a session: it never sees that the topic was away
        worker.pause()
    await theatre.stage.remake("incidents")
    await theatre.publish(city.heads)
    worker.revive()
    await worker.settled(city.heads)
    assert await theatre.streamed.standing() == await theatre.expected(city)


async def stop_of(checkpoints):
    """Waits until a reader has put a stop on record; answers why."""
    async with asyncio.timeout(60):
        while not (stopped := await checkpoints.stopped()):  # noqa: ASYNC110 - it is the database that is asked
            await asyncio.sleep(0.1)
    return stopped[0].reason


async def test_a_worker_stops_where_topics_have_grown_and_goes_on_when_the_rules_begin_anew(theatre):
    city = await theatre.district(FEW)
    stage, checkpoints = theatre.stage, Checkpoints(theatre.streamed.database.pool)
    await theatre.publish(city.until(0.5))
    worker = await theatre.start()
    await worker.settled(city.until(0.5))
    before, settings = await theatre.streamed.standing(), stage.settings
    await stage.grow(MORE)
    assert f"`maplebridge topics grow {MORE}`" in await stop_of(checkpoints)
    with pytest.raises(PartitionsDiffer, match=f"facts has {PARTITIONS}"):
        await divided(settings)
    async with emptied(settings, checkpoints):
        await forget(theatre)
    assert (await divided(settings)).topic_partitions == MORE
    await theatre.publish(city.until(0.8))
    await worker.settled(city.until(0.8))
    await worker.kill()
    worker = await theatre.start()
    await theatre.publish(city.heads)
    await worker.settled(city.heads)
    assert_told_again(await theatre.streamed.standing(), before, await theatre.expected(city))
    assert not await checkpoints.stopped()


async def forget(theatre):
    """What embedded mode's runner does of itself."""
    streamed = theatre.streamed
    await RuleRunner({}, streamed.database.pool, streamed.handler, theatre.clock, {}).reset()
