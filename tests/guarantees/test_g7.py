"""G7: a poison event stops its own stream and nothing else."""

from hypothesis import strategies as st

from tests.guarantees.counting import POISON, tally
from tests.guarantees.laboratory import NeighbourStopped, SiblingFlowed, guarantee, judge
from tests.guarantees.projections import LeavesPoisonOut, OneTransaction, StopsEverything
from tests.guarantees.views import Amounts, staged

AMOUNTS = st.one_of(st.integers(1, 9), st.integers(1, 9), st.just(POISON))
HISTORIES = st.tuples(
    st.lists(st.tuples(st.sampled_from("abc"), AMOUNTS), min_size=1, max_size=9),
    st.lists(st.integers(1, 6), min_size=1, max_size=3),
)


def before_the_poison(amounts: Amounts) -> tuple[dict[str, int], list[int]]:
    """Each stream's total up to its first poison event, and the places (from 1) of what has to wait."""
    totals: dict[str, int] = {}
    poisoned: set[str] = set()
    waiting: list[int] = []
    for place, (stream, amount) in enumerate(amounts, start=1):
        if isinstance(amount, bytes) or stream in poisoned:
            poisoned.add(stream)
            waiting.append(place)
        else:
            totals[stream] = totals.get(stream, 0) + amount
    return totals, waiting


@guarantee(OneTransaction, {StopsEverything: NeighbourStopped, LeavesPoisonOut: SiblingFlowed})
def test_g7_a_poison_event_stops_its_own_stream_and_nothing_else(laboratory, kind, broken):
    stage = laboratory.enter(staged(laboratory.owner, laboratory.app, tally()))

    async def holds(history) -> None:
        amounts, sizes = history
        await stage.emptied()
        before = await stage.mark()
        last = await stage.append(amounts)
        await stage.follow(kind(laboratory.app, stage.pool), laboratory.app, sizes, tries=3)
        wanted, waiting = before_the_poison(amounts)
        totals = await stage.totals()
        if await stage.mark() < last:
            raise NeighbourStopped(f"nothing is read after {await stage.mark()}")
        if any(totals.get(stream, 0) < total for stream, total in wanted.items()):
            raise NeighbourStopped(f"{totals} instead of {wanted}")
        if totals != wanted:
            raise SiblingFlowed(f"{totals} instead of {wanted}")
        assert await stage.letters() == [before + place for place in waiting]

    judge(laboratory, HISTORIES, holds, broken, examples=20)
