"""What an instance starts with: nothing, or the demonstration."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

import httpx

from services.chassis.access import Issuer
from services.chassis.clock import Clock, SystemClock
from services.runtime.desk import Desk

if TYPE_CHECKING:
    from services.runtime.composition import Part

Step = Callable[[str], None]


class Scenario(Protocol):
    """Fills the logs before people come, and may go on living after.

    Attributes:
        demonstration: whether what people see is invented.
        home_place: whose figures the wall shows first; empty: wherever there are any.
    """

    demonstration: bool
    home_place: str

    @property
    def clock(self) -> Clock:
        """The time of this instance."""
        ...

    def speed(self) -> float:
        """Seconds of its clock in one second."""
        ...

    def desk(self, issuer: Issuer) -> Desk:
        """Who a viewer is in each role."""
        ...

    async def load(self, parts: "Mapping[str, Part]", step: Step, /) -> None:
        """Fills the logs; does nothing where that was done before, goes on where it was cut short."""
        ...

    async def live(self, client: httpx.AsyncClient, issuer: Issuer, /) -> None:
        """Goes on until cancelled."""
        ...


class Empty:
    """Nothing invented: the machine's clock, and what people enter."""

    demonstration = False
    home_place = ""

    def __init__(self) -> None:
        self.clock: Clock = SystemClock()

    def speed(self) -> float:
        """As the machine's."""
        return 1.0

    def desk(self, issuer: Issuer) -> Desk:
        """Nobody in particular, everywhere."""
        return Desk(issuer)

    async def load(self, _: "Mapping[str, Part]", __: Step) -> None:
        """Nothing to load."""

    async def live(self, _: httpx.AsyncClient, __: Issuer) -> None:
        """Nothing happens by itself."""
        await asyncio.Event().wait()
