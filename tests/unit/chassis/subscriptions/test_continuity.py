"""What continues what: nothing is lost unnoticed and nothing taken in twice, however a topic repeats itself."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.eventstore.lineage import Lineage, kept
from services.chassis.subscriptions.continuity import Held, Message, Turn, Verdict, turn, turn_by_itself

FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))


@st.composite
def a_topic(draw):
    """Events of one partition with watermarks between them, each as the relay sends it: true predecessors."""
    positions = sorted(draw(st.sets(st.integers(1, 60), min_size=1, max_size=15)))
    sent, previous = [], 0
    for position in positions:
        sent.append(("event", Message(position, previous, FIRST, 1)))
        previous = position
        if draw(st.booleans()):
            following = next((each for each in positions if each > position), 70)
            upto = draw(st.integers(position, following - 1))
            sent.append(("watermark", Message(upto, previous, FIRST, 1)))
    return sent


@st.composite
def a_repeated_topic(draw):
    """The same with the late messages of former owners in between: anything that was sent before, at any time."""
    sent = draw(a_topic())
    arriving = []
    for at, one in enumerate(sent):
        arriving.append(one)
        again = draw(st.lists(st.integers(0, at), max_size=3))
        arriving += [(sent[index][0], sent[index][1]._replace(epoch=draw(st.integers(0, 2)))) for index in again]
    return sent, arriving


def read(arriving):
    """What a reader takes in, and where it stopped."""
    held, taken = Held(), []
    for kind, message in arriving:
        verdict = held.judge(message)
        if verdict is Verdict.HOLE:
            return taken, held, message
        if verdict is Verdict.ACCEPTED:
            held = held.accept(message)
            if kind == "event":
                taken.append(message.sequence)
    return taken, held, None


def events_of(sent):
    return [message.sequence for kind, message in sent if kind == "event"]


@given(a_repeated_topic())
def test_repeats_and_late_owners_change_nothing(topic):
    sent, arriving = topic
    taken, held, hole = read(arriving)
    assert hole is None
    assert taken == events_of(sent)
    assert held.last == max(message.sequence for _, message in sent)


@given(a_topic(), st.data())
def test_a_lost_event_is_noticed_by_the_next_message_and_nothing_after_it_is_taken(sent, data):
    events = [index for index, (kind, _) in enumerate(sent) if kind == "event"]
    lost = data.draw(st.sets(st.sampled_from(events), min_size=1))
    # a watermark names its predecessor too, so whatever comes next tells of the loss
    arriving = [one for index, one in enumerate(sent) if index not in lost]
    taken, _, hole = read(arriving)
    first = min(lost)
    assert taken == events_of(sent[:first])
    if any(index not in lost for index in range(first, len(sent))):
        assert hole is not None


@given(a_topic(), st.data())
def test_a_mended_hole_is_gone_over_without_a_double(sent, data):
    lost = data.draw(st.sets(st.sampled_from(range(len(sent)))))
    held, taken = Held(), []
    for index, (kind, message) in enumerate(sent):
        if index in lost:
            continue
        if held.judge(message) is Verdict.HOLE:
            taken += [one for one in events_of(sent) if held.last < one <= message.previous]
            held = held.mended(message.previous)
        if held.judge(message) is Verdict.ACCEPTED:
            held = held.accept(message)
            taken += [message.sequence] if kind == "event" else []
    assert taken == [one for one in events_of(sent) if one <= held.last]


def test_a_message_of_another_history_is_neither_taken_nor_taken_for_a_repeat():
    held = Held().accept(Message(5, 0, FIRST))
    assert held.judge(Message(4, 3, SECOND)) is Verdict.FOREIGN
    assert held.judge(Message(9, 5, SECOND)) is Verdict.FOREIGN


def test_late_messages_of_a_history_that_was_left_are_repeats():
    held = Held().accept(Message(5, 0, FIRST)).follow(SECOND)
    assert held.judge(Message(9, 5, FIRST)) is Verdict.DUPLICATE
    assert held.judge(Message(6, 5, SECOND)) is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("lineage", "still"),
    [(FIRST, 50), (SECOND, 50), (THIRD, None), (UUID(int=9), 0)],
)
def test_of_a_history_that_much_is_left_which_no_later_one_replaced(lineage, still):
    chain = [Lineage(FIRST, 0), Lineage(SECOND, 80), Lineage(THIRD, 50)]
    assert kept(chain, lineage) == still


@pytest.mark.parametrize(
    ("last", "lineage", "expected"),
    [
        (80, SECOND, Turn.FOLLOW),
        (81, SECOND, Turn.STOP),
        (10, UUID(int=9), Turn.DROP),
        (81, UUID(int=9), Turn.STOP),
    ],
)
def test_a_reader_follows_what_holds_all_it_has_read_and_stops_otherwise(last, lineage, expected):
    chain = [Lineage(FIRST, 0), Lineage(SECOND, 80)]
    assert turn(Held(last, FIRST), lineage, chain) is expected


def test_a_reader_that_skipped_a_whole_history_stops_all_the_same():
    chain = [Lineage(FIRST, 0), Lineage(SECOND, 80), Lineage(THIRD, 120)]
    assert turn(Held(100, FIRST), THIRD, chain) is Turn.STOP
    # a reader that has nothing but the topic sees the second history first, and stops there
    assert turn_by_itself(Held(100, FIRST), SECOND, 80) is Turn.STOP


def test_the_late_message_of_an_older_history_is_dropped_by_one_who_never_left_it():
    chain = [Lineage(FIRST, 0), Lineage(SECOND, 80)]
    assert turn(Held(90, SECOND), FIRST, chain) is Turn.DROP


@given(st.integers(0, 99), st.integers(0, 99))
def test_both_ways_of_deciding_agree_on_one_restore(last, began_after):
    chain = [Lineage(FIRST, 0), Lineage(SECOND, began_after)]
    held = Held(last, FIRST)
    assert turn(held, SECOND, chain) is turn_by_itself(held, SECOND, began_after)
