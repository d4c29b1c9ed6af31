"""G5: a paused and revived relay owner changes nothing downstream; a message lost on the way is noticed.

Here relays work on a topic in memory, so that every order of their steps can be forced; tests/integration/relay and
tests/chaos/test_relay.py pause and kill real ones in front of a real broker.
"""

from collections.abc import Sequence

from hypothesis import strategies as st

from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, NewEvent
from services.chassis.ids import uuid7
from services.chassis.relay.lease import LeaseLost
from services.chassis.subscriptions.continuity import Held, Verdict
from services.chassis.subscriptions.folding import fold
from tests.guarantees.counting import COUNTED, NOON
from tests.guarantees.laboratory import Broken, Lost, guarantee, judge, opened
from tests.guarantees.relays import FencedByALockAlone, FencedByEpoch, NotesBeforeTheAnswer
from tests.guarantees.topic import Topic

PARTITIONS = 2
ABOUT = b'{"actor":{"role":"officer","id":"officer-li"}}'
TURNS = st.lists(
    st.tuples(st.sampled_from([0, 1]), st.integers(1, 9), st.sampled_from([False, False, True])), min_size=1, max_size=6
)
"""Which of two relays takes how many steps, and whether it then dies. One that does not move is paused."""


class WentBack(Broken):
    """Progress stands before where it stood, or an older epoch moved it after a newer one."""


class Owner:
    """A relay process, step by step."""

    def __init__(self, relay: FencedByEpoch) -> None:
        self.relay = relay
        self._steps = self._cycle()

    def _cycle(self):
        yield self.relay.take_over
        while True:
            yield self.relay.send
            yield self._arrive
            yield self.relay.note

    async def _arrive(self) -> None:
        self.relay.wire.arrive()

    async def go(self) -> None:
        """Takes the next step; one that has lost the lease begins anew."""
        try:
            await next(self._steps)()
        except LeaseLost:
            self._steps = self._cycle()

    def die(self) -> None:
        """What is under way is lost, and it begins anew."""
        self.relay.wire.lose()
        self._steps = self._cycle()


def read(topic: Topic, held: Held) -> list[int]:
    """What a reader takes in of all partitions; it does not mend."""
    taken: list[int] = []
    for partition in range(topic.partitions):
        folded = fold(held, topic.records.get(partition, []))
        if folded.stopped is Verdict.HOLE:
            raise Lost(f"noticed by the reader of partition {partition}: {folded.message} follows {folded.held.last}")
        assert folded.stopped is None
        taken += [event.position for event in folded.events]
    return taken


@guarantee(FencedByEpoch, {FencedByALockAlone: WentBack, NotesBeforeTheAnswer: Lost})
def test_g5_whatever_two_relays_do_at_once_readers_get_everything_once_and_progress_goes_forward(
    laboratory, kind, broken
):
    pool = laboratory.enter(opened(laboratory.app)).pool
    store = EventStore("registry", pool)

    async def put(count: int) -> None:
        for number in range(count):
            event = NewEvent(uuid7(), COUNTED, b"1", ABOUT, NOON)
            await store.append(Append(f"s-{number % 5}", None, (event,), NOON))

    async def holds(turns: Sequence[tuple[int, int, bool]]) -> None:
        before = (await store.head()).position
        topic = Topic(PARTITIONS)
        owners = [Owner(kind(store, pool, topic)) for _ in range(2)]
        await put(7)
        stood = epoch = 0
        for who, steps, dies in turns:
            owner = owners[who]
            for _ in range(steps):
                await owner.go()
                position = await owner.relay.published()
                if position < stood or (position > stood and owner.relay.epoch < epoch):
                    raise WentBack(f"from {stood} under epoch {epoch} to {position} under {owner.relay.epoch}")
                if position > stood:
                    stood, epoch = position, owner.relay.epoch
            if dies:
                owner.die()
        await finish(kind(store, pool, topic), (await store.head()).position)
        lineage = (await store.lineages())[-1].id
        taken = read(topic, Held(before, lineage))
        if sorted(taken) != list(range(before + 1, before + 8)):
            raise Lost(f"{sorted(taken)} of {before + 1} to {before + 7}")

    judge(laboratory, TURNS, holds, broken, examples=40)


async def finish(relay: FencedByEpoch, head: int) -> None:
    """A last owner publishes what is left."""
    await relay.take_over()
    while await relay.published() < head:
        await relay.send()
        relay.wire.arrive()
        await relay.note()
