"""G9: a read that sends a position token never shows a state older than the write."""

import asyncio
import contextlib

from hypothesis import strategies as st

from services.chassis.postgres import connect
from services.chassis.projections.checkpoints import Checkpoints, NotReadYet
from tests.guarantees.counting import tally
from tests.guarantees.interleaving import BLOCKED
from tests.guarantees.laboratory import Older, guarantee, judge
from tests.guarantees.projections import CheckpointBefore, OneTransaction
from tests.guarantees.views import Stage, staged

HOLD_THE_EFFECT = "lock table tally.tally in exclusive mode"
"""Writers of the view wait, readers do not: whatever is committed before the effect can be seen."""


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
