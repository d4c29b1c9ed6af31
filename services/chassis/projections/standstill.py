"""A reader that cannot go on by itself: it says so where people look, and waits until somebody has acted."""

import asyncio

import structlog

from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.subscriptions.subscription import MustRebuild, SourceRefused

logger = structlog.get_logger(__name__)
LOOK_AGAIN = 1.0
ASK_AGAIN = 3.0


async def stand_still(checkpoints: Checkpoints, projection: str, source: str, error: MustRebuild) -> None:
    """Puts the stop on record, then waits until the marks are others, which is what a rebuild makes of them."""
    marks = checkpoints.marks(projection)
    held = await marks.held(source)
    reason = error.reason(projection)
    await checkpoints.stop(projection, source, reason)
    await logger.aerror("reader_stopped", projection=projection, source=source, reason=reason)
    while await marks.held(source) == held:  # noqa: ASYNC110 - it is the database that is asked
        await asyncio.sleep(LOOK_AGAIN)


async def give_way(checkpoints: Checkpoints, projection: str, version: int) -> None:
    """Waits while the rows are of another version than the caller writes: another release takes events in meanwhile."""
    told = False
    while (found := await checkpoints.version(projection)) not in {None, version}:
        if not told:
            await logger.awarning("read_model_replaced", projection=projection, version=found, own_version=version)
            told = True
        await asyncio.sleep(LOOK_AGAIN)


async def stand_refused(checkpoints: Checkpoints, projection: str, source: str, error: SourceRefused) -> None:
    """Puts the stop on record, then waits for a moment: whoever may read again just goes on."""
    reason = str(error)
    await checkpoints.stop(projection, source, reason)
    await logger.aerror("reader_stopped", projection=projection, source=source, reason=reason)
    await asyncio.sleep(ASK_AGAIN)
