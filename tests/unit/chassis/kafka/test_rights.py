"""What Kafka does not allow, named."""

import pytest

from services.chassis.kafka.rights import OPERATIONS, UNSAID, Grant, RightsMissing

EVENTS = Grant("topic", "maplebridge.registry.events", ("Read", "Write", "Describe"))


def bits(*operations):
    """As Kafka tells them."""
    return sum(1 << OPERATIONS[each] for each in operations)


@pytest.mark.parametrize(
    ("allowed", "lacking"),
    [
        ((), EVENTS),
        (("Describe",), Grant("topic", "maplebridge.registry.events", ("Read", "Write"))),
        (("Read", "Write", "Delete", "Describe"), None),
    ],
    ids=["nothing", "too little", "more"],
)
def test_what_is_not_among_what_is_allowed_is_lacking(allowed, lacking):
    assert EVENTS.without(bits(*allowed)) == lacking


def test_nothing_is_lacking_where_kafka_does_not_say_what_it_allows():
    assert EVENTS.without(UNSAID) is None


def test_the_sentence_names_the_user_and_each_right():
    group = Grant("group", "maplebridge.analytics.rules", ("Read",))
    assert str(RightsMissing("maplebridge-stream", [EVENTS, group])) == (
        "Kafka does not allow maplebridge-stream what it has to do: it lacks Read, Write, Describe on the topic "
        "maplebridge.registry.events; Read on the group maplebridge.analytics.rules. Give it these rights; "
        "docs/kafka.md says under Principals who needs which."
    )


def test_who_has_no_name_is_this_client():
    assert str(RightsMissing(None, [EVENTS])).startswith("Kafka does not allow this client what it has to do: it lacks")
