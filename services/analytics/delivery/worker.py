"""From an alert to somebody who knows of it: a policy that fills the queues, and a worker that empties each."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from contracts.analytics import AlertRaised
from services.analytics import words
from services.analytics.deciders import ALERT
from services.analytics.delivery.channels import Channel
from services.analytics.delivery.ledger import Ledger, Task
from services.analytics.delivery.sending import Line, Message, NotDelivered, sender
from services.analytics.rules.rule import by_name
from services.chassis.clock import Clock, SystemClock
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Recorded
from services.chassis.handler import CommandHandler
from services.chassis.policies import Policy
from services.chassis.service import Worker
from services.chassis.telemetry import Telemetry

AT_ONCE = 50
LOOK_AGAIN = 1.0
Compose = Callable[[Task], Awaitable[Message]]


def enlisting(ledger: Ledger, channels: Sequence[Channel], clock: Clock, wall: Clock | None = None) -> Policy:
    """Puts each alert that is raised into the queues of the channels that serve its place.

    Args:
        clock: what people see. wall: what waiting is measured by; the machine's.
    """
    machine = wall or SystemClock()

    async def react(recorded: Recorded) -> None:
        event = recorded.event
        if isinstance(event, AlertRaised):
            to = [(channel.id, channel.to) for channel in channels if channel.serves(event.place)]
            await ledger.enlist(event.alert, event.place, to, clock.now(), machine.now())

    return Policy("alert-delivery", ("analytics",), frozenset({AlertRaised.type}), react)


def composer(handler: CommandHandler, store: EventStore) -> Compose:
    """Writes the message of a task from the alert as it stands."""

    async def compose(task: Task) -> Message:
        past = await store.load(ALERT.stream(task.alert))
        raised = next(event.event for event in past if isinstance(event.event, AlertRaised))
        state, _ = await handler.state(ALERT, task.alert)
        label = words.label(raised.key) or raised.key
        rule = by_name().get(raised.rule)
        said = words.template(rule.words, {"label": label, "count": state.count}) if rule else words.name(raised.rule)
        body = f"{raised.place}\n{raised.effective_at:%Y-%m-%d %H:%M} UTC\n{raised.alert}"
        return Message(task.id, f"{said.zh} / {said.en}", body)

    return compose


class Courier:
    """Empties the queue of one channel; what another channel does never matters here."""

    def __init__(
        self, line: Line, ledger: Ledger, compose: Compose, clock: Clock, telemetry: Telemetry, machine: Clock
    ) -> None:
        self._line = line
        self._ledger = ledger
        self._compose = compose
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
            await self._line.send(await self._compose(task))
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
    compose: Compose,
    clock: Clock,
    telemetry: Telemetry,
) -> tuple[Worker, ...]:
    """A worker for each channel."""
    made = []
    for channel in channels:
        line = Line(channel, sender(channel, folder))
        courier = Courier(line, ledger, compose, clock, telemetry, SystemClock())
        made.append(Worker(f"delivery:{channel.id}", courier.run))
    return tuple(made)
