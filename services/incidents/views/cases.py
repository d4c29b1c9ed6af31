"""Questions asked of the casebook."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from services.chassis.access import within
from services.incidents.views.tables import OPEN, incidents

Condition = sa.ColumnElement[bool]
State = Literal["open", "resolved", "all"]

URGENCY = sa.case(
    (incidents.c.priority == "emergency", 0),
    (incidents.c.priority == "urgent", 1),
    (incidents.c.priority.is_(None), 2),
    else_=3,
)
"""The most urgent first; what nobody has judged yet comes before routine."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which incidents; what is None does not matter.

    Attributes:
        state: open ones, resolved ones, or all. phase: how far. category, place: these and below.
        since, until: when it can have happened at the earliest; ``until`` is not included.
        officer: sent there. source_unit: where it comes from. source: whose figures. drill: exercises, or the rest.
    """

    state: State = "all"
    phase: str | None = None
    category: str | None = None
    place: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    officer: str | None = None
    source_unit: str | None = None
    source: str | None = None
    drill: bool | None = None

    def conditions(self) -> list[Condition]:
        """All of them must hold."""
        table = incidents.c
        asked: list[tuple[object, Callable[[], Condition]]] = [
            (self.phase, lambda: table.phase == self.phase),
            (self.category, lambda: within(table.category, (self.category or "",))),
            (self.place, lambda: within(table.place, (self.place or "",))),
            (self.since, lambda: table.earliest >= self.since),
            (self.until, lambda: table.earliest < self.until),
            (self.officer, lambda: table.officers.contains([self.officer])),
            (self.source_unit, lambda: table.source_unit == self.source_unit),
            (self.source, lambda: table.source == self.source),
            (self.drill, lambda: table.drill == self.drill),
        ]
        states = {"open": [OPEN], "resolved": [table.phase == "resolved"], "all": []}
        return states[self.state] + [condition() for value, condition in asked if value is not None]


KEY = ("earliest", "incident")
"""In this order, the latest first, a list is cut into pages."""


def listed(wanted: Wanted, scope: Condition) -> "sa.Select[Any]":
    """Incidents within the scope."""
    return sa.select(incidents).where(scope, *wanted.conditions())


def one(incident: str) -> "sa.Select[Any]":
    """The row of one incident."""
    return sa.select(incidents).where(incidents.c.incident == incident)


def _open_at(place: str | None, scope: Condition, level: int) -> sa.Subquery:
    """What is open, each with its place cut to so many segments; exercises are left out."""
    at = sa.func.substring(incidents.c.place, f"^[^/]+(?:/[^/]+){{0,{level - 1}}}").label("at")
    return (
        sa.select(incidents, at, URGENCY.label("urgency"))
        .where(scope, *Wanted(state="open", place=place, drill=False).conditions())
        .subquery("waiting")
    )


def open_by_place(place: str | None, scope: Condition, level: int) -> "sa.Select[Any]":
    """How many are open at each place."""
    waiting = _open_at(place, scope, level).c
    counts: list[sa.ColumnElement[Any]] = [
        sa.func.count().label("count"),
        sa.func.count().filter(waiting.priority == "emergency").label("emergency"),
        sa.func.count().filter(waiting.priority == "urgent").label("urgent"),
        sa.func.count().filter(waiting.priority == "routine").label("routine"),
        sa.func.count().filter(waiting.priority.is_(None)).label("unjudged"),
        sa.func.count().filter(sa.func.cardinality(waiting.officers) == 0).label("unassigned"),
        sa.func.min(waiting.reported_at).label("oldest_at"),
    ]
    return sa.select(waiting.at, *counts).group_by(waiting.at).order_by(sa.desc("count"), waiting.at)


def most_urgent(place: str | None, scope: Condition, level: int, each: int) -> "sa.Select[Any]":
    """The open incidents that come first at each place: those that no officer was sent to, then the more urgent."""
    waiting = _open_at(place, scope, level)
    assigned = sa.func.cardinality(waiting.c.officers) > 0
    order = (assigned, waiting.c.urgency, waiting.c.reported_at, waiting.c.incident)
    rank = sa.func.row_number().over(partition_by=waiting.c.at, order_by=order)
    ranked = sa.select(waiting, rank.label("rank")).subquery("ranked")
    return sa.select(ranked).where(ranked.c.rank <= each).order_by(ranked.c.at, ranked.c.rank)


def drills(place: str | None, scope: Condition) -> "sa.Select[Any]":
    """How many exercises are open."""
    exercises = Wanted(state="open", place=place, drill=True).conditions()
    return sa.select(sa.func.count().label("count")).select_from(incidents).where(scope, *exercises)
