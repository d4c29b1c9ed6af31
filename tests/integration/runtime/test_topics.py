"""All topics of Maple Bridge on a broker, and the check before a process starts its work."""

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from services.chassis.kafka.topics import TopicMissing, apply
from services.chassis.settings import Settings
from services.runtime.topics import check_topics, planned


async def test_a_process_starts_once_the_planned_topics_are_applied(kafka, topic_prefix):
    settings = Settings(kafka=kafka, topic_prefix=topic_prefix, topic_partitions=2)
    with pytest.raises(TopicMissing, match=rf"{topic_prefix}\.registry\.events is not there"):
        await check_topics(settings, planned(settings))
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    assert await apply(admin, planned(settings)) == []
    await admin.close()
    await check_topics(settings, planned(settings))
