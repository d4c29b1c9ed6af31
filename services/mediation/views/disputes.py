"""Questions asked of the docket about disputes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from services.chassis.access import within
from services.mediation.views.tables import disputes

Condition = sa.ColumnElement[bool]
State = Literal["open", "resolved", "all"]

KEY = ("logged_at", "dispute")
"""In this order, the latest first, a list is cut into pages."""


@dataclass(frozen=True, slots=True)
class WantedDisputes:
    """Which disputes; what is None does not matter.

    Attributes:
        state: open ones, resolved ones, or all. phase: how far. category, place: these and below.
        mediator: whose. source_unit: where it comes from. since, until: when it began; ``until`` is not included.
    """

    state: State = "all"
    phase: str | None = None
    category: str | None = None
    place: str | None = None
    mediator: str | None = None
    source_unit: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[Condition]:
        """All of them must hold."""
        table = disputes.c
        asked: list[tuple[object, Callable[[], Condition]]] = [
            (self.phase, lambda: table.phase == self.phase),
            (self.category, lambda: within(table.category, (self.category or "",))),
            (self.place, lambda: within(table.place, (self.place or "",))),
            (self.mediator, lambda: table.mediator == self.mediator),
            (self.source_unit, lambda: table.source_unit == self.source_unit),
            (self.since, lambda: table.logged_at >= self.since),
            (self.until, lambda: table.logged_at < self.until),
        ]
        states: dict[State, list[Condition]] = {
            "open": [table.phase != "resolved"],
            "resolved": [table.phase == "resolved"],
            "all": [],
        }
        return states[self.state] + [condition() for value, condition in asked if value is not None]


def listed(wanted: WantedDisputes, scope: Condition) -> "sa.Select[Any]":
    """Disputes within the scope."""
    return sa.select(disputes).where(scope, *wanted.conditions())


def one(dispute: str) -> "sa.Select[Any]":
    """The row of one dispute."""
    return sa.select(disputes).where(disputes.c.dispute == dispute)
