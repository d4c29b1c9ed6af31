"""A decider: how an aggregate's past and a command give its next events."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from contracts.common import Event

State = TypeVar("State")
Decide = Callable[[Any, Any, datetime], Sequence[Event]]


class CommandUnknown(LookupError):
    """The decider has no function for this command; a service registers one for each."""


@dataclass(frozen=True)
class Decider(Generic[State]):
    """One kind of aggregate.

    Attributes:
        prefix: first part of its streams' names, such as ``unit``.
        initial: the state of a stream without events.
        evolve: the state after one more event; pure, total over the aggregate's events.
        decisions: a pure function for each command type, ``(state, command, now) -> events``; an empty list where
            nothing happens; a ``Refused`` where a rule forbids it.
        version: raised whenever the state or ``evolve`` changes, so that older snapshots are left aside.
    """

    prefix: str
    initial: State
    evolve: Callable[[State, Event], State]
    decisions: Mapping[type, Decide]
    version: int = 1

    @cached_property
    def adapter(self) -> TypeAdapter[State]:
        """Writes a state to JSON and reads it."""
        return TypeAdapter(type(self.initial))

    def stream(self, aggregate: str) -> str:
        """The name of the stream of one aggregate."""
        return f"{self.prefix}-{aggregate}"

    def decide(self, state: State, command: object, now: datetime) -> list[Event]:
        """The events that the command leads to.

        Raises:
            CommandUnknown: no decision is registered for the type of the command.
            Refused: a rule of the domain forbids it.
        """
        decision = self.decisions.get(type(command))
        if decision is None:
            raise CommandUnknown(type(command).__name__)
        return list(decision(state, command, now))

    def fold(self, state: State, events: Sequence[Event]) -> State:
        """The state after these events."""
        for event in events:
            state = self.evolve(state, event)
        return state
