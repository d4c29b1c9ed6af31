"""A decider: how an aggregate's past and a command give its next events."""

import ast
import inspect
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from types import ModuleType
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
    """

    prefix: str
    initial: State
    evolve: Callable[[State, Event], State]
    decisions: Mapping[type, Decide]

    @cached_property
    def adapter(self) -> TypeAdapter[State]:
        """Writes a state to JSON and reads it."""
        return TypeAdapter(type(self.initial))

    @cached_property
    def version(self) -> int:
        """Another number whenever the state's shape or the code that evolves it changes, so that older snapshots go.

        The code is the module of ``evolve`` and those beside it that it takes something from, comments and docstrings
        aside. Where it is more than what changed, a load is longer once.
        """
        module = sys.modules[self.evolve.__module__]
        room = module.__name__.rpartition(".")[0]
        beside = {getattr(thing, "__module__", None) or "" for thing in vars(module).values()}
        names = {module.__name__, *(name for name in beside if room and name.rpartition(".")[0] == room)}
        written = [_code(sys.modules[name]) for name in sorted(names)]
        shape = json.dumps(self.adapter.json_schema(mode="serialization"), sort_keys=True)
        told = "\n".join([*written, self.evolve.__qualname__, self.evolve.__code__.co_code.hex(), shape])
        return int(sha256(told.encode()).hexdigest()[:7], 16)

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


def _code(module: ModuleType) -> str:
    tree = ast.parse(inspect.getsource(module))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not _is_docstring(each)] or [ast.Pass()]  # type: ignore[attr-defined]
    return ast.unparse(tree)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
