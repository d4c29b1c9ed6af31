"""G9: a read that sends a position token never shows a state older than the write, nor one that lacks it."""

import asyncio
import contextlib

from hypothesis import strategies as st

from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Appended
from services.chassis.http.histories import Histories
from services.chassis.http.positions import PositionVector, history
from services.chassis.postgres import connect
from services.chassis.projections.checkpoints import Checkpoints, Holds, NotReadYet
from tests.guarantees.counting import counted, tally
from tests.guarantees.interleaving import BLOCKED
from tests.guarantees.laboratory import Older, guarantee, judge
from tests.guarantees.projections import CheckpointBefore, OneTransaction
from tests.guarantees.views import Stage, staged
from tests.restoring import put_back

HOLD_THE_EFFECT = "lock table tally.tally in exclusive mode"
"""Writers of the view wait, readers do not: whatever is committed before the effect can be seen."""
HEARD = "update projections.checkpoints set lineage = (select lineage from log.head)"


async def read_after(stage: Stage, checkpoints: Checkpoints, position: int) -> dict[str, int] | None:
    """The view once it includes a position; None where the read is refused."""
    try:
        await checkpoints.reached("tally", {"registry": position}, seconds=0.05)
    except NotReadYet:
        return None
    return await stage.totals()


async def until_held(task: asyncio.Task, stage: Stage, pid: int) -> None:
    """Until the projection waits for the lock, or has ended."""
    while not task.done():
        await asyncio.sleep(0)
        if await stage.pool.fetchval(BLOCKED, pid):
            return


@guarantee(OneTransaction, {CheckpointBefore: Older})
def test_g9_a_read_with_a_token_shows_the_write_or_is_refused(laboratory, kind, broken):
    stage = laboratory.enter(staged(laboratory.owner, laboratory.app, tally()))

    async def holds(case: tuple[list[int], bool]) -> None:
        amounts, held = case
        async with contextlib.AsyncExitStack() as stack:
            await stage.emptied()
            checkpoints = Checkpoints(stage.pool)
            position = await stage.append([("a", amount) for amount in amounts])
            holder, follower = await connect(laboratory.owner), await connect(laboratory.app, search_path="tally")
            stack.callback(holder.terminate)
            stack.callback(follower.terminate)
            transaction = holder.transaction()
            await transaction.start()
            if held:
                await holder.execute(HOLD_THE_EFFECT)
            projection = kind(laboratory.app, stage.pool)
            following = asyncio.create_task(stage.follow_on(projection, follower, [len(amounts)]))
            await until_held(following, stage, follower.get_server_pid())
            during = await read_after(stage, checkpoints, position)
            await transaction.rollback()
            await following
            after = await read_after(stage, checkpoints, position)
            assert after == {"a": sum(amounts)}, "the read is refused, or older, though the view has read everything"
            if during not in (None, after):
                raise Older(f"{during} instead of {after}")

    judge(laboratory, st.tuples(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.booleans()), holds, broken, 20)


class HistoriesHeld:
    """The product's own: a token names the history that its position is in."""

    @staticmethod
    def holds(store: EventStore, appended: Appended) -> Holds | None:
        """What is asked of a mark that has come as far."""
        wanted = PositionVector({"registry": appended.last}, histories={"registry": history(appended.lineage)})
        return Histories(lambda _: store, wanted).holds


class PositionsAlone:
    """Wrong: a token is a position, and a log that was restored hands positions out a second time."""

    @staticmethod
    def holds(store: EventStore, appended: Appended) -> Holds | None:  # noqa: ARG004
        """Nothing is asked."""
        return None


@guarantee(HistoriesHeld, {PositionsAlone: Older})
def test_g9_a_token_of_a_restored_log_is_not_answered_by_who_has_not_heard_of_it(laboratory, kind, broken):
    stage = laboratory.enter(staged(laboratory.owner, laboratory.app, tally()))

    async def read(written: Appended) -> dict[str, int] | None:
        holds, wanted = kind.holds(stage.store, written), {"registry": written.last}
        try:
            await Checkpoints(stage.pool).reached("tally", wanted, 0.02, holds=holds)
        except NotReadYet:
            return None
        return await stage.totals()

    async def holds(case: tuple[list[int], list[int], int, bool]) -> None:
        before, since, lost, late = case
        await stage.emptied()
        first = (await stage.store.head()).position
        earlier = [await stage.store.append(counted("a", [amount])) for amount in before]
        connection = await connect(laboratory.app, search_path="tally")
        try:
            await stage.follow_on(OneTransaction(laboratory.app, stage.pool), connection, [len(before)])
            kept = max(len(before) - lost, 0)
            await put_back(laboratory.owner, first + kept)
            written = [await stage.store.append(counted("b", [amount])) for amount in since][-1]
            shown = await read(written)
            if shown is not None and shown.get("b") != sum(since):
                raise Older(f"{shown} is answered to who has written {since} at position {written.last}")
            for one in earlier[:kept]:
                assert await read(one) == {"a": sum(before)}, "what the log has kept is in the view"
            if late and kept == len(before):  # the view hears of it, and goes on
                await stage.pool.execute(HEARD)
                await stage.follow_on(OneTransaction(laboratory.app, stage.pool), connection, [len(since)])
                assert await read(written) == {"a": sum(before), "b": sum(since)}, "all was read, and it is refused"
        finally:
            connection.terminate()
            await stage.pool.execute(HEARD)

    amounts = st.lists(st.integers(1, 9), min_size=1, max_size=4)
    judge(laboratory, st.tuples(amounts, amounts, st.integers(0, 4), st.booleans()), holds, broken, 20)
