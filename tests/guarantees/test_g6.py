"""G6: a live view is the rebuilt view, byte for byte, at the same position, in whichever version it was told."""

from collections import Counter

from hypothesis import strategies as st

from services.chassis.eventstore.types import Append, NewEvent
from services.chassis.ids import uuid7
from services.chassis.postgres import Session
from services.chassis.projections.model import last_name
from tests.guarantees.counting import COUNTED, NOON
from tests.guarantees.laboratory import Differs, guarantee, judge
from tests.guarantees.projections import OneTransaction
from tests.guarantees.upcasting import (
    ComparesStoredNames,
    CountedInTens,
    LiftedAtTheDoor,
    SharedPayload,
    first_version,
    lifted_tally,
    second_version,
    todays_version,
)
from tests.guarantees.views import staged

HISTORIES = st.tuples(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 99), st.booleans()), min_size=1, max_size=10),
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
)


async def rows(session: Session, schema: str) -> list[str]:
    """The rows of the view in a schema, as PostgreSQL writes them."""
    return [row[0] for row in await session.fetch(f'select t::text from "{schema}".tally as t order by 1')]


def told(stream: str, amount: int, of_old: bool) -> Append:
    """An amount in the first version, or in today's."""
    name, data = (COUNTED, first_version(amount)) if of_old else (CountedInTens.type, todays_version(amount))
    return Append(stream, None, (NewEvent(uuid7(), name, data, b"{}", NOON),), NOON)


@guarantee(LiftedAtTheDoor, {SharedPayload: Differs, ComparesStoredNames: Differs})
def test_g6_a_view_that_was_kept_up_is_the_view_that_is_built_anew(laboratory, kind, broken):
    model = lifted_tally(kind())
    stage = laboratory.enter(staged(laboratory.owner, laboratory.app, model))
    wanted: Counter[str] = Counter()

    async def holds(history) -> None:
        amounts, sizes = history
        for stream, amount, of_old in amounts:
            await stage.store.append(told(stream, amount, of_old))
            wanted[stream] += amount
        live = OneTransaction(laboratory.app, stage.pool, model)
        await stage.follow(live, laboratory.app, sizes)
        comparison = await stage.rebuild.run()
        assert comparison.position == {"registry": (await stage.store.head()).position}
        live_rows, rebuilt_rows = await rows(stage.pool, last_name("tally")), await rows(stage.pool, "tally")
        assert comparison.equal == (live_rows == rebuilt_rows), "the product's comparison says something else"
        if live_rows != rebuilt_rows:
            raise Differs(f"{live_rows} live, {rebuilt_rows} rebuilt")
        if await stage.totals() != wanted:
            raise Differs(f"{live_rows}, and {dict(wanted)} were told today's version alone")

    with second_version():
        judge(laboratory, HISTORIES, holds, broken, examples=12)
