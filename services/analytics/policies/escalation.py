"""Whenever nobody takes an alert in time, the supervisor of its place is told, once."""

import asyncio
import contextlib
from datetime import timedelta

import sqlalchemy as sa

from contracts.common import Actor, Role
from services.analytics.deciders import ALERT
from services.analytics.delivery.recipients import NOT_NAMED, Recipients
from services.analytics.domain.alert_commands import EscalateAlert
from services.analytics.rules.rule import by_name
from services.analytics.views.alerts import alerts
from services.chassis.clock import Clock
from services.chassis.handler import CommandContext, CommandHandler
from services.chassis.postgres import Database
from services.chassis.reading import rows
from services.chassis.service import Worker

ACTOR = Actor(role=Role.SYSTEM, id="escalation")
AT_ONCE = 100


async def escalate(database: Database, handler: CommandHandler, clock: Clock, recipients: Recipients) -> int:
    """Escalates what nobody took in its rule's time; answers how many. The decider knows better than the view."""
    told = 0
    for rule in by_name().values():
        if rule.escalate is None:
            continue
        before = clock.now() - timedelta(minutes=rule.escalate.after_minutes)
        waiting = (alerts.c.state == "raised") & (alerts.c.count > 0) & alerts.c.escalated_to.is_(None)
        late = (
            waiting
            & (alerts.c.rule == rule.rule)
            & (sa.func.coalesce(alerts.c.reopened_at, alerts.c.recorded_at) <= before)
        )
        query = sa.select(alerts.c.id, alerts.c.place).where(late).order_by(alerts.c.id).limit(AT_ONCE)
        for row in await rows(database.engine, query):
            command = EscalateAlert(to=recipients.supervisor(row["place"]) or NOT_NAMED)
            told += len((await handler.handle(ALERT, row["id"], command, CommandContext(ACTOR))).events)
    return told


def escalation(
    database: Database, handler: CommandHandler, clock: Clock, recipients: Recipients, every: float = 5.0
) -> Worker:
    """Looks every few seconds; the clock may be one that runs faster than the machine's."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await escalate(database, handler, clock, recipients)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every)

    return Worker("escalation", run)
