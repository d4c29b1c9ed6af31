"""Which refusals a command may be answered with, read from the functions that let it through and decide it.

Nobody lists them: what a function names, what the functions that it calls name, and so on, as far as they are ours.
That may be more than it ever raises; that it is never less, the tests of requests look at.
"""

import dis
import inspect
from collections.abc import Iterable
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any

from contracts.refusals import Conflicting, Gone, Mistaken, NotAllowed, Refused, Unknown
from services.chassis.access.principal import Principal
from services.chassis.access.refusals import AccessRefused
from services.chassis.decider import Decider
from services.chassis.http.declared import Asked, Caller, DeclaredCommand, Noun
from services.chassis.http.refusals import RequestRefused

Kind = type[Exception]
REFUSALS = (Refused, AccessRefused, RequestRefused)
KINDS = {*REFUSALS, Mistaken, Unknown, Conflicting, NotAllowed, Gone}
"""What refusals are of, and none is raised as."""


def foreseen(declared: DeclaredCommand) -> frozenset[Kind]:
    """The refusals that a command may be answered with, beside those that any request may."""
    walk = _Walk((Asked, Caller, Principal))
    walk.decides(declared.noun.decider)
    walk.commands([declared.model])
    walk.functions([declared.rule, declared.completes, declared.responds])
    return frozenset(walk.found)


class _Walk:
    """What is reached from some functions.

    Args:
        owners: classes whose methods may be called on what the functions are handed.
    """

    def __init__(self, owners: Iterable[type]) -> None:
        self.found: set[Kind] = set()
        self._owners = list(owners)
        self._deciders: list[Decider[Any]] = []
        self._commands: set[type] = set()
        self._seen: set[int] = set()

    def decides(self, decider: Decider[Any]) -> None:
        """Knows a decider: its commands lead to its decisions, and its state has methods."""
        if decider not in self._deciders:
            self._deciders.append(decider)
            self._owners.append(type(decider.initial))
            self.commands(list(self._commands))

    def commands(self, models: Iterable[type]) -> None:
        """Follows what is decided about commands."""
        for model in models:
            self._commands.add(model)
            self.functions(decider.decisions[model] for decider in self._deciders if model in decider.decisions)

    def functions(self, functions: Iterable[Any]) -> None:
        """Follows functions, and what is bound to them."""
        for function in functions:
            self._follow(function)

    def _follow(self, thing: Any) -> None:
        if isinstance(thing, partial):
            self.functions([thing.func, *thing.args, *thing.keywords.values()])
        elif isinstance(thing, MethodType):
            self._follow(thing.__func__)
        elif isinstance(thing, property):
            self._follow(thing.fget)
        elif isinstance(thing, Decider):
            self.decides(thing)
        elif isinstance(thing, Noun):
            self.decides(thing.decider)
            self._follow(thing.rule)
        elif isinstance(thing, type):
            self._reach(thing)
        elif isinstance(thing, FunctionType) and _ours(thing) and id(thing) not in self._seen:
            self._seen.add(id(thing))
            self.functions(cell.cell_contents for cell in thing.__closure__ or ())
            globals_, attributes = _names(thing.__code__)
            self.functions(thing.__globals__[name] for name in globals_ if name in thing.__globals__)
            self.functions(
                inspect.getattr_static(owner, name)
                for owner in self._owners
                for name in attributes
                if hasattr(owner, name)
            )

    def _reach(self, kind: type) -> None:
        if issubclass(kind, REFUSALS) and kind not in KINDS:
            self.found.add(kind)
        elif kind not in self._commands:
            self.commands([kind])


def _ours(function: FunctionType) -> bool:
    return function.__module__.startswith(("services.", "tests."))


def _names(code: CodeType) -> tuple[set[str], set[str]]:
    """The names of globals and of attributes in a function and in those within it."""
    found: tuple[set[str], set[str]] = (set(), set())
    for instruction in dis.get_instructions(code):
        if instruction.opname in {"LOAD_ATTR", "LOAD_METHOD"}:
            found[1].add(instruction.argval)
        elif instruction.opname == "LOAD_GLOBAL":
            found[0].add(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            globals_, attributes = _names(constant)
            found[0].update(globals_)
            found[1].update(attributes)
    return found
