"""Incidents over HTTP, and an incident that was reported."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from contracts.common import Role
from services.incidents.app import build
from tests.integration.serving import Caller, Served, serving

JINFENG = "yinchuan/jinfeng"
WANDA_A = "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a"
REPORT = {
    "category": "noise/neighbour",
    "place": f"{WANDA_A}/1812",
    "occurred": {"earliest": "2024-06-30T11:50:00+08:00"},
    "channel": "phone-110",
    "source_unit": "wanda-a-1812",
    "caller_unit": "wanda-a-1811",
    "description": "楼上一直在施工。",
}


@dataclass
class Desk:
    """Incidents over HTTP, and who sits at the desk."""

    served: Served
    dispatcher: Caller

    def caller(self, role: Role, *places: str, subject: str | None = None) -> Caller:
        """Somebody; in Jinfeng where nothing else is said. They know of what the dispatcher did."""
        caller = self.served.caller(role, *(places or (() if subject else (JINFENG,))), subject=subject)
        caller.position = self.dispatcher.position
        return caller

    async def reported(self, **changes: Any) -> str:
        """The id of an incident that the dispatcher has just entered."""
        answer = await self.dispatcher.post("/cases", REPORT | changes)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


@pytest.fixture
async def desk(database) -> AsyncIterator[Desk]:
    async with serving("incidents", build, database) as served:
        yield Desk(served, served.caller(Role.DISPATCHER, JINFENG))
