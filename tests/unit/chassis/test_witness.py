"""What was published tells whether a log is still the one that it was published from."""

from uuid import UUID

import pytest

from services.chassis.eventstore.lineage import Lineage
from services.chassis.relay.witness import Seen, common, contradicts

FIRST, SECOND, UNKNOWN = UUID(int=1), UUID(int=2), UUID(int=9)
CHAIN = [Lineage(FIRST, 0), Lineage(SECOND, 5)]
HEAD = 8
IDS = {position: UUID(int=100 + position) for position in range(1, HEAD + 1)}


@pytest.mark.parametrize(
    ("seen", "wrong"),
    [
        (Seen(SECOND, 8, IDS[8]), False),
        (Seen(SECOND, 8, UUID(int=7)), True),  # another event at that position
        (Seen(SECOND, 9, UUID(int=7)), True),  # more than the log has
        (Seen(SECOND, 8, None), False),  # a watermark
        (Seen(SECOND, 9, None), True),
        (Seen(FIRST, 5, IDS[5]), False),
        (Seen(FIRST, 5, UUID(int=7)), True),  # what the second history kept of the first, it must have
        (Seen(FIRST, 7, UUID(int=7)), False),  # left behind when the second began, and known to be
        (Seen(FIRST, 99, UUID(int=7)), False),
        (Seen(UNKNOWN, 3, IDS[3]), True),  # a history that began after the copy was made
    ],
)
def test_a_log_is_contradicted_by_what_it_cannot_have_published(seen, wrong):
    assert contradicts(seen, CHAIN, HEAD, IDS) is wrong


def test_log_and_topic_agree_up_to_the_last_event_that_both_have():
    published = [Seen(SECOND, 8, UUID(int=7)), Seen(SECOND, 6, IDS[6]), Seen(SECOND, 7, None), Seen(FIRST, 3, IDS[3])]
    assert common(published, IDS) == 6
    assert common([Seen(SECOND, 8, UUID(int=7))], IDS) == 0
