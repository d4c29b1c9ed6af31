"""What a relay cannot mend by itself stops it with a sentence; nothing is left out, and commands go on."""

import pytest

from services.chassis.eventstore.types import Append, NewEvent
from services.chassis.ids import uuid7
from services.chassis.relay import relay
from services.chassis.relay.republish import PositionUnknown, republish
from tests.integration.relay.conftest import NOON

STREAMS = [f"unit-{number}" for number in range(7)]


async def test_a_deleted_topic_stops_the_relay_and_republishing_mends_it(street):
    running = street.start()
    await street.put(*STREAMS)
    await street.published(7)
    await street.delete_topic()
    await street.put(*STREAMS)
    await running.says("is not there: make it with maplebridge topics apply")
    assert running.relay.state.stopped

    await street.make_topic()
    await running.says("was deleted and made anew")
    assert await republish(street.store, street.topic, {"bootstrap_servers": street.kafka}, 1) == 14
    await street.published(14)
    assert sorted({message.position for _, message in await street.events()}) == list(range(1, 15))
    assert not running.relay.state.stopped


async def test_a_part_of_the_log_is_published_again_with_the_same_predecessors(street):
    running = street.start()
    await street.put(*STREAMS * 3)
    await street.published(21)
    before = {message.position: message.previous for _, message in await street.events()}
    assert await republish(street.store, street.topic, {"bootstrap_servers": street.kafka}, 10) == 12
    await street.published(21)
    await running.end()
    events = [message for _, message in await street.events()]
    assert sorted(message.position for message in events) == sorted([*range(1, 22), *range(10, 22)])
    assert all(message.previous == before[message.position] for message in events)


async def test_a_position_that_the_log_has_not_is_refused(street):
    await street.put("unit-1")
    for position in (0, 2):
        with pytest.raises(PositionUnknown, match="from 1 to 1"):
            await republish(street.store, street.topic, {"bootstrap_servers": street.kafka}, position)


async def test_a_topic_that_takes_no_event_of_that_size_stops_the_relay_and_loses_nothing(street, monkeypatch):
    monkeypatch.setattr(relay, "STOPPED_FOR", 0.1)
    running = street.start()
    await street.put("unit-1")
    await street.published(1)
    await street.delete_topic()
    await street.make_topic(**{"max.message.bytes": "2000"})
    await running.says("")
    await republish(street.store, street.topic, {"bootstrap_servers": street.kafka}, 1)
    large = NewEvent(
        uuid7(), "test.counted.v1", b'{"n":"' + b"x" * 3000 + b'"}', b'{"actor":{"role":"officer","id":"o"}}', NOON
    )
    await street.store.append(Append("unit-1", None, (large,), NOON))
    await running.says("max.message.bytes is too small")
    began = await street.epoch()
    while await street.epoch() < began + 5:
        assert running.relay.state.stopped  # also while it tries again
    async with street.admin() as admin:
        from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

        await admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, street.topic, configs={"max.message.bytes": "1048576"})]
        )
    await street.published(2)
    assert not running.relay.state.stopped
    assert {message.position for _, message in await street.events()} == {1, 2}
