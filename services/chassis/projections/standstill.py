"""A reader that must begin anew: it says so where people look, and waits for it without trying again and again."""

import asyncio

import structlog

from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.subscriptions.subscription import MustRebuild

logger = structlog.get_logger(__name__)
LOOK_AGAIN = 1.0


async def stand_still(checkpoints: Checkpoints, projection: str, source: str, error: MustRebuild) -> None:
    """Puts the stop on record, then waits until the marks are others, which is what a rebuild makes of them."""
    marks = checkpoints.marks(projection)
    held = await marks.held(source)
    reason = error.reason(projection)
    await checkpoints.stop(projection, source, reason)
    await logger.aerror("A reader has stopped.", projection=projection, source=source, reason=reason)
    while await marks.held(source) == held:  # noqa: ASYNC110 - it is the database that is asked
        await asyncio.sleep(LOOK_AGAIN)
