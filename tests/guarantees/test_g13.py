"""G13: a restored or failed-over log is noticed by every consumer before it can hide a loss.

How a log notices that it was restored is in tests/integration/chassis/test_lineage.py and
tests/integration/relay/test_restored.py.
"""

from dataclasses import dataclass
from uuid import UUID

from hypothesis import strategies as st

from services.chassis.eventstore.lineage import Lineage
from services.chassis.eventstore.types import Recorded
from services.chassis.kafka.messages import Encoder
from tests.guarantees.counting import COUNTED, NOON
from tests.guarantees.laboratory import Broken, guarantee, judge
from tests.guarantees.readers import KnowsLineages, KnowsPositionsAlone
from tests.guarantees.topic import Topic

BEFORE, AFTER = UUID(int=1), UUID(int=2)
ABOUT = b'{"actor":{"role":"officer","id":"officer-li"}}'


class Hidden(Broken):
    """A reader goes on without an event that the log has, or with one that it has not."""


@dataclass(frozen=True)
class Restore:
    """A log that is put back to an older copy.

    Attributes:
        published: events that readers could see of the first history. kept: of them, in the copy that was restored.
        fresh: appended since. read: records that a reader had taken in before.
    """

    published: int
    kept: int
    fresh: int
    read: int


@st.composite
def restores(draw) -> Restore:
    """Any of them; where all is kept nothing is lost."""
    published = draw(st.integers(1, 8))
    return Restore(published, draw(st.integers(0, published)), draw(st.integers(1, 8)), draw(st.integers(0, published)))


def event(position: int, identity: int) -> Recorded:
    """An event of the one stream."""
    return Recorded("registry", position, "s-1", position, UUID(int=identity), COUNTED, b"1", ABOUT, NOON, NOON, b"")


@guarantee(KnowsLineages, {KnowsPositionsAlone: Hidden})
def test_g13_a_reader_of_a_restored_log_has_what_the_log_has_or_stops(laboratory, kind, broken):
    async def holds(restore: Restore) -> None:
        first = [event(position, 100 + position) for position in range(1, restore.published + 1)]
        kept = first[: restore.kept]
        fresh = [event(restore.kept + number, 200 + number) for number in range(1, restore.fresh + 1)]
        topic, lineages = Topic(1), [Lineage(BEFORE, 0), Lineage(AFTER, restore.kept)]
        reader = kind()
        before, after = Encoder("registry", BEFORE, 0, 1), Encoder("registry", AFTER, restore.kept, 2, BEFORE)
        for one in first:
            topic.put(0, before.event(one, one.position - 1))
        reader.read(topic.records[0][: restore.read], lineages[:1])
        for one in fresh:
            topic.put(0, after.event(one, one.position - 1))
        reader.read(topic.records[0][restore.read :], lineages)
        if not reader.stopped and reader.taken != [one.id for one in kept + fresh]:
            raise Hidden(f"{len(reader.taken)} events read, {len(kept + fresh)} in the log: {restore}")
        if restore.kept == restore.published:
            assert not reader.stopped, "nothing was lost, and the reader stopped"

    judge(laboratory, restores(), holds, broken, examples=150)
