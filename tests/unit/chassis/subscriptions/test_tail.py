"""Who follows a log shares what was read of it, and gets what the log itself would have given."""

import asyncio
from types import SimpleNamespace
from uuid import UUID

from services.chassis.subscriptions.tail import Tail
from tests.unit.chassis.subscriptions.test_folding import an_event

FIRST, SECOND = UUID(int=1), UUID(int=2)


class Log:
    """A log in memory that counts how often it is read."""

    source = "registry"

    def __init__(self, events):
        self.events = [an_event(position) for position in range(1, events + 1)]
        self.lineage = FIRST
        self.reads = []
        self.held_up = None

    def restored(self, kept, events):
        """It kept so much, and went on as another history."""
        self.events = self.events[:kept] + [an_event(kept + more) for more in range(1, events + 1)]
        self.lineage = SECOND

    async def read(self, after, limit=1000):
        self.reads.append(after)
        return self.events[after : after + limit]

    async def head(self):
        found = SimpleNamespace(lineage=self.lineage)
        if self.held_up is not None:
            await self.held_up.wait()
        return found


async def followed(log, most):
    """The tail of a log whose history has been asked for once."""
    tail = Tail(log, most)
    assert await tail.after(len(log.events), most, None) == ([], log.lineage)
    log.reads.clear()
    return tail


async def positions(tail, after, size=10, lineage=FIRST):
    return [event.position for event in (await tail.after(after, size, lineage))[0]]


async def test_who_comes_later_gets_what_was_read_and_parsed_already():
    log = Log(5)
    tail = await followed(log, 10)
    first, _ = await tail.after(0, 10, None)
    later, lineage = await tail.after(3, 10, FIRST)
    assert lineage == FIRST
    assert [id(event) for event in later] == [id(event) for event in first[3:]]
    assert log.reads == [0]


async def test_who_has_everything_asks_the_log():
    log = Log(3)
    tail = await followed(log, 10)
    assert await positions(tail, 0) == [1, 2, 3]
    assert await positions(tail, 3) == []
    log.events += [an_event(4), an_event(5)]
    assert await positions(tail, 3) == [4, 5]
    assert await positions(tail, 1) == [2, 3, 4, 5]
    assert log.reads == [0, 3, 3]


async def test_no_more_is_kept_and_given_than_is_allowed():
    log = Log(20)
    tail = await followed(log, 4)
    for after in range(0, 20, 2):
        assert await positions(tail, after, size=2) == [after + 1, after + 2]
    assert await positions(tail, 16, size=3) == [17, 18, 19]
    assert log.reads == list(range(0, 20, 2))
    assert await positions(tail, 15, size=3) == [16, 17, 18]
    assert log.reads[-1] == 15


async def test_who_is_far_behind_takes_nothing_from_the_others():
    log = Log(20)
    tail = await followed(log, 5)
    assert await positions(tail, 15) == [16, 17, 18, 19, 20]
    assert await positions(tail, 2, size=3) == [3, 4, 5]
    assert await positions(tail, 16) == [17, 18, 19, 20]
    assert log.reads == [15, 2]


async def test_what_overlaps_is_kept_once():
    log = Log(6)
    tail = await followed(log, 10)
    assert await positions(tail, 2, size=2) == [3, 4]
    assert await positions(tail, 1, size=5) == [2, 3, 4, 5, 6]
    assert await positions(tail, 2) == [3, 4, 5, 6]
    assert log.reads == [2, 1]


async def test_what_a_log_has_lost_goes_to_nobody_who_reads_its_new_history():
    log = Log(10)
    tail = await followed(log, 10)
    assert await positions(tail, 0) == list(range(1, 11))
    log.restored(kept=4, events=2)
    assert await positions(tail, 4, lineage=SECOND) == [5, 6]
    events, lineage = await tail.after(3, 10, SECOND)
    assert ([event.position for event in events], lineage) == ([4, 5, 6], SECOND)
    assert log.reads == [0, 4, 3]  # of what came before the restore nothing is kept


async def test_a_slow_answer_does_not_bring_an_old_history_back():
    log = Log(10)
    tail = Tail(log, 10)
    log.held_up = asyncio.Event()
    slow = asyncio.create_task(tail.after(0, 10, FIRST))
    while not log.reads:  # noqa: ASYNC110 - a list sets no event
        await asyncio.sleep(0)
    held_up, log.held_up = log.held_up, None
    log.restored(kept=4, events=2)
    assert await positions(tail, 4, lineage=SECOND) == [5, 6]
    held_up.set()
    assert (await slow)[1] == FIRST
    assert await positions(tail, 4, lineage=FIRST) == [5, 6]  # read anew
    assert await positions(tail, 4, lineage=SECOND) == [5, 6]
    assert log.reads == [0, 4, 4]


async def test_events_read_just_before_a_restore_are_not_kept_as_of_the_new_history():
    log = Log(10)
    tail = await followed(log, 10)
    read = log.read

    async def read_and_restored(after, limit=1000):
        events = await read(after, limit)
        log.restored(kept=4, events=2)
        return events

    log.read = read_and_restored
    assert (await tail.after(0, 10, FIRST))[1] == SECOND
    log.read = read
    assert await positions(tail, 4, lineage=SECOND) == [5, 6]
    assert await positions(tail, 0, lineage=SECOND) == [1, 2, 3, 4, 5, 6]
