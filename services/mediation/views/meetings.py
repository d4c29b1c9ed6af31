"""Questions asked of the docket about sessions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from services.chassis.access import within
from services.mediation.views.tables import commitments, issues, sessions

Condition = sa.ColumnElement[bool]
State = Literal["upcoming", "past", "closed", "all"]

KEY = ("starts_at", "session")
"""In this order a list is cut into pages: the latest first, those ahead the soonest first."""


@dataclass(frozen=True, slots=True)
class WantedSessions:
    """Which sessions; what is None does not matter.

    Attributes:
        now: the moment. kind: teahouses or coordination meetings. state: ahead; begun; closed; or all.
        place: this and below.
    """

    now: datetime
    kind: str | None = None
    state: State = "all"
    place: str | None = None

    def conditions(self) -> list[Condition]:
        """All of them must hold."""
        table = sessions.c
        asked: list[tuple[object, Callable[[], Condition]]] = [
            (self.kind, lambda: table.kind == self.kind),
            (self.place, lambda: within(table.place, (self.place or "",))),
        ]
        states: dict[State, list[Condition]] = {
            "upcoming": [table.starts_at >= self.now, table.closed_at.is_(None)],
            "past": [table.starts_at < self.now],
            "closed": [table.closed_at.is_not(None)],
            "all": [],
        }
        return states[self.state] + [condition() for value, condition in asked if value is not None]


def listed(wanted: WantedSessions, scope: Condition) -> "sa.Select[Any]":
    """Sessions within the scope."""
    return sa.select(sessions).where(scope, *wanted.conditions())


def one(session: str) -> "sa.Select[Any]":
    """The row of one session."""
    return sa.select(sessions).where(sessions.c.session == session)


def agenda(of: Sequence[str]) -> "sa.Select[Any]":
    """What these issues are about, for the agenda."""
    return sa.select(issues.c.issue, issues.c.title, issues.c.phase).where(issues.c.issue.in_(of))


def concern(organisation: str) -> Condition:
    """Sessions that an organisation came to, or that talk about what it has promised."""
    promised = (
        sa.select(sa.func.array_agg(commitments.c.issue)).where(commitments.c.owner == organisation).scalar_subquery()
    )
    came = sessions.c.organisations.contains([organisation])
    return sa.or_(came, sa.func.coalesce(sessions.c.agenda.overlap(promised), sa.false()))
