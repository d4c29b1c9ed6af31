"""G13: a restored or failed-over log is noticed by every consumer before it can hide a loss.

How a log notices that it was restored is in tests/integration/chassis/test_lineage.py and
tests/integration/relay/test_restored.py.
"""

import asyncio
import itertools
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from hypothesis import strategies as st

from services.chassis.clock import FixedClock
from services.chassis.eventstore.lineage import Lineage
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, Recorded, VersionConflict, new_event
from services.chassis.handler import CommandHandler
from services.chassis.ids import uuid7
from services.chassis.kafka.messages import Encoder
from services.chassis.snapshots import Snapshots
from tests.guarantees.counting import COUNTED, NOON, Count, context
from tests.guarantees.deciding import (
    NUMBERS,
    AsksAfterReading,
    KnowsHistories,
    RefusesForEver,
    SnapshotsOfAny,
    VersionsAlone,
    number,
)
from tests.guarantees.laboratory import Broken, guarantee, judge, opened
from tests.guarantees.readers import KnowsLineages, KnowsPositionsAlone
from tests.guarantees.topic import Topic
from tests.restoring import put_back

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


class Stale(Broken):
    """Something was decided on what the log does not say, or cannot be decided any more."""


@dataclass(frozen=True)
class Written:
    """A stream before and after its log was put back to an older copy.

    Attributes:
        before: commands. kept: of their events. others: events of somebody else, since. meanwhile: what is under way:
            a snapshot, or the reading of who decides next and remembers nothing.
    """

    before: int
    kept: int
    others: int
    meanwhile: Literal["nothing", "a snapshot", "a reading"]

    @property
    def present(self) -> list[int]:
        """What the stream says in the end."""
        return [*range(1, self.kept + 1), *range(100, 100 + self.others)]


@st.composite
def written(draw) -> Written:
    """Any of them; often the stream comes to the same version again."""
    before = draw(st.integers(1, 5))
    kept = draw(st.integers(0, before))
    others = draw(st.sampled_from([before - kept, 0, 1, 3]))
    return Written(before, kept, others, draw(st.sampled_from(["nothing", "a snapshot", "a reading"])))


class Slow:
    """Keeps snapshots only once it is let, and once lets something happen when it has read a stream."""

    def __init__(self, *given) -> None:
        super().__init__(*given)
        self.gate, self.meanwhile = asyncio.Event(), []

    async def keep(self, snapshot):
        """Later."""
        await self.gate.wait()
        await super().keep(snapshot)

    async def load_latest(self, stream, decider):
        """What was read is no more so by then."""
        found = await super().load_latest(stream, decider)
        while self.meanwhile:
            await self.meanwhile.pop()()
        return found


async def decided(case: Written, name: str, kind, pool, owner: str) -> list[int]:
    """What the stream says after two more commands: of one who may not have heard of the restore, and of another."""
    store = type("Slowly", (Slow, kind.store_kind), {})("registry", pool)
    own, stream, position = EventStore("registry", pool), NUMBERS.stream(name), (await store.head()).position
    taking = Snapshots(store, every=0)

    async def restored() -> None:
        await put_back(owner, position + case.kept)
        for one in range(case.others):
            await own.append(Append(stream, None, (new_event(uuid7(), number(100 + one), b"{}"),), NOON))
        store.gate.set()
        await taking.close()

    decides = kind(store).handler
    for _ in range(case.before):
        await decides.handle(NUMBERS, name, Count(), context(None))
    if case.meanwhile == "a snapshot":  # somebody else loads it, and keeps what it folded only later
        await CommandHandler(store, FixedClock(NOON), uuid7, taking).state(NUMBERS, name)
    if case.meanwhile == "a reading":
        decides = kind(store).handler
        store.meanwhile.append(restored)
    else:
        await restored()
    for decider in (decides, CommandHandler(own, FixedClock(NOON), uuid7, Snapshots(own, every=1000))):
        await decider.handle(NUMBERS, name, Count(), context(None))
    return [event.event.waited_seconds for event in await own.load(stream)]


WRONG = {VersionsAlone: Stale, SnapshotsOfAny: Stale, RefusesForEver: Stale, AsksAfterReading: Stale}


@guarantee(KnowsHistories, WRONG)
def test_g13_what_is_decided_on_a_restored_log_is_decided_on_what_it_says(laboratory, kind, broken):
    database, numbers = laboratory.enter(opened(laboratory.app)), itertools.count()

    async def holds(case: Written) -> None:
        try:
            said = await decided(case, f"n{next(numbers)}", kind, database.pool, laboratory.owner)
        except VersionConflict as error:
            raise Stale(f"{error} for ever: {case}") from error
        last = [0, *case.present][-1]
        if said != [*case.present, last + 1, last + 2]:
            raise Stale(f"the log says {said}: {case}")

    judge(laboratory, written(), holds, broken, 20)
