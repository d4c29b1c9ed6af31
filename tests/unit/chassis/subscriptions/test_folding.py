"""Records become events: the same as the log has, whatever stands between them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.chassis.eventstore.types import Recorded
from services.chassis.kafka.messages import Encoder, decode
from services.chassis.subscriptions.continuity import Held, Verdict
from services.chassis.subscriptions.folding import fold

LINEAGE = UUID(int=7)
ENCODER = Encoder("registry", LINEAGE, 0, 3)
NOON = datetime(2024, 6, 3, 4, 0, 1, 250, UTC)
ABOUT = b'{"actor":{"role":"officer","id":"officer-gu"},"correlation_id":"c-1","traceparent":"00-a-b-01"}'


@dataclass
class Record:
    """A record as a client of Kafka hands it over."""

    headers: list[tuple[str, bytes]]
    value: bytes | None
    offset: int = 0
    topic: str = "t"
    partition: int = 0


def an_event(position, type_name="test.counted.v1"):
    data = f'{{"n":{position}}}'.encode()
    return Recorded(
        "registry", position, "s-1", position, UUID(int=position), type_name, data, ABOUT, NOON, NOON, bytes(32)
    )


def records(*encoded):
    return [Record(list(each.headers), each.value, offset) for offset, each in enumerate(encoded, start=100)]


def test_an_event_is_what_the_log_has_but_for_its_hash():
    (record,) = records(ENCODER.event(an_event(4), 0))
    (event,) = fold(Held(), [record]).events
    assert event.columns == (*an_event(4).columns[:-1], b"")
    assert event.columns == decode(record).recorded.columns


def test_only_what_is_wanted_is_read_and_everything_moves_the_mark():
    other = ENCODER.event(an_event(2, "test.other.v1"), 1)
    log = records(ENCODER.event(an_event(1), 0), other, ENCODER.watermark(0, 9, NOON, 2))
    folded = fold(Held(), log, {"test.other.v1"})
    assert [event.position for event in folded.events] == [2]
    assert (folded.held.last, folded.offset) == (9, 103)
    assert folded.counts["accepted"] == 2


def test_a_hole_ends_it_before_the_record_that_tells_of_it():
    folded = fold(Held(), records(ENCODER.event(an_event(1), 0), ENCODER.event(an_event(5), 3)))
    assert (folded.held.last, folded.stopped, folded.offset, folded.message.previous) == (1, Verdict.HOLE, 101, 3)


@pytest.mark.parametrize("header", ["ce_time", "ce_authid", "ce_streamversion", "ce_subject"])
def test_an_event_that_lacks_a_header_is_left_to_the_log(header):
    first, second = records(ENCODER.event(an_event(1), 0), ENCODER.event(an_event(2), 1))
    second.headers = [pair for pair in second.headers if pair[0] != header]
    folded = fold(Held(), [first, second])
    assert (folded.held.last, folded.stopped, folded.counts["malformed"]) == (1, Verdict.HOLE, 1)
    assert header in str(folded.malformed[0])


def test_an_event_without_a_payload_is_left_to_the_log():
    (record,) = records(ENCODER.event(an_event(1), 0))
    record.value = None
    assert fold(Held(), [record]).stopped is Verdict.HOLE


def test_a_barrier_ends_it_behind_itself():
    barrier = ENCODER.barrier(0, 1, NOON, 1, before=3, partitions=7)
    following = ENCODER.event(an_event(2), 1)
    folded = fold(Held(), records(ENCODER.event(an_event(1), 0), barrier, following))
    assert (folded.barrier.position, folded.barrier.before, folded.barrier.partitions) == (1, 3, 7)
    assert (folded.held.last, folded.offset) == (1, 102)


@pytest.mark.parametrize("jump", [1, 1_000_000])
def test_a_position_that_the_log_does_not_have_ends_it_and_moves_nothing(jump):
    log = records(ENCODER.event(an_event(1), 0), ENCODER.event(an_event(1 + jump), 1), ENCODER.event(an_event(2), 1))
    folded = fold(Held(), log, end=1)
    assert (folded.held.last, folded.stopped, folded.offset) == (1, Verdict.BEYOND, 101)
    assert fold(folded.held, log[2:], end=2).held.last == 2


def test_a_forged_watermark_or_barrier_moves_nothing_either():
    for forged in (ENCODER.watermark(0, 900, NOON, 0), ENCODER.barrier(0, 900, NOON, 0, before=3, partitions=6)):
        folded = fold(Held(), records(forged), end=8)
        assert (folded.held, folded.stopped, folded.barrier) == (Held(), Verdict.BEYOND, None)
