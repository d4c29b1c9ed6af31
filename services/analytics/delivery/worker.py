"""From an alert to somebody who knows of it: a policy that fills the queues, and a worker that empties each."""

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from contracts.analytics import AlertEscalated, AlertRaised, AlertReopened
from contracts.common import Event
from services.analytics.delivery.channels import Channel
from services.analytics.delivery.ledger import UNADDRESSED, Ledger, Task, task_prefix, tasks
from services.analytics.delivery.notices import Kind, Notice, of_alert, of_assignment
from services.analytics.delivery.recipients import NOT_NAMED, Recipients
from services.analytics.delivery.sending import Line, Message, NotDelivered, sender
from services.analytics.rules.rule import by_name
from services.analytics.views.alerts import alerts
from services.analytics.views.assignments import assigned, on_duty
from services.chassis.access import within_any
from services.chassis.clock import Clock, SystemClock
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Recorded
from services.chassis.policies import Policy
from services.chassis.postgres import Database
from services.chassis.reading import rows
from services.chassis.service import Worker
from services.chassis.telemetry import Telemetry

logger = structlog.get_logger(__name__)
AT_ONCE = 50
LOOK_AGAIN = 1.0
NEWS = timedelta(days=1)
"""For how long a task or a missed promise is news."""
KINDS: Mapping[type[Event], Kind] = {
    AlertRaised: "alert",
    AlertReopened: "alert",
    AlertEscalated: "escalation",
}


class Enlisting:
    """Puts notices into the queues of the channels that serve their place, in the words of the moment.

    Args:
        clock: what people see. wall: what waiting is measured by; the machine's.
    """

    def __init__(self, ledger: Ledger, channels: Sequence[Channel], clock: Clock, wall: Clock | None = None) -> None:
        self._ledger = ledger
        self._channels = channels
        self._clock = clock
        self._machine = wall or SystemClock()

    async def tell(self, notice: Notice, persons: Sequence[str]) -> None:
        """Tells these persons; where there is none, that stands on record and is logged."""
        if not persons:
            await logger.awarning("notice_without_recipient", kind=notice.kind, about=notice.about, place=notice.place)
        serving = [channel for channel in self._channels if channel.serves(notice.place)]
        to = [
            (channel.id, person)
            for channel in serving
            for person in ((channel.to,) if channel.to else tuple(persons) or (None,))
        ]
        await self._ledger.enlist(notice, to, self._clock.now(), self._machine.now())


def alerts_to_tell(enlisting: Enlisting, store: EventStore, recipients: Recipients) -> Policy:
    """Tells the responsible officers of each alert that is raised or reopened, and the supervisor of an escalation.

    Where no supervisor is named for its place, an escalation goes to the responsible officers too.
    """

    async def react(recorded: Recorded) -> None:
        past = [event for event in await store.load(recorded.stream) if event.position <= recorded.position]
        raised = past[0].event
        assert isinstance(raised, AlertRaised)  # noqa: S101 - by the decider
        notice = of_alert(past, by_name().get(raised.rule), KINDS[recorded.model])
        event = recorded.event
        if isinstance(event, AlertEscalated):
            persons = (event.to,) if event.to != NOT_NAMED else await recipients.responsible(notice.place)
        else:
            persons = await recipients.responsible(notice.place)
        await enlisting.tell(notice, persons)

    return Policy("alert-delivery", ("analytics",), frozenset(KINDS), react)


async def tell_assignments(database: Database, enlisting: Enlisting, recipients: Recipients, clock: Clock) -> int:
    """Tells persons of tasks and missed promises of the last day that they were not told of; answers how many."""
    found = await rows(database.engine, untold(clock.now() - NEWS))
    for row in found:
        persons = (row["person"],) if row["person"] else await recipients.responsible(row["place"])
        await enlisting.tell(of_assignment(row), persons)
    return len(found)


def untold(since: datetime) -> "sa.Select[Any]":
    """Rows of ``views.assignments`` since then that have no task of delivery; what is older is history, and no news."""
    mine = sa.or_(assigned.c.person == "", tasks.c.recipient == assigned.c.person)
    told = (tasks.c.about == assigned.c.about) & tasks.c.id.startswith(task_prefix(assigned.c.about, assigned.c.event))
    return (
        sa.select(assigned)
        .where(assigned.c.at > since, ~sa.exists().where(told & mine))
        .order_by(assigned.c.at.desc(), assigned.c.event, assigned.c.person)
        .limit(AT_ONCE)
    )


def assignments_to_tell(
    database: Database, enlisting: Enlisting, recipients: Recipients, clock: Clock, every: float = LOOK_AGAIN
) -> Worker:
    """Looks for new tasks and missed promises every second."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await tell_assignments(database, enlisting, recipients, clock)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every)

    return Worker("assignment-delivery", run)


async def hand_on(database: Database, ledger: Ledger, recipients: Recipients, clock: Clock, machine: Clock) -> int:
    """Tells who is responsible by now of what is still open and had no recipient; answers for how many places.

    Each message goes on once, to those who are there then: it is looked for in the record of deliveries itself, and all
    who are told stand in it at once, so that a crash or a repeat neither loses nor doubles any.
    """
    found = await rows(database.engine, unaddressed(clock.now(), recipients.places))
    for row in found:
        persons = await recipients.responsible(row["place"])
        await ledger.hand_on(row["ids"], persons, clock.now(), machine.now())
    return len(found)


def unaddressed(now: datetime, named: Sequence[str]) -> "sa.Select[Any]":
    """Places and tasks that had no person and are open, where somebody is on duty now or one of the places is named."""
    told = tasks.c.id.startswith(task_prefix(assigned.c.about, assigned.c.event))
    untaken = (alerts.c.id == tasks.c.about) & (alerts.c.state == "raised") & (alerts.c.count > 0)
    unkept = (assigned.c.about == tasks.c.about) & told & assigned.c.kept_at.is_(None)
    still_open = sa.exists().where(untaken) | sa.exists().where(unkept)
    named_there = within_any(tasks.c.place, sa.cast(list(named), sa.ARRAY(sa.Text)))
    somebody = on_duty(tasks.c.place, now).exists() | named_there
    return (
        sa.select(tasks.c.place, sa.func.array_agg(tasks.c.id).label("ids"))
        .where(UNADDRESSED, still_open, somebody)
        .group_by(tasks.c.place)
        .order_by(tasks.c.place)
        .limit(AT_ONCE)
    )


def tasks_to_hand_on(
    database: Database, ledger: Ledger, recipients: Recipients, clock: Clock, every: float = LOOK_AGAIN
) -> Worker:
    """Looks every second for somebody who has come on duty where nobody was."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await hand_on(database, ledger, recipients, clock, SystemClock())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every)

    return Worker("handing-on", run)


def message(task: Task) -> Message:
    """What a channel sends of a task."""
    to = task.recipient or "此地点未指定人员 / nobody is named for this place"
    body = f"→ {to}\n{task.place}\n{task.created_at:%Y-%m-%d %H:%M} UTC\n{task.about}"
    return Message(task.id, task.about, f"{task.zh} / {task.en}", body)


class Courier:
    """Empties the queue of one channel; what another channel does never matters here."""

    def __init__(self, line: Line, ledger: Ledger, clock: Clock, telemetry: Telemetry, machine: Clock) -> None:
        self._line = line
        self._ledger = ledger
        self._clock = clock
        self._telemetry = telemetry
        self._machine = machine

    async def run(self, stop: asyncio.Event) -> None:
        """Until it is told to stop; an attempt that is cut short then is made again later."""
        while not stop.is_set():
            if not await self.deliver():
                with contextlib.suppress(TimeoutError):
                    pause = await self._pause()
                    await asyncio.wait_for(stop.wait(), pause)

    async def deliver(self) -> int:
        """One attempt at everything that is due; answers how many attempts were made."""
        due = await self._ledger.due(self._line.channel.id, self._machine.now(), AT_ONCE)
        for task in due:
            await self._attempt(task)
        return len(due)

    async def _attempt(self, task: Task) -> None:
        channel, started, error = self._line.channel, time.perf_counter(), None
        try:
            await self._line.send(message(task))
        except NotDelivered as refusal:
            error = str(refusal)
        seconds = round(time.perf_counter() - started, 3)
        wait = None if error is None else channel.wait_after(task.attempts + 1)
        next_at: datetime | None = None if wait is None else self._machine.now() + timedelta(seconds=wait)
        await self._ledger.attempted(task, self._clock.now(), seconds, error, next_at)
        self._telemetry.delivery(channel.id, "sent" if error is None else "failed" if wait is not None else "given-up")

    async def _pause(self) -> float:
        next_at = await self._ledger.next_at(self._line.channel.id)
        if next_at is None:
            return LOOK_AGAIN
        return min(LOOK_AGAIN, max(0.02, (next_at - self._machine.now()).total_seconds()))


def couriers(
    channels: Sequence[Channel],
    folder: Path | None,
    ledger: Ledger,
    clock: Clock,
    telemetry: Telemetry,
) -> tuple[Worker, ...]:
    """A worker for each channel."""
    made = []
    for channel in channels:
        line = Line(channel, sender(channel, folder))
        courier = Courier(line, ledger, clock, telemetry, SystemClock())
        made.append(Worker(f"delivery:{channel.id}", courier.run))
    return tuple(made)
