"""The rules find in events of earlier versions what they find in today's, embedded and over Kafka."""

from dataclasses import replace

import pytest

from services.chassis.eventstore.types import Recorded
from tests.integration.rules.conftest import MIGRATIONS
from tests.integration.rules.district import RULES, District
from tests.integration.rules.stage import Analytics, embedded
from tests.versions import bumped, row_of_old, some_of_old

EVENTS = 800


@pytest.fixture(autouse=True)
def second_versions():
    """Today's version of every event is its second."""
    with bumped():
        yield


async def test_the_rules_find_the_same_in_both_versions(theatre, databases):
    city = await theatre.district(EVENTS)
    wanted = await theatre.expected(city)
    assert len(wanted) > EVENTS / 50
    again = await Analytics.open((await databases.fresh(*MIGRATIONS)).app, theatre.clock)
    read = District({source: some_of_old(log) for source, log in city.logs.items()})
    assert await embedded(again, read, RULES, theatre.clock) == wanted
    await again.close()

    # half of it was published before there were second versions, and lies on the topics as it was told
    theatre.stage = replace(theatre.stage, district=District({name: published(log) for name, log in city.logs.items()}))
    worker = await theatre.start()
    await theatre.publish(city.heads)
    await worker.settled(city.heads)
    await worker.end()
    assert await theatre.streamed.standing() == wanted


def published(log):
    """A log as its relay has sent it."""
    rows = [row_of_old(past) if past.position % 2 else past.columns for past in log]
    return Recorded.stored(log[0].source, rows)
