"""Questions asked of the docket about commitments: who owes what by when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from services.chassis.access import within
from services.chassis.zones import today_at
from services.mediation.views.tables import commitments, issues

Condition = sa.ColumnElement[bool]
State = Literal["open", "overdue", "fulfilled", "all"]

KEY = ("due_on", "issue", "commitment")
"""In this order a list is cut into pages."""

OPEN = commitments.c.fulfilled_at.is_(None)


def late_at(now: datetime) -> Condition:
    """Past their due day at a moment, each by the calendar of its place."""
    return commitments.c.due_on < today_at(commitments.c.place, now)


@dataclass(frozen=True, slots=True)
class WantedPromises:
    """Which commitments; what is None does not matter.

    Attributes:
        now: what is late is told by the calendar of each place. state: not kept yet; not kept and past the day; kept;
        or all. owner: whose. place: this and below.
    """

    now: datetime
    state: State = "all"
    owner: str | None = None
    place: str | None = None

    def conditions(self) -> list[Condition]:
        """All of them must hold."""
        table = commitments.c
        asked: list[tuple[object, Callable[[], Condition]]] = [
            (self.owner, lambda: table.owner == self.owner),
            (self.place, lambda: within(table.place, (self.place or "",))),
        ]
        states: dict[State, list[Condition]] = {
            "open": [OPEN],
            "overdue": [OPEN, late_at(self.now)],
            "fulfilled": [sa.not_(OPEN)],
            "all": [],
        }
        return states[self.state] + [condition() for value, condition in asked if value is not None]


def listed(wanted: WantedPromises, scope: Condition) -> "sa.Select[Any]":
    """Commitments within the scope, with the title of the issue that they are about."""
    return (
        sa.select(commitments, issues.c.title, issues.c.kind)
        .join(issues, issues.c.issue == commitments.c.issue)
        .where(scope, *wanted.conditions())
    )


def owed(place: str | None, kind: str | None, scope: Condition, now: datetime) -> "sa.Select[Any]":
    """For each owner, how many commitments are open and how many of these are past their day; the worst first.

    Args:
        place: this and below; None: all. kind: of the issues that they are about; None: all.
    """
    of_kind = (
        sa.true() if kind is None else commitments.c.issue.in_(sa.select(issues.c.issue).where(issues.c.kind == kind))
    )
    late = sa.func.count().filter(late_at(now)).label("overdue")
    query: sa.Select[Any] = (
        sa.select(
            commitments.c.owner,
            sa.func.count().label("open"),
            late,
            sa.func.min(commitments.c.due_on).label("next_due_on"),
        )
        .where(scope, of_kind, *WantedPromises(now, "open", place=place).conditions())
        .group_by(commitments.c.owner)
        .order_by(late.desc(), sa.desc("open"), commitments.c.owner)
    )
    return query


def to_miss(now: datetime, limit: int) -> "sa.Select[Any]":
    """Commitments past their day that nobody has called missed yet."""
    return (
        sa.select(commitments.c.issue, commitments.c.commitment, commitments.c.place)
        .where(OPEN, commitments.c.missed_at.is_(None), late_at(now))
        .order_by(commitments.c.due_on, commitments.c.issue, commitments.c.commitment)
        .limit(limit)
    )
