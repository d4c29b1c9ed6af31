"""An event that went over a topic is the event that stands in the log."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st

from contracts.common import Actor, Role
from services.chassis.eventstore.types import Recorded, metadata
from services.chassis.kafka.messages import Encoder, Message, MessageMalformed, Watermark, decode

TOPIC = "maplebridge.registry.events"
LINEAGE = UUID("018fdd4b-1c00-4aaa-8000-0000000000aa")
MOMENT = datetime(2024, 6, 3, 12, 40, 2, 123456, tzinfo=UTC)
ENCODER = Encoder("registry", LINEAGE, 12, 7)

words = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30)
moments = st.datetimes(timezones=st.just(UTC))
positions = st.integers(0, 2**62)
traces = st.none() | st.just("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


@dataclass
class Received:
    """A record as a consumer hands it over."""

    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    key: bytes | None = None
    timestamp: int = 0
    topic: str = TOPIC
    partition: int = 3
    offset: int = 41


def received(encoded):
    return Received(encoded.value, tuple(encoded.headers), encoded.key, encoded.timestamp)


events = st.builds(
    Recorded,
    source=st.just("registry"),
    position=positions,
    stream=words,
    version=st.integers(1, 2**62),
    id=st.uuids(),
    type=st.sampled_from(["registry.unit-classified.v1", "registry.visit-recorded.v2"]),
    data=st.binary(),
    metadata=st.builds(
        metadata,
        st.builds(Actor, role=st.sampled_from([role for role in Role if role is not Role.DATA_PLATFORM]), id=words),
        correlation_id=st.none() | words,
        causation_id=st.none() | words,
        traceparent=traces,
    ),
    effective_at=moments,
    recorded_at=moments,
    hash=st.just(b""),
)
EVENT = Recorded(
    "registry",
    1234,
    "unit-wanda-a-1812",
    4,
    UUID("018fdd4b-1c00-7aaa-8000-00000000f001"),
    "registry.unit-classified.v1",
    orjson.dumps({"unit": "unit-wanda-a-1812"}),
    metadata(Actor(role=Role.OFFICER, id="officer-gu"), correlation_id="one", traceparent="00-a-b-01"),
    datetime(2024, 6, 3, tzinfo=UTC),
    MOMENT,
    bytes(32),
)


@given(events, positions)
def test_an_event_comes_back_as_it_went(event, previous):
    message = decode(received(ENCODER.event(event, previous)))
    assert isinstance(message, Message)
    assert message.recorded.columns == event.columns
    assert message.recorded.source == event.source
    assert (message.source, message.position) == ("registry", event.position)
    assert (message.previous, message.lineage, message.lineage_start, message.epoch) == (previous, LINEAGE, 12, 7)


@given(positions, positions, moments, st.integers(0, 500))
def test_a_watermark_comes_back_as_it_went(position, previous, moment, partition):
    message = decode(received(ENCODER.watermark(partition, position, moment, previous)))
    assert message == Watermark("registry", position, moment, previous, LINEAGE, 12, 7)


def test_key_value_and_time_of_the_record_are_those_of_the_log():
    encoded = ENCODER.event(EVENT, 1230)
    assert encoded.key == b"unit-wanda-a-1812"
    assert encoded.value is EVENT.data
    # not effective_at: a retention would eat what happened in 2003
    assert encoded.timestamp == 1717418402123


def test_the_headers_sort_as_text():
    headers = dict(ENCODER.event(EVENT, 0).headers)
    assert headers["ce_sequence"] == b"00000000000000001234"
    assert headers["ce_previous"] == b"00000000000000000000"
    assert headers["ce_lineagestart"] == b"00000000000000000012"


def test_the_sdk_of_cloudevents_reads_an_event():
    encoded = ENCODER.event(EVENT, 1230)
    event = from_binary(KafkaMessage(dict(encoded.headers), encoded.key, encoded.value), JSONFormat())
    assert event.get_id() == str(EVENT.id)
    assert event.get_type() == EVENT.type
    assert event.get_source() == "registry"
    assert event.get_subject() == EVENT.stream
    assert event.get_time() == EVENT.effective_at
    assert event.get_data() == {"unit": "unit-wanda-a-1812"}
    assert event.get_extension("sequence") == "00000000000000001234"
    assert event.get_extension("partitionkey") == EVENT.stream
    assert event.get_extension("traceparent") == "00-a-b-01"


def test_the_sdk_of_cloudevents_reads_a_watermark():
    encoded = ENCODER.watermark(3, 1234, MOMENT, 1230)
    event = from_binary(KafkaMessage(dict(encoded.headers), encoded.key, encoded.value), JSONFormat())
    assert event.get_type() == "maplebridge.watermark.v1"
    assert event.get_data() == {}


def test_watermarks_of_different_partitions_positions_and_leases_have_different_ids():
    later = Encoder("registry", LINEAGE, 12, 8)
    made = [
        ENCODER.watermark(3, 1234, MOMENT, 0),
        ENCODER.watermark(4, 1234, MOMENT, 0),
        ENCODER.watermark(3, 1235, MOMENT, 0),
        later.watermark(3, 1234, MOMENT, 0),
    ]
    assert len({dict(encoded.headers)["ce_id"] for encoded in made}) == 4


NEEDED = """
id source type subject time recordedtime sequence previous streamversion authtype authid lineage lineagestart epoch
"""


@pytest.mark.parametrize("name", [f"ce_{attribute}" for attribute in NEEDED.split()])
def test_a_missing_header_is_named_with_its_place(name):
    record = received(ENCODER.event(EVENT, 0))
    record = replace(record, headers=tuple(pair for pair in record.headers if pair[0] != name))
    with pytest.raises(MessageMalformed, match=rf"{TOPIC}, partition 3, offset 41 .*{name}"):
        decode(record)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_sequence", b"soon"),
        ("ce_previous", b""),
        ("ce_time", b"yesterday"),
        ("ce_recordedtime", b"2024-06-03T12:40:02"),
        ("ce_id", b"1"),
        ("ce_lineage", b"first"),
        ("ce_epoch", b"x"),
        ("ce_authid", b"\xff"),
    ],
)
def test_a_header_that_cannot_be_is_refused_with_its_place(name, value):
    record = received(ENCODER.event(EVENT, 0))
    record = replace(record, headers=tuple((key, value if key == name else own) for key, own in record.headers))
    with pytest.raises(MessageMalformed) as refused:
        decode(record)
    assert (refused.value.topic, refused.value.partition, refused.value.offset) == (TOPIC, 3, 41)


def test_a_tombstone_is_not_an_event():
    with pytest.raises(MessageMalformed, match="no payload"):
        decode(replace(received(ENCODER.event(EVENT, 0)), value=None))


def test_a_time_of_another_zone_is_the_same_moment():
    record = received(ENCODER.event(EVENT, 0))
    headers = {**dict(record.headers), "ce_time": b"2024-06-03T08:00:00+08:00"}
    message = decode(replace(record, headers=tuple(headers.items())))
    assert isinstance(message, Message)
    assert message.recorded.effective_at == datetime(2024, 6, 3, tzinfo=UTC)
    assert message.recorded.effective_at.tzinfo is UTC
