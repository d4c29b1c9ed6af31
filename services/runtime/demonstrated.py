"""The demonstration as a scenario of an instance."""

import asyncio
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from contracts.common import Role
from services.analytics.pages.officer.site import Choice
from services.chassis.access import Issuer, Principal
from services.chassis.eventstore.bulk import BulkWriter
from services.runtime.demonstration import END, DemonstrationClock, Target, live, load, stand_by
from services.runtime.demonstration.city import PROPERTY, hotel
from services.runtime.demonstration.teahouse import SHOWN_RESIDENT, resident
from services.runtime.desk import Desk
from services.runtime.folder import RECIPIENTS

if TYPE_CHECKING:
    from services.runtime.composition import Part

LOADING = "Loading two years of a city, day by day"
CITY = "yinchuan"
WANDA = "yinchuan/jinfeng/beijing-zhonglu/wanda"
TIANEHU = "yinchuan/helan/xigang/tianehu"
TIANDU = "yinchuan/xingqing/fenghuang/tiandu-16"
OFFICERS = (
    Choice("officer-gu", WANDA, {"zh": "顾警官", "en": "Officer Gu"}, {"zh": "万达公寓", "en": "Wanda apartments"}),
    Choice("officer-yang", TIANEHU, {"zh": "杨警官", "en": "Officer Yang"}, {"zh": "天鹅湖社区", "en": "Tianehu"}),
    Choice("officer-bai", TIANDU, {"zh": "白警官", "en": "Officer Bai"}, {"zh": "天都十六区", "en": "Tiandu 16"}),
)
NEIGHBOUR = resident(SHOWN_RESIDENT)
"""Whom the resident's view shows: somebody who brought items to the teahouse, one of them still on its way."""
PEOPLE = {
    Role.PROPERTY_MANAGER: Principal(Role.PROPERTY_MANAGER, "manager-wanda", (WANDA,), org="property-wanda"),
    Role.OPERATOR: Principal(Role.OPERATOR, f"operator-{hotel(1)}", (WANDA,), org=hotel(1)),
    Role.PARTNER: Principal(Role.PARTNER, f"partner-{PROPERTY}", (TIANEHU,), org=PROPERTY),
    Role.RESIDENT: Principal(Role.RESIDENT, NEIGHBOUR, (TIANEHU,), subject=NEIGHBOUR),
}


def people_of_the_story(issuer: Issuer) -> Desk:
    """Who a viewer of the demonstration is in each role."""
    return Desk(issuer, [CITY], PEOPLE, OFFICERS)


class OtherSeed(Exception):
    """The folder was filled from another seed."""

    def __init__(self, seed: int) -> None:
        super().__init__(
            f"This folder holds the city of seed {seed}: start it with --seed {seed}, or choose another folder."
        )


def name_recipients(folder: Path) -> None:
    """Puts the file of recipients into the folder of the demonstration, unless there is one."""
    file = folder / RECIPIENTS
    if not file.exists():
        file.write_text((resources.files("services.runtime.demonstration") / RECIPIENTS).read_text("utf-8"), "utf-8")


async def load_city(parts: "Mapping[str, Part]", seed: int, step: Callable[[str], None]) -> None:
    """Writes the two years of a seed, or what is missing of them."""
    targets = {
        name: Target(BulkWriter(part.context.database.pool, part.signal.set), part.context.vault)
        for name, part in parts.items()
    }
    await load(targets, seed, lambda day, days: step(f"{LOADING}: {day} of {days}"))


class Demonstration:
    """Two invented years of a city, and what comes after on a clock of its own.

    Args:
        folder: the data folder; the clock remembers itself in it. seed: which city. rate: seconds of its clock in a
            real second. living: whether it goes on by itself.
    """

    demonstration = True
    home_place = WANDA
    clock: DemonstrationClock

    def __init__(self, folder: Path, *, seed: int, rate: float, living: bool) -> None:
        self._seed = seed
        self._rate = rate
        self.living = living and rate > 0
        self._loaded = folder / "scenario"
        self.clock = DemonstrationClock(folder / "clock.json", END, rate)

    def speed(self) -> float:
        """Seconds of its clock in one second."""
        return self._rate

    def desk(self, issuer: Issuer) -> Desk:
        """The people of the story."""
        return people_of_the_story(issuer)

    async def load(self, parts: "Mapping[str, Part]", step: Callable[[str], None]) -> None:
        """Writes the two years, or what is missing of them; a folder remembers that it has them.

        Raises:
            OtherSeed: the folder holds another city.
        """
        if self.missing() is not None:
            await load_city(parts, self._seed, step)
            self.loaded()

    def missing(self) -> int | None:
        """The seed of the city that is still to be loaded.

        Raises:
            OtherSeed: the folder holds another city.
        """
        if not self._loaded.exists():
            return self._seed
        if (seed := int(self._loaded.read_text())) != self._seed:
            raise OtherSeed(seed)
        return None

    def loaded(self) -> None:
        """The folder remembers that it has its city."""
        self._loaded.write_text(f"{self._seed}\n")

    async def live(self, client: httpx.AsyncClient, issuer: Issuer) -> None:
        """A tenant leaves, a call comes in; through the same HTTP as anybody's."""
        stop = asyncio.Event()
        if not self.living:
            await stand_by(client, issuer.issue, self.clock, stop)
        await live(client, issuer.issue, self.clock, stop, self._rate)
