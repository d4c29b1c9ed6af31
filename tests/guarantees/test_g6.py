"""G6: a live view is the rebuilt view, byte for byte, at the same position."""

from hypothesis import strategies as st

from services.chassis.postgres import Session
from services.chassis.projections.model import last_name
from tests.guarantees.laboratory import Differs, guarantee, judge
from tests.guarantees.projections import OneTransaction
from tests.guarantees.upcasting import FreshPayload, SharedPayload, first_version, lifted_tally
from tests.guarantees.views import staged

HISTORIES = st.tuples(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 99)), min_size=1, max_size=10),
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
)


async def rows(session: Session, schema: str) -> list[str]:
    """The rows of the view in a schema, as PostgreSQL writes them."""
    return [row[0] for row in await session.fetch(f'select t::text from "{schema}".tally as t order by 1')]


@guarantee(FreshPayload, {SharedPayload: Differs})
def test_g6_a_view_that_was_kept_up_is_the_view_that_is_built_anew(laboratory, kind, broken):
    model = lifted_tally(kind())

    stage = laboratory.enter(staged(laboratory.owner, laboratory.app, model))

    async def holds(history) -> None:
        amounts, sizes = history
        await stage.append([(stream, first_version(amount)) for stream, amount in amounts])
        live = OneTransaction(laboratory.app, stage.pool, model)
        await stage.follow(live, laboratory.app, sizes)
        comparison = await stage.rebuild.run()
        assert comparison.position == {"registry": (await stage.store.head()).position}
        live_rows, rebuilt_rows = await rows(stage.pool, last_name("tally")), await rows(stage.pool, "tally")
        assert live_rows
        assert comparison.equal == (live_rows == rebuilt_rows), "the product's comparison says something else"
        if live_rows != rebuilt_rows:
            raise Differs(f"{live_rows} live, {rebuilt_rows} rebuilt")

    judge(laboratory, HISTORIES, holds, broken, examples=12)
