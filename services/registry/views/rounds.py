"""Visit rounds, and what each door met."""

from typing import Any, Literal

import sqlalchemy as sa

from services.registry.views.tables import closings, rounds, versions, visits

RoundState = Literal["open", "closed"]


def listed(which: "sa.ColumnElement[bool]", state: RoundState | None) -> "sa.Select[Any]":
    """Rounds, the latest first.

    Args:
        which: a condition on the table ``rounds``, scope included.
    """
    query = (
        sa.select(
            rounds.c.id,
            rounds.c.place,
            rounds.c.officer,
            rounds.c.day_part,
            rounds.c.units,
            rounds.c.effective_at,
            closings.c.effective_at.label("closed_at"),
            closings.c.visited,
            closings.c.met,
            versions.c.version,
        )
        .outerjoin(closings, closings.c.round == rounds.c.id)
        .join(versions, versions.c.stream == sa.func.concat("round-", rounds.c.id))
        .where(which)
    )
    if state is None:
        return query
    return query.where(closings.c.round.is_(None) if state == "open" else closings.c.round.is_not(None))


def knocks(visit_round: str) -> "sa.Select[Any]":
    """The latest outcome at each door of a round."""
    return (
        sa.select(visits.c.unit, visits.c.outcome, visits.c.effective_at)
        .distinct(visits.c.unit)
        .where(visits.c.round == visit_round)
        .order_by(visits.c.unit, visits.c.effective_at.desc(), visits.c.position.desc())
    )


def last_met(among: list[str]) -> "sa.Select[Any]":
    """When somebody last opened at each of these doors, on whatever round."""
    return (
        sa.select(visits.c.unit, sa.func.max(visits.c.effective_at).label("met_at"))
        .where(visits.c.unit.in_(among), visits.c.outcome == "met")
        .group_by(visits.c.unit)
    )
