"""Load, decide, append: what becomes of a command."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic
from uuid import UUID

from contracts.common import Actor, Event
from contracts.refusals import Refused
from services.chassis.access.refusals import AccessRefused
from services.chassis.clock import Clock
from services.chassis.decider import Decider, State
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import (
    Append,
    Appended,
    CommandRecord,
    EventUnreadable,
    Recorded,
    VersionConflict,
    metadata,
    new_event,
)
from services.chassis.ids import NewId
from services.chassis.snapshots import Snapshots
from services.chassis.states import States


@dataclass(frozen=True, slots=True)
class CommandContext:
    """Who sent a command, and how it hangs together with others.

    Attributes:
        actor: who. correlation_id: shared by all that one request causes. causation_id: the command or event before.
        traceparent: W3C trace context. command: idempotency record, where the sender gave a key.
        expected: the version that the sender saw (``If-Match``), else None.
    """

    actor: Actor
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None
    command: CommandRecord | None = None
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class Handled:
    """What a command led to; a repeat of it gets the same.

    Attributes:
        stream, version: the aggregate's stream and version after it. position: of its last event, or of the log's
            end where it had none. events: id and type of each. lineage: the history of the log that they are in.
            repeated: it had been applied before.
    """

    stream: str
    version: int
    position: int
    events: tuple[tuple[str, str], ...]
    lineage: UUID
    repeated: bool = False


Allowed = Callable[[Any], None]
"""Looks at the state that a command is decided on; raises where the sender may not do this to it."""


def anybody(_: object) -> None:
    """Allows it."""


@dataclass(frozen=True, slots=True)
class Asked(Generic[State]):
    """A command on its way to its aggregate. stream: the aggregate's; the rest as handed to ``handle``."""

    decider: Decider[State]
    stream: str
    command: object
    context: CommandContext
    allowed: Allowed


class CommandHandler:
    """Loads, decides, appends; a lost race is decided anew a bounded number of times.

    A state that this process has seen is decided on without reading it again: the append names its version and the
    history of the log that it is of, so one that has grown old is never written on; and a refusal because of it is
    looked at again on what the log says.
    """

    def __init__(
        self, store: EventStore, clock: Clock, new_id: NewId, snapshots: Snapshots | None = None, attempts: int = 5
    ) -> None:
        self.store = store
        self.clock = clock
        self.new_id = new_id
        self.states = States()
        self._snapshots = snapshots
        self._attempts = attempts

    async def state(self, decider: Decider[State], aggregate: str) -> tuple[State, int]:
        """The state of an aggregate and the version that it stands at (0: nobody made it yet)."""
        return await self._loaded(decider, decider.stream(aggregate), (await self.store.head()).lineage)

    async def handle(
        self,
        decider: Decider[State],
        aggregate: str,
        command: object,
        context: CommandContext,
        allowed: Allowed = anybody,
    ) -> Handled:
        """Applies a command once.

        Args:
            decider, aggregate, command, context: what is asked of which aggregate, by whom.
            allowed: looks at the very state that is decided on, so that nothing changes between the two.

        Raises:
            Refused: a rule of the domain forbids it.
            VersionConflict: ``context.expected`` is stale, or every attempt lost its race.
            KeyReused: the idempotency key belongs to another command.
            EventUnreadable: the stream holds an event that today's contracts cannot read.
        """
        try:
            return await self._attempted(Asked(decider, decider.stream(aggregate), command, context, allowed))
        except (Refused, VersionConflict, AccessRefused):
            # what the first sending made true may forbid the second, or end the task that allowed it; one that is not
            # forbidden the append recognises
            if (earlier := await self._recalled(context)) is not None:
                return earlier
            raise

    async def _recalled(self, context: CommandContext) -> Handled | None:
        if context.command is None or (earlier := await self.store.recall(context.command)) is None:
            return None
        return await self._handled(earlier)

    async def _present(self) -> UUID:
        """The history of the log, as far as this process has heard; asked for before anything is read of it."""
        return self.store.lineage or (await self.store.head()).lineage

    async def _attempted(self, asked: Asked[State]) -> Handled:
        if (handled := await self._from_memory(asked)) is not None:
            return handled
        if self.states.knows(asked.stream):
            await self.store.head()  # what was refused may be of a history that the log has left
        for attempt in range(1, self._attempts + 1):
            lineage = await self._present()
            state, version = await self._loaded(asked.decider, asked.stream, lineage)
            try:
                return await self._append(asked, state, version, self._decided(asked, state, version), lineage)
            except VersionConflict:
                self.states.forget(lineage, asked.stream)
                restored = lineage != self.store.lineage
                if attempt == self._attempts or (asked.context.expected is not None and not restored):
                    raise
                await asyncio.sleep(random.uniform(0, 0.002 * 2**attempt))  # noqa: S311 - spreads rivals
        raise AssertionError("unreachable")

    async def _from_memory(self, asked: Asked[State]) -> Handled | None:
        """Decides on what is remembered; None where nothing is, or where it does not hold."""
        lineage = await self._present()
        if (known := self.states.get(lineage, asked.stream)) is None:
            return None
        try:
            events = self._decided(asked, *known)
        except Exception:  # noqa: BLE001 - whatever it is, it is raised again if the log says the same
            return None
        try:
            return await self._append(asked, *known, events, lineage)
        except VersionConflict:
            self.states.forget(lineage, asked.stream)
            return None

    async def _loaded(self, decider: Decider[State], stream: str, lineage: UUID) -> tuple[State, int]:
        known = self.states.get(lineage, stream)
        if known is None and self._snapshots is not None:
            state, version, since = await self._snapshots.load(decider, stream)
        else:
            state, version = known or (decider.initial, 0)
            since = await self.store.load(stream, version)
        if since:
            state, version = decider.fold(state, self._read(since)), since[-1].version
            if self._snapshots is not None:
                self._snapshots.offer(decider, stream, state, version, len(since), lineage)
        if since or (known is None and version):
            self.states.put(lineage, stream, state, version)
        return state, version

    def _read(self, past: Sequence[Recorded]) -> list[Event]:
        events = []
        for each in past:
            try:
                events.append(each.event)
            except Exception as error:  # whatever a contract or an upcaster finds
                raise EventUnreadable(self.store.source, each.position) from error
        return events

    def _decided(self, asked: Asked[State], state: State, version: int) -> list[Event]:
        asked.allowed(state)
        expected = asked.context.expected
        if expected is not None and expected != version:
            raise VersionConflict(asked.stream, expected, version)
        return asked.decider.decide(state, asked.command, self.clock.now())

    async def _append(
        self, asked: Asked[State], state: State, version: int, events: Sequence[Event], lineage: UUID
    ) -> Handled:
        context = asked.context
        about = metadata(
            context.actor,
            correlation_id=context.correlation_id,
            causation_id=context.causation_id,
            traceparent=context.traceparent,
        )
        new = tuple(new_event(self.new_id(), event, about) for event in events)
        append = Append(asked.stream, version, new, self.clock.now(), context.command, lineage)
        appended = await self.store.append(append)
        if appended.repeated:
            return await self._handled(appended)
        if new:
            self.states.put(lineage, asked.stream, asked.decider.fold(state, events), appended.version)
        made = tuple((str(event.id), event.type) for event in new)
        return Handled(appended.stream, appended.version, appended.last, made, appended.lineage)

    async def _handled(self, appended: Appended) -> Handled:
        events = await self.store.span(appended.first, appended.last)
        made = tuple((str(event.id), event.stored_type) for event in events)  # as the first answer said
        return Handled(appended.stream, appended.version, appended.last, made, appended.lineage, repeated=True)
