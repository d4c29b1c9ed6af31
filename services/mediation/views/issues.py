"""Questions asked of the docket about issues: lists, the two rates, the problem map."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from services.chassis.access import within
from services.mediation.views.tables import commitments, issues, sessions

Condition = sa.ColumnElement[bool]
State = Literal["open", "waiting", "done", "all"]

KEY = ("raised_at", "issue")
"""In this order, the latest first, a list is cut into pages."""

ANSWER_WITHIN = timedelta(days=14)
"""How long a resident is waited for; who has not said a word by then has not answered."""

AWAITS_RESIDENT = sa.and_(
    issues.c.phase == "resolved", sa.or_(issues.c.kind != "pain-point", issues.c.raised_by.is_not(None))
)
"""Called done, and a resident can say whether it is; a pain point that no resident raised waits for nobody's word."""
DONE = issues.c.phase.in_(["resolved", "confirmed"])


@dataclass(frozen=True, slots=True)
class WantedIssues:
    """Which issues; what is None does not matter.

    Attributes:
        kind: teahouse items or pain points. state: open; waiting for the resident's word; done, whether confirmed
            or not; or all. phase: how far. category, place: these and below. building, floor: where exactly.
        owner: an organisation that has promised something.
    """

    kind: str | None = None
    state: State = "all"
    phase: str | None = None
    category: str | None = None
    place: str | None = None
    building: str | None = None
    floor: int | None = None
    owner: str | None = None

    def conditions(self) -> list[Condition]:
        """All of them must hold."""
        table = issues.c
        asked: list[tuple[object, Callable[[], Condition]]] = [
            (self.kind, lambda: table.kind == self.kind),
            (self.phase, lambda: table.phase == self.phase),
            (self.category, lambda: within(table.category, (self.category or "",))),
            (self.place, lambda: within(table.place, (self.place or "",))),
            (self.building, lambda: table.building == self.building),
            (self.floor, lambda: table.floor == self.floor),
            (self.owner, lambda: owed_by(self.owner or "")),
        ]
        states: dict[State, list[Condition]] = {
            "open": [sa.not_(DONE)],
            "waiting": [AWAITS_RESIDENT],
            "done": [DONE],
            "all": [],
        }
        return states[self.state] + [condition() for value, condition in asked if value is not None]


def owed_by(organisation: str) -> Condition:
    """Issues of which an organisation has promised something."""
    return issues.c.issue.in_(sa.select(commitments.c.issue).where(commitments.c.owner == organisation))


def listed(wanted: WantedIssues, scope: Condition) -> "sa.Select[Any]":
    """Issues within the scope."""
    return sa.select(issues).where(scope, *wanted.conditions())


def one(issue: str) -> "sa.Select[Any]":
    """The row of one issue."""
    return sa.select(issues).where(issues.c.issue == issue)


def rates(wanted: WantedIssues, scope: Condition, now: datetime) -> "sa.Select[Any]":
    """How many were raised, called done, confirmed; and of those called done, who has not answered and who may yet."""
    phase = issues.c.phase
    silent = issues.c.resolved_at < now - ANSWER_WITHIN
    counts: list[sa.ColumnElement[Any]] = [
        sa.func.count().label("raised"),
        sa.func.count().filter(DONE).label("resolved"),
        sa.func.count().filter(phase == "confirmed").label("confirmed"),
        sa.func.count().filter(AWAITS_RESIDENT, silent).label("unanswered"),
        sa.func.count().filter(AWAITS_RESIDENT, sa.not_(silent)).label("pending"),
        sa.func.count().filter(phase == "disputed").label("disputed"),
        sa.func.count().filter(sa.not_(DONE)).label("open"),
    ]
    return sa.select(*counts).select_from(issues).where(scope, *wanted.conditions())


def promises(of: Sequence[str]) -> "sa.Select[Any]":
    """What was promised about these issues, in the order of the promises."""
    return (
        sa.select(commitments)
        .where(commitments.c.issue.in_(of))
        .order_by(commitments.c.issue, commitments.c.made_at, commitments.c.commitment)
    )


def next_sessions(of: Sequence[str], now: datetime) -> "sa.Select[Any]":
    """The next session that talks about each of these issues."""
    item = sa.func.unnest(sessions.c.agenda).label("issue")
    ahead = (
        sa.select(item, sessions.c.session, sessions.c.starts_at, sessions.c.venue)
        .where(sessions.c.closed_at.is_(None), sessions.c.starts_at >= now, sessions.c.agenda.overlap(list(of)))
        .subquery("ahead")
    )
    return (
        sa.select(ahead)
        .distinct(ahead.c.issue)
        .where(ahead.c.issue.in_(of))
        .order_by(ahead.c.issue, ahead.c.starts_at, ahead.c.session)
    )


def problem_map(place: str | None, building: str | None, scope: Condition) -> "sa.Select[Any]":
    """Every pain point, floor by floor from the top, the oldest first."""
    wanted = WantedIssues(kind="pain-point", place=place, building=building)
    order = (issues.c.building, issues.c.floor.desc().nulls_last(), issues.c.raised_at, issues.c.issue)
    return listed(wanted, scope).order_by(*order)
