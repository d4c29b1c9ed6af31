"""G3: a command is applied once, however often it is sent; the repeat gets the same answer."""

import asyncio
import contextlib
import itertools
from collections.abc import Sequence

from hypothesis import strategies as st

from services.chassis.eventstore.store import EventStore
from services.chassis.postgres import AWAY
from tests.guarantees.commands import CommandsUnderTest, RecordAfterwards, RecordBefore, RecordInTheTransaction
from tests.guarantees.laboratory import Doubled, Lost, guarantee, judge, opened
from tests.proxy import Cut, CuttingProxy

CUTS = st.lists(st.builds(Cut, st.integers(1, 12), st.booleans()), min_size=1, max_size=2)
"""A command takes up to ten round trips on a fresh connection, four or eight on one that knows the statements."""


async def until_answered(commands: CommandsUnderTest, aggregate: str, cuts: Sequence[Cut], proxy: CuttingProxy):
    """Sends until there is an answer; each sending but the last is cut somewhere."""
    for cut in cuts:
        proxy.cut(cut)
        with contextlib.suppress(*AWAY):
            await commands.send(aggregate, aggregate)
    proxy.cut(None)
    while True:
        with contextlib.suppress(*AWAY):
            return await commands.send(aggregate, aggregate)


async def applied_once(commands: CommandsUnderTest, aggregate: str, cuts: Sequence[Cut], proxy, store: EventStore):
    first = await until_answered(commands, aggregate, cuts, proxy)
    repeats = await asyncio.gather(*(commands.send(aggregate, aggregate) for _ in range(3)))
    events = await store.load(f"counter-{aggregate}")
    if len(events) > 1:
        raise Doubled(f"{len(events)} events of one command")
    if not events:
        raise Lost("the command was answered and nothing was appended")
    assert {(answer.version, answer.position) for answer in (first, *repeats)} == {(1, events[0].position)}


@guarantee(RecordInTheTransaction, {RecordAfterwards: Doubled, RecordBefore: Lost})
def test_g3_a_command_is_applied_once_wherever_its_connection_is_cut(laboratory, kind, broken):
    if kind.TABLES:
        laboratory.execute(kind.TABLES)
    names = (f"a-{number}" for number in itertools.count())
    proxy = laboratory.enter(CuttingProxy(laboratory.app))
    cut, whole = laboratory.enter(opened(proxy.dsn)), laboratory.enter(opened(laboratory.app))

    async def holds(cuts: Sequence[Cut]) -> None:
        await applied_once(kind(cut), next(names), cuts, proxy, EventStore("registry", whole.pool))

    judge(laboratory, CUTS, holds, broken, examples=25)


@guarantee(RecordInTheTransaction, {RecordAfterwards: Doubled})
def test_g3_a_command_sent_several_times_at_once_is_applied_once(laboratory, kind, broken):
    if kind.TABLES:
        laboratory.execute(kind.TABLES)
    names = (f"b-{number}" for number in itertools.count())
    database = laboratory.enter(opened(laboratory.app))

    async def holds(times: int) -> None:
        commands, name = kind(database), next(names)
        answers = await asyncio.gather(*(commands.send(name, name) for _ in range(times)))
        events = await EventStore("registry", database.pool).load(f"counter-{name}")
        if len(events) != 1:
            raise Doubled(f"{len(events)} events of one command")
        assert set(answers) == {answers[0]}

    judge(laboratory, st.integers(2, 12), holds, broken, examples=10)
