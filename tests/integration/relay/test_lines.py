"""A log on two topics: one has all of it, the other what it names; each holds together by itself."""

import pytest

from services.chassis.kafka.messages import Message
from services.chassis.relay.republish import republish
from tests.integration.relay.conftest import PARTITIONS, judged, until

STREAMS = [f"alert-{number}" for number in range(7)]
RAISED = "test.raised.v1"
MORE = 5


@pytest.fixture
async def alerts(street):
    """The name of the second topic."""
    name = f"{street.topic}.alerts"
    await street.make_topic(topic=name)
    return name


async def some(street, rounds):
    for _ in range(rounds):
        await street.put(*STREAMS)
        last = await street.put(*STREAMS[:3], type_name=RAISED)
    return await street.put("alert-0", "alert-1") or last


def taken(messages, partitions=PARTITIONS):
    """What a reader of the whole topic takes in."""
    return sorted(position for partition in range(partitions) for position in judged(messages, partition)[0])


async def test_the_second_topic_has_what_it_names_and_holds_together(street, alerts):
    first = street.start()
    second = street.start("two", line="alerts", topic=alerts, types=frozenset({RAISED}))
    last = await some(street, 8)
    await street.published(last)
    await street.published(last, "alerts")
    log = await street.store.read(0)
    wanted = [event.position for event in log if event.type == RAISED]

    async def told_complete() -> bool:
        told = await street.read(alerts)
        return all(judged(told, partition)[1].last >= wanted[-1] for partition in range(PARTITIONS))

    await until(told_complete)
    await first.end()
    await second.end()

    assert taken(await street.read()) == [event.position for event in log]
    messages = await street.read(alerts)
    assert taken(messages) == wanted
    for partition in range(PARTITIONS):
        own = [each for place, each in messages if place == partition and isinstance(each, Message)]
        assert [each.previous for each in own] == [0, *(each.position for each in own[:-1])][: len(own)]


async def test_what_the_second_topic_lost_is_published_again_without_the_first(street, alerts):
    running = street.start("two", line="alerts", topic=alerts, types=frozenset({RAISED}))
    last = await some(street, 4)
    await street.published(last, "alerts")
    before = await street.read(alerts)
    client = {"bootstrap_servers": street.kafka}
    await republish(street.store, alerts, client, 20, "alerts", frozenset({RAISED}))
    await street.published(last, "alerts")
    await running.end()
    messages = await street.read(alerts)
    assert len(messages) > len(before)
    wanted = [event.position for event in await street.store.read(0) if event.type == RAISED]
    assert taken(messages) == wanted
    again = [each.position for _, each in messages[:] if isinstance(each, Message) and each.position >= 20]
    assert sorted(again) == sorted(2 * [position for position in wanted if position >= 20])
    assert await street.database.pool.fetchval("select count(*) from relay.progress") == 1


async def test_the_second_topic_grows_by_itself_and_names_its_own_predecessors(street, alerts):
    running = street.start("two", line="alerts", topic=alerts, types=frozenset({RAISED}))
    seam = await some(street, 4)
    await street.published(seam, "alerts")
    await street.grow(MORE, alerts)

    async def grown() -> bool:
        query = "select partitions from relay.progress where line = 'alerts'"
        return await street.database.pool.fetchval(query) == MORE

    await until(grown)
    last = await some(street, 4)
    await street.published(last, "alerts")
    await running.end()
    messages = await street.read(alerts)
    log = await street.store.read(0)
    wanted = [event.position for event in log if event.type == RAISED]
    assert taken(messages, MORE) == wanted
    barriers = [each for _, each in messages if not isinstance(each, Message) and each.position == seam]
    lasts = {each.previous for each in barriers}
    assert lasts - {0} <= set(wanted), "a barrier names the last event of the topic, not of the log"
    assert lasts & set(wanted)
