"""Topics planned, made, altered and checked on a broker."""

import dataclasses

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.chassis.kafka import topics
from services.chassis.kafka.topics import (
    Difference,
    TopicDiffers,
    TopicMissing,
    TopicNotApplied,
    apply,
    check,
    compacted,
    differences,
    find,
    grow,
    kept,
    passing,
)


@pytest.fixture
async def admin(kafka):
    client = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await client.start()
    yield client
    await client.close()


async def test_what_is_missing_is_made_as_planned(admin, topic_prefix):
    plan = [
        kept(f"{topic_prefix}.events", 3, 1),
        compacted(f"{topic_prefix}.changelog", 3, 1),
        passing(f"{topic_prefix}.repartition", 3, 1),
    ]
    found = await find(admin, [topic.name for topic in plan])
    assert [(one.topic, one.found, one.applies) for one in differences(plan, found)] == [
        (topic.name, "missing", True) for topic in plan
    ]
    assert await apply(admin, plan) == []
    found = await find(admin, [topic.name for topic in plan])
    assert [found[topic.name].partitions for topic in plan] == [3, 3, 3]
    assert [found[topic.name].settings["cleanup.policy"] for topic in plan] == ["delete", "compact", "delete"]
    assert found[plan[0].name].settings["retention.ms"] == "-1"
    await check(admin, plan)


async def test_applying_twice_changes_nothing(admin, topic_prefix):
    plan = [kept(f"{topic_prefix}.events", 2, 1)]
    assert await apply(admin, plan) == []
    before = await find(admin, [plan[0].name])
    assert await apply(admin, plan) == []
    assert await find(admin, [plan[0].name]) == before


async def test_a_setting_that_differs_is_set_and_what_others_set_stays(admin, topic_prefix):
    name = f"{topic_prefix}.events"
    own = {"retention.ms": "1000", "segment.ms": "3600000"}
    await admin.create_topics([NewTopic(name, 2, 1, topic_configs=own)])
    plan = [kept(name, 2, 1)]
    await eventually_found(admin, name)
    with pytest.raises(TopicDiffers, match=r"retention\.ms 1000, planned is -1: run `maplebridge topics apply`"):
        await check(admin, plan)
    assert await apply(admin, plan) == []
    found = await find(admin, [name])
    assert found[name].settings["retention.ms"] == "-1"
    assert found[name].own["segment.ms"] == "3600000"


async def eventually_found(admin, name):
    while not await find(admin, [name]):
        pass


async def test_partitions_are_never_grown_by_applying(admin, topic_prefix):
    name = f"{topic_prefix}.events"
    assert await apply(admin, [kept(name, 2, 1)]) == []
    wanted = [kept(name, 6, 1)]
    assert await apply(admin, wanted) == [Difference(name, "partitions", "6", "2", applies=False)]
    assert (await find(admin, [name]))[name].partitions == 2
    await check(admin, wanted)  # a process starts with as many as there are


async def test_a_topic_grows_when_it_is_told_to_and_never_shrinks(admin, topic_prefix):
    name = f"{topic_prefix}.events"
    await apply(admin, [kept(name, 2, 1)])
    await grow(admin, {name: 2}, 5)
    assert (await find(admin, [name]))[name].partitions == 5
    await grow(admin, {name: 5}, 5)
    with pytest.raises(TopicNotApplied, match="has 5 partitions already, and Kafka takes none away"):
        await grow(admin, {name: 5}, 4)


async def test_more_partitions_than_planned_are_well_except_where_they_have_to_be_as_many(admin, topic_prefix):
    name = f"{topic_prefix}.events"
    await apply(admin, [kept(name, 4, 1)])
    found = await find(admin, [name])
    assert differences([kept(name, 2, 1)], found) == []
    exact = dataclasses.replace(kept(name, 2, 1), exact=True)
    assert [one.what for one in differences([exact], found)] == ["partitions"]


async def test_a_missing_topic_stops_a_start_with_what_to_do(admin, topic_prefix):
    with pytest.raises(TopicMissing, match=rf"{topic_prefix}\.events is not there: run `maplebridge topics apply`"):
        await check(admin, [kept(f"{topic_prefix}.events", 2, 1)])


async def test_more_copies_than_there_are_brokers_are_refused_in_a_sentence(admin, topic_prefix):
    with pytest.raises(TopicNotApplied, match=rf"the topic {topic_prefix}\.events as planned: .*replicat"):
        await apply(admin, [kept(f"{topic_prefix}.events", 2, 9)])


async def test_a_message_from_a_clock_that_is_ahead_is_taken(admin, kafka, topic_prefix):
    name = f"{topic_prefix}.events"
    await apply(admin, [kept(name, 1, 1)])
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        sent = await producer.send_and_wait(name, b"{}", timestamp_ms=4_102_444_800_000)  # in 2100
    assert sent.offset == 0


async def test_another_that_made_the_topic_in_between_is_no_failure(admin, topic_prefix, monkeypatch):
    plan = [kept(f"{topic_prefix}.events", 2, 1)]
    await apply(admin, plan)

    async def nothing(*_):
        return {}

    with monkeypatch.context() as patched:
        patched.setattr(topics, "find", nothing)
        patched.setattr(topics, "APPLIED_PATIENCE", 0.0)
        await apply(admin, plan)
    await check(admin, plan)
