"""Events of Faust by the batch."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from services.chassis.kafka.stream import batches, give_up, still_ours

COORDINATOR = SimpleNamespace(generation=1)


@pytest.fixture
def app():
    thread = SimpleNamespace(_consumer=SimpleNamespace(_coordinator=COORDINATOR))
    return SimpleNamespace(
        consumer_generation_id=1, consumer=SimpleNamespace(_thread=thread, given_up=None, unacked=set())
    )


@dataclass(eq=False)
class Message:
    """Where it came from."""

    generation_id: int


class Event:
    """One of a partition that is ours."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.message = Message(1)
        self.acked = False

    def ack(self) -> None:
        self.acked = True


class Stream:
    """As Faust's: it lets others run before it takes the next event out of its queue."""

    def __init__(self, events: list[Event]) -> None:
        self.channel = SimpleNamespace(queue=asyncio.Queue())
        for event in events:
            self.channel.queue.put_nowait(event)

    def noack(self) -> "Stream":
        return self

    async def events(self) -> AsyncIterator[Event]:
        while True:
            await asyncio.sleep(0)
            yield await self.channel.queue.get()


async def test_a_batch_holds_what_waits_up_to_its_size_and_is_acknowledged_when_the_next_is_asked_for(app):
    events = [Event(number) for number in range(5)]
    found = batches(app, Stream(events), 3)
    assert await anext(found) == events[:3]
    assert not any(event.acked for event in events)
    assert await anext(found) == events[3:]
    assert [event.acked for event in events] == [True, True, True, False, False]


async def test_a_batch_is_handed_over_where_faust_empties_the_queue_meanwhile(app):
    events = [Event(number) for number in range(5)]
    stream = Stream(events)
    queue = stream.channel.queue
    coming = asyncio.create_task(anext(batches(app, stream, 1000)))
    while queue.qsize() == len(events):  # noqa: ASYNC110 - a queue sets no event when it is read
        await asyncio.sleep(0)
    while not queue.empty():
        queue.get_nowait()
    async with asyncio.timeout(5):
        assert events[0] in await coming


async def test_what_came_before_partitions_are_given_up_is_neither_ours_nor_acknowledged(app):
    events = [Event(number) for number in range(3)]
    found = batches(app, Stream(events), 2)
    assert still_ours(app, await anext(found)) == events[:2]
    app.consumer.unacked |= {event.message for event in events}
    give_up(app)
    assert still_ours(app, events) == []
    await anext(found)
    assert not any(event.acked for event in events)
    assert app.consumer.unacked == {events[2].message}
