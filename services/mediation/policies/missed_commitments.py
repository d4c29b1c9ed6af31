"""Whenever the day of an open commitment has passed, that is said, once, by the service's clock."""

import asyncio
import contextlib

from contracts.common import Actor, Role
from services.chassis.clock import Clock
from services.chassis.handler import CommandContext, CommandHandler
from services.chassis.postgres import Database
from services.chassis.reading import rows
from services.chassis.service import Worker
from services.chassis.zones import zone_of
from services.mediation.deciders import ISSUE
from services.mediation.domain.issue_commands import MissCommitment
from services.mediation.views.promises import to_miss

ACTOR = Actor(role=Role.SYSTEM, id="missed-commitments")
AT_ONCE = 200


async def call_missed(database: Database, handler: CommandHandler, clock: Clock) -> int:
    """Calls missed what the docket shows as overdue; answers how many. The decider knows better than the docket."""
    missed = 0
    for row in await rows(database.engine, to_miss(clock.now(), AT_ONCE)):
        command = MissCommitment(commitment=row["commitment"], zone=zone_of(row["place"]))
        handled = await handler.handle(ISSUE, row["issue"], command, CommandContext(ACTOR))
        missed += len(handled.events)
    return missed


def missed_commitments(database: Database, handler: CommandHandler, clock: Clock, every: float = 5.0) -> Worker:
    """Looks every few seconds; the clock may be one that runs faster than the machine's."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await call_missed(database, handler, clock)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every)

    return Worker("missed-commitments", run)
