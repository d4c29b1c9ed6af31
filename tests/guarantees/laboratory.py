"""Where a guarantee is examined: one statement of a property, held against the real thing and against wrong ones.

A property is a coroutine that raises a ``Broken`` where what it says does not hold. Hypothesis chooses the cases:
the order of steps of real transactions, where a connection is cut, how events are cut into batches. A wrong
implementation must be found out, by the very ``Broken`` that its mistake leads to.
"""

import contextlib
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.chassis.postgres import Database
from tests.own_loop import OwnLoop

TIMES = int(os.environ.get("MAPLEBRIDGE_GUARANTEES_TIMES", "1"))
"""So many times as many cases for the real thing."""
Property = Callable[[Any], Coroutine[Any, Any, None]]
Entered = TypeVar("Entered")


class Broken(AssertionError):
    """A guarantee does not hold."""


class Skipped(Broken):
    """A committed event was not delivered."""


class Doubled(Broken):
    """Something was applied twice."""


class Lost(Broken):
    """Something that was answered for is not there."""


class Gap(Broken):
    """Positions are not one after the other."""


class OutOfOrder(Broken):
    """Versions of a stream are not one after the other."""


class Differs(Broken):
    """A rebuilt view is not the live one."""


class NeighbourStopped(Broken):
    """A poison event stopped another stream."""


class SiblingFlowed(Broken):
    """An event went past a poison one of its own stream."""


class Rewritten(Broken):
    """A stored event was changed or removed."""


class Unnoticed(Broken):
    """Damage to the log was not found."""


class Older(Broken):
    """A read showed a state older than the write that it was to include."""


class Readable(Broken):
    """What was erased can be read."""


@dataclass
class Laboratory:
    """A fresh database, and a loop to run in.

    Attributes:
        loop: runs coroutines. owner, app: addresses of the database.
    """

    loop: OwnLoop
    owner: str
    app: str
    _entered: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    def enter(self, context: AbstractAsyncContextManager[Entered]) -> Entered:
        """Enters a context that is left at the end of the test."""
        return self.loop.run(self._entered.enter_async_context(context))

    def close(self) -> None:
        """Leaves what was entered."""
        self.loop.run(self._entered.aclose())

    def every(self, cases: "st.SearchStrategy[Any]", holds: Property, examples: int) -> None:
        """Examines a property on so many cases; the first one that breaks it is raised."""
        first: list[Broken] = []

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        @given(cases)
        def examined(case: Any) -> None:
            if first:
                raise first[0]  # Hypothesis asks again, and the database has gone on since
            try:
                self.loop.run(holds(case))
            except Broken as broken:
                first.append(broken)
                raise

        examined()

    def execute(self, script: str) -> None:
        """Runs a script as the owner."""

        async def executed() -> None:
            connection = await asyncpg.connect(self.owner)
            try:
                await connection.execute(script)
            finally:
                await connection.close()

        self.loop.run(executed())


@contextlib.asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[Database]:
    """A service's own database."""
    database = await Database.open("registry", dsn, connections=2)
    try:
        yield database
    finally:
        await database.close()


def guarantee(real: type, wrong: Mapping[type, type[Broken]]) -> Callable[[Any], Any]:
    """Marks a test that runs on the real thing and on each wrong one: arguments ``kind`` and ``broken``.

    Args:
        real: must pass. wrong: each with what it has to break.
    """
    real_one = pytest.param(real, None, id=real.__name__)
    wrong_ones = [
        pytest.param(kind, broken, id=f"{kind.__name__}-is-{broken.__name__}") for kind, broken in wrong.items()
    ]

    def marked(test: Any) -> Any:
        return pytest.mark.guarantee(pytest.mark.parametrize(("kind", "broken"), [real_one, *wrong_ones])(test))

    return marked


def judge(
    laboratory: Laboratory,
    cases: "st.SearchStrategy[Any]",
    holds: Property,
    broken: type[Broken] | None,
    examples: int = 40,
) -> None:
    """The real thing (``broken`` None) holds; a wrong one has to break, and in just this way."""
    if broken is None:
        laboratory.every(cases, holds, examples * TIMES)
        return
    with pytest.raises(broken):
        laboratory.every(cases, holds, examples * 4)
