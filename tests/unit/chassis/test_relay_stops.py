"""A relay that stops names the command that helps, for its own line."""

import pytest

from contracts.topics import alerts_topic, events_topic
from services.chassis.relay.stops import TopicLost, TopicMissing, TopicShrunk


@pytest.mark.parametrize(
    ("topic", "line"), [(events_topic("registry", "town.west"), "registry"), (alerts_topic(), "alerts")]
)
def test_the_command_that_publishes_anew_names_the_line(topic, line):
    assert f"maplebridge relay republish {line} --from 1." in str(TopicMissing(topic))
    for stop in (TopicLost(topic, 0, 9, 4), TopicShrunk(topic, 6, 3)):
        assert f"maplebridge relay republish {line} --from POSITION." in str(stop)
