"""Mediation over HTTP, with who sits at its table."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from contracts.common import Role
from services.mediation.app import build
from tests.integration.serving import Caller, Served, serving

HELAN = "yinchuan/helan"
LAKE = "yinchuan/helan/xigang/tianehu"
ITEM = {
    "kind": "agenda-item",
    "title": "湖边步道路灯不亮",
    "place": LAKE,
    "category": "facilities/lighting",
    "raised_by": "s-ding",
    "description": "从东门到亭子一段看不见路。",
}
PROMISE = {"owner": "org-lights", "promise": "更换十二盏路灯", "due_on": "2024-07-05"}
DISPUTE = {
    "category": "dispute/deposit",
    "place": f"{LAKE}/lake-5/0601",
    "source_unit": "lake-5-0601",
    "parties": [{"subject": "s-gu", "household": "lake-5-0601"}, {"subject": "s-shan", "household": "lake-5-0602"}],
    "summary": "退租后押金未退。",
}


@dataclass
class Table:
    """Mediation over HTTP, and a mediator in Helan."""

    served: Served
    mediator: Caller

    def caller(
        self, role: Role, *places: str, org: str | None = None, subject: str | None = None, here: bool = False
    ) -> Caller:
        """Somebody; in Helan where nothing else is said. They know of what the mediator did."""
        scoped = places or (() if (org or subject) and not here else (HELAN,))
        caller = self.served.caller(role, *scoped, org=org, subject=subject)
        caller.position = self.mediator.position
        return caller

    async def done(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """What the mediator did, and what was answered."""
        answer = await self.mediator.post(path, body)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())

    async def raised(self, **changes: Any) -> str:
        """The id of an item that was raised."""
        return str((await self.done("/issues", ITEM | changes))["id"])

    async def promised(self, issue: str, **changes: Any) -> str:
        """The id of a commitment about it."""
        return str((await self.done(f"/issues/{issue}/commitments", PROMISE | changes))["id"])

    async def resolved(self, **changes: Any) -> str:
        """The id of an item that was raised, promised, kept and called done."""
        issue = await self.raised(**changes)
        commitment = await self.promised(issue, due_on="2024-12-31")
        await self.done(f"/issues/{issue}/commitments/{commitment}/fulfilment")
        await self.done(f"/issues/{issue}/resolution")
        return issue


@pytest.fixture
async def table(database) -> AsyncIterator[Table]:
    async with serving("mediation", build, database) as served:
        yield Table(served, served.caller(Role.MEDIATOR, HELAN))
