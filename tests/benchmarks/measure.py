"""What a benchmark is."""

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import ClassVar, Self

SMOKE = os.environ.get("SMOKE", "") not in ("", "0")
"""Whether each benchmark only shows that it works: one short round, whose figures mean nothing."""
ROUNDS, WARM_UP = (1, 0) if SMOKE else (5, 1)
"""Rounds that count, and rounds before them that do not."""


def sized(full: int, smoke: int) -> int:
    """The size of a round: ``full``, or ``smoke`` where ``SMOKE`` is set."""
    return smoke if SMOKE else full


@dataclass(frozen=True)
class Result:
    """Ours beside the reference.

    Attributes:
        name: of the measure. unit: of both values. value: ours. reference: what it stands beside.
        reference_value: its figure. target: what the ratio is meant to be, where one is set.
        at_most: the ratio is meant to stay below its target, as with times; else to reach it.
    """

    name: str
    unit: str
    value: float
    reference: str
    reference_value: float
    target: float | None = None
    at_most: bool = False

    @property
    def ratio(self) -> float:
        """Ours to the reference."""
        return self.value / self.reference_value

    @property
    def met(self) -> bool | None:
        """Whether the ratio is as its target wants it; None where none is set."""
        if self.target is None:
            return None
        return self.ratio <= self.target if self.at_most else self.ratio >= self.target

    def as_dict(self) -> dict[str, object]:
        """For a program."""
        return asdict(self) | {"ratio": self.ratio, "met": self.met}


class Measure(ABC):
    """One benchmark, of one figure or several.

    Attributes:
        name: by which it is asked for; its results' names begin with it.
    """

    name: ClassVar[str]

    async def __aenter__(self) -> Self:
        await self.prepare()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.clean()

    @abstractmethod
    async def prepare(self) -> None:
        """Before the first round."""

    @abstractmethod
    async def clean(self) -> None:
        """After the last."""

    @abstractmethod
    async def results(self) -> Sequence[Result]:
        """Its figures."""


class RateMeasure(Measure):
    """How much a second; ``ours`` and ``reference`` each do a round and answer how many operations it had.

    They take turns, so that a machine that slows down slows both; medians of five rounds after one that does not count.

    Attributes:
        unit, against, target: as in ``Result``. least: what our rate itself is meant to reach, where that is set.
        idle: seconds of the last round that do not count, such as those in which it got ready.
    """

    unit: ClassVar[str]
    against: ClassVar[str]
    target: ClassVar[float | None] = None
    least: ClassVar[float | None] = None
    idle: float = 0.0

    @abstractmethod
    async def ours(self) -> int:
        """A round of ours."""

    @abstractmethod
    async def reference(self) -> int:
        """A round of what it stands beside."""

    async def results(self) -> Sequence[Result]:
        """Ours beside the reference, and beside what the rate is meant to be."""
        ours: list[float] = []
        reference: list[float] = []
        for number in range(WARM_UP + ROUNDS):
            for values, operations in ((ours, self.ours), (reference, self.reference)):
                value = await self._timed(operations)
                if number >= WARM_UP:
                    values.append(value)
        rate = median(ours)
        found = [Result(self.name, self.unit, rate, self.against, median(reference), self.target)]
        if self.least is not None:
            found.append(Result(f"{self.name}-rate", self.unit, rate, "what it is meant to be", self.least, 1.0))
        return found

    async def _timed(self, rate: Callable[[], Awaitable[int]]) -> float:
        loop = asyncio.get_running_loop()
        self.idle, began = 0.0, loop.time()
        operations = await rate()
        return operations / (loop.time() - began - self.idle)
