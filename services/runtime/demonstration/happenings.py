"""What happens of itself in the living city: calls come in, tenants leave, others move in, items are raised."""

import random
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from services.runtime.demonstration.calls import KINDS
from services.runtime.demonstration.city import TIANDU, TIANEHU, TOWERS, WANDA
from services.runtime.demonstration.estate import TOLD_OF
from services.runtime.demonstration.figures import BAND
from services.runtime.demonstration.hands import Hands
from services.runtime.demonstration.households import BUILDINGS, building
from services.runtime.demonstration.people import Person, people
from services.runtime.demonstration.teahouse import KINDS as ITEMS
from services.runtime.demonstration.teahouse import resident as resident_id
from services.runtime.demonstration.townspeople import DISPATCHER, MEDIATOR, PROPERTY_MANAGER, resident

LIVED: Final = ("rental", "studio")
KEPT: Final = frozenset(door.unit for door in TOLD_OF)
"""Doors that the last evening tells of stay as they are."""


class Town:
    """What happens next, and who comes.

    Args:
        chance: of every choice. now: the moment that the living city begins at; it makes new people's ids new.
    """

    def __init__(self, chance: random.Random, now: datetime) -> None:
        self._chance = chance
        self._people: Iterator[Person] = people(chance, f"resident-n{int(now.timestamp()):x}")
        self._noisy: list[str] = []

    async def a_call_comes_in(self, hands: Hands) -> None:
        """About anything, from anywhere on the platform."""
        chance = self._chance
        kind = chance.choices(("help", "dispute", "public-order", "noise"), (5, 3, 2, 2))[0]
        area = chance.choices((WANDA, TIANDU, TIANEHU), (5, 3, 2))[0]
        place = {
            WANDA: f"{WANDA}/{chance.choice(TOWERS)}",
            TIANDU: f"{TIANDU}/{building(chance.randint(1, BUILDINGS))}",
            TIANEHU: TIANEHU,
        }[area]
        names = KINDS.get(kind, ("neighbours", "property-fee", "parking"))
        body = {"category": f"{kind}/{chance.choice(names)}", "place": place, "channel": "phone-110"}
        await hands.command(DISPATCHER, "/incidents/cases", body)

    async def the_neighbours_complain(self, hands: Hands) -> None:
        """About one and the same hotel room until it is three times; then an alert fires, and another is next."""
        if not self._noisy:
            rooms = await hands.items(DISPATCHER, "/registry/units", place=WANDA, colour="hotel", limit=500)
            if not rooms:
                return
            self._noisy = [self._chance.choice(rooms)["id"]] * 3
        unit = self._noisy.pop()
        found = await hands.one(PROPERTY_MANAGER, f"/registry/units/{unit}")
        if found:
            body = {
                "category": "noise/hotel-guests",
                "place": found["place"],
                "channel": "phone-110",
                "source_unit": unit,
            }
            await hands.command(DISPATCHER, "/incidents/cases", body)

    async def a_tenant_leaves(self, hands: Hands) -> None:
        """Somewhere in the estate a household hands its keys in."""
        use_class = self._chance.choice(LIVED)
        tower = f"{WANDA}/{self._chance.choice(TOWERS)}"
        units = await hands.items(PROPERTY_MANAGER, "/registry/units", place=tower, colour=use_class, limit=100)
        units = [unit for unit in units if unit["id"] not in KEPT]
        if not units:
            return
        unit = self._chance.choice(units)["id"]
        found = await hands.one(PROPERTY_MANAGER, f"/registry/units/{unit}")
        running = [one for one in (found or {}).get("tenancies_held", []) if not one["ended_at"]]
        if running:
            path = f"/registry/units/{unit}/tenancies/{running[0]['tenancy']}/move-out"
            await hands.command(PROPERTY_MANAGER, path)

    async def somebody_moves_in(self, hands: Hands) -> None:
        """An empty flat finds a tenant; their verification falls due."""
        units = await hands.items(PROPERTY_MANAGER, "/registry/units", place=WANDA, colour="vacant", limit=200)
        units = [unit for unit in units if unit["use_class"] in LIVED and unit["floor"] not in BAND]
        if not units:
            return
        person = next(self._people)
        occupant = {"name": person.name, "phone": person.phone, "document": person.document}
        body = {"category": "long-let", "occupants": [occupant]}
        await hands.command(PROPERTY_MANAGER, f"/registry/units/{self._chance.choice(units)['id']}/move-ins", body)

    async def an_item_is_raised(self, hands: Hands) -> None:
        """A resident brings something to the teahouse, and the mediator gives it its public title."""
        category, what, _, _ = self._chance.choice(ITEMS)
        who = resident(resident_id(self._chance.randint(1, 60)))
        title = f"{self._chance.randint(1, 12)} 号楼{what}"
        body = {"kind": "agenda-item", "title": title, "place": TIANEHU, "category": category}
        if raised := await hands.command(who, "/mediation/issues", body):
            await hands.command(MEDIATOR, f"/mediation/issues/{raised['id']}/title", {"title": title})
