"""All topics of Maple Bridge on a broker, and the check before a process starts its work."""

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from services.analytics.rules.stream.topics import rules_topics
from services.chassis.kafka.topics import TopicMissing, apply, differences, find
from services.chassis.settings import Settings
from services.runtime.cli import doctor
from services.runtime.topics import (
    RelayAway,
    check_topics,
    grow_topics,
    make_topics,
    plan_beside,
    planned,
    reached,
    told_of_growth,
)


async def test_a_process_starts_once_the_planned_topics_are_applied(kafka, topic_prefix):
    settings = Settings(kafka=kafka, topic_prefix=topic_prefix, topic_partitions=2)
    with pytest.raises(TopicMissing, match=rf"{topic_prefix}\.registry\.events is not there"):
        await check_topics(settings, planned(settings))
    missing = [finding for finding in await doctor._kafka(settings) if "maplebridge topics apply" in finding.sentence]
    assert len(missing) == len(planned(settings))
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    assert await apply(admin, planned(settings)) == []
    await admin.close()
    await check_topics(settings, planned(settings))


async def test_the_topics_that_the_rules_read_grow_together_and_the_plan_follows(kafka, topic_prefix):
    settings = Settings(kafka=kafka, topic_prefix=topic_prefix, topic_partitions=2)
    await make_topics(settings)
    assert await grow_topics(settings, ["registry"], 3) == ["incidents", "mediation", "registry"]
    async with reached(settings) as admin:
        plan = await plan_beside(admin, settings)
        left = differences(plan, await find(admin, [topic.name for topic in plan]))
    own = {topic.name for topic in rules_topics(settings)}
    assert {(one.topic, one.what, one.planned, one.found) for one in left} == {(n, "partitions", "3", "2") for n in own}
    said = {finding.what: finding.sentence for finding in await doctor._kafka(settings) if not finding.well}
    assert said.keys() == {f"topic {name}" for name in own}
    assert all("maplebridge topics grow" in sentence for sentence in said.values())
    assert await grow_topics(settings, ["city"], 4) == []
    await make_topics(settings)  # what is to grow stops no start


async def test_a_relay_that_does_not_tell_of_growth_is_named(kafka, topic_prefix):
    settings = Settings(kafka=kafka, topic_prefix=topic_prefix, topic_partitions=2)
    await make_topics(settings)
    with pytest.raises(RelayAway, match="The relay of registry has not told"):
        await told_of_growth(settings, "registry", 2, patience=0)
