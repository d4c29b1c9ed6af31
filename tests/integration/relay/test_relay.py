"""What stands in the log stands on the topic: all of it, in order, each naming its predecessor."""

import asyncio
import time
from itertools import pairwise

import pytest

from services.chassis.kafka.messages import Watermark
from services.chassis.kafka.partitions import partition_of
from services.chassis.relay.outbox import Delivery
from services.chassis.relay.progress import ProgressBook
from services.chassis.relay.session import NOTE_EVERY
from tests.integration.relay.conftest import PARTITIONS, until

STREAMS = [f"unit-{number}" for number in range(7)]


@pytest.mark.guarantee("G2")
async def test_every_event_is_on_the_topic_once_in_its_partition_and_names_its_predecessor(street):
    await street.put(*STREAMS * 20)
    running = street.start()
    await street.published(140)
    await street.put(*STREAMS * 3)
    await street.published(161)
    await running.end()

    events = await street.events()
    log = {event.position: event for event in await street.store.read(0)}
    assert sorted(message.position for _, message in events) == sorted(log)
    for partition in range(PARTITIONS):
        own = [message for place, message in events if place == partition]
        assert [message.previous for message in own] == [0, *(message.position for message in own[:-1])]
        assert all(before.position < after.position for before, after in pairwise(own))
    for partition, message in events:
        event = log[message.position]
        assert partition == partition_of(event.stream, PARTITIONS)
        assert (message.recorded.id, message.recorded.stream, message.recorded.version) == (
            event.id,
            event.stream,
            event.version,
        )
        assert (message.recorded.data, message.recorded.about) == (event.data, event.about)
    head = await street.store.head()
    assert {message.lineage for _, message in events} == {head.lineage}


async def test_a_quiet_partition_is_told_that_it_is_complete(street):
    street.start()
    last = await street.put(*["unit-1"] * 5)

    async def all_told() -> bool:
        told = [(place, each) for place, each in await street.read() if isinstance(each, Watermark)]
        return {place for place, each in told if each.position == last} >= (set(range(PARTITIONS)) - {home})

    home = partition_of("unit-1", PARTITIONS)
    await until(all_told)
    marks = [each for _, each in await street.read() if isinstance(each, Watermark) and each.position == last]
    moment = (await street.store.read(last - 1))[0].recorded_at
    assert all(each.recorded_at == moment and each.previous in {0, last} for each in marks)


async def test_a_second_relay_waits_and_takes_over_when_the_first_ends(street):
    first = street.start("first")
    await street.put(*STREAMS)
    await street.published(7)
    second = street.start("second")
    await second.says("another relay publishes")
    epoch = first.relay.state.epoch
    await first.end()
    await second.says("")

    async def took_over() -> bool:
        return second.relay.state.epoch > epoch

    await until(took_over)
    await street.put(*STREAMS)
    await street.published(14)
    await second.end()
    events = await street.events()
    assert {message.epoch for _, message in events if message.position > 7} == {second.relay.state.epoch or epoch + 1}
    assert sorted(message.position for _, message in events) == list(range(1, 15))


async def test_progress_is_noted_also_while_more_and_more_is_handed_over(street, monkeypatch):
    acknowledged = Delivery.acknowledged

    async def slowly(self, before):
        await asyncio.sleep(0.03)
        return await acknowledged(self, before)

    monkeypatch.setattr(Delivery, "acknowledged", slowly)
    ended = asyncio.Event()

    async def writing():
        while not ended.is_set():
            await street.put("unit-1")

    street.start()
    writers = [asyncio.create_task(writing()) for _ in range(4)]

    async def noted():
        return await street.store.pool.fetchval("select coalesce(max(position), 0) from relay.progress") > 20

    await until(noted)
    ended.set()
    await asyncio.gather(*writers)


async def test_progress_is_noted_now_and_then_and_at_the_end(street, monkeypatch):
    noted = []
    move = ProgressBook.move

    async def noting(self, epoch, to, **more):
        noted.append(to.position)
        await move(self, epoch, to, **more)

    monkeypatch.setattr(ProgressBook, "move", noting)
    running, began = street.start(), time.monotonic()
    for _ in range(40):
        await street.put("unit-1")
        await asyncio.sleep(0.005)
    await street.published(40)
    await running.end()
    assert noted[-1] == 40
    assert len(noted) <= (time.monotonic() - began) / NOTE_EVERY + 3
