"""G4: a connection that dies at any step loses nothing and doubles nothing; what was under way goes on.

The processes themselves are killed in tests/chaos.
"""

from collections import Counter
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.guarantees.counting import tally
from tests.guarantees.laboratory import Doubled, Lost, guarantee, judge
from tests.guarantees.projections import CheckpointAfterwards, CheckpointBefore, OneTransaction
from tests.guarantees.views import Amounts, staged
from tests.proxy import Cut, CuttingProxy


@dataclass(frozen=True)
class Accident:
    """Events, how they are cut into batches, and where the connection is cut while they are taken in."""

    amounts: Amounts
    sizes: list[int]
    cut: Cut


ACCIDENTS = st.builds(
    Accident,
    amounts=st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), min_size=1, max_size=8),
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    cut=st.builds(Cut, st.integers(1, 30), st.booleans()),
)


@guarantee(OneTransaction, {CheckpointAfterwards: Doubled, CheckpointBefore: Lost})
def test_g4_every_event_has_its_effect_once_wherever_the_connection_is_cut(laboratory, kind, broken):
    stage = laboratory.enter(staged(laboratory.owner, laboratory.app, tally()))
    proxy = laboratory.enter(CuttingProxy(laboratory.app))

    async def holds(accident: Accident) -> None:
        await stage.emptied()
        last = await stage.append(accident.amounts)
        proxy.cut(accident.cut)
        await stage.follow(kind(proxy.dsn, stage.pool), proxy.dsn, accident.sizes)
        wanted: Counter[str] = Counter()
        for stream, amount in accident.amounts:
            wanted[stream] += amount
        totals = await stage.totals()
        assert await stage.mark() == last
        if any(totals.get(stream, 0) < total for stream, total in wanted.items()):
            raise Lost(f"{totals} instead of {dict(wanted)}")
        if totals != wanted:
            raise Doubled(f"{totals} instead of {dict(wanted)}")

    judge(laboratory, ACCIDENTS, holds, broken, examples=20)
