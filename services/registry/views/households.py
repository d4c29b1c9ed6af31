"""Who holds a unit, and what became of the verification of each occupant."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.selectable import LateralFromClause

from services.registry.views.moment import Moment
from services.registry.views.tables import attempts, erasures, occupants, tenancies
from services.registry.views.units import due, last_known, left_at

SAME_TENANCY = sa.and_(tenancies.c.unit == occupants.c.unit, tenancies.c.tenancy == occupants.c.tenancy)


def tenancies_of(moment: Moment, unit: str) -> "sa.Select[Any]":
    """The tenancies of a unit that had begun, the latest first, with their ends as far as they had come."""
    return (
        sa.select(
            tenancies.c.tenancy,
            tenancies.c.category,
            tenancies.c.effective_at.label("since"),
            left_at(moment).label("ended_at"),
            tenancies.c.lease_filing,
            tenancies.c.registered_by,
        )
        .where(tenancies.c.unit == unit, last_known(moment))
        .order_by(tenancies.c.effective_at.desc(), tenancies.c.position.desc())
    )


def outcome(moment: Moment) -> LateralFromClause:
    """For a row of ``occupants``: when and how they were verified, and the attempts that failed, oldest first."""
    failed = sa.not_(attempts.c.succeeded)
    attempt = sa.func.jsonb_build_object("at", attempts.c.effective_at, "reason", attempts.c.how)
    in_order = aggregate_order_by(attempt, attempts.c.effective_at, attempts.c.position)
    return (
        sa.select(
            sa.func.min(attempts.c.effective_at).filter(attempts.c.succeeded).label("verified_at"),
            sa.func.min(attempts.c.how).filter(attempts.c.succeeded).label("method"),
            sa.func.jsonb_agg(in_order).filter(failed).label("attempts"),
        )
        .where(
            attempts.c.unit == occupants.c.unit,
            attempts.c.tenancy == occupants.c.tenancy,
            attempts.c.subject == occupants.c.subject,
            moment.true(attempts),
        )
        .correlate(occupants)
        .lateral("outcome")
    )


def occupants_of(moment: Moment, unit: str) -> "sa.Select[Any]":
    """The occupants of a unit's tenancies, as ids, with what became of their verification."""
    result = outcome(moment)
    return (
        sa.select(
            occupants.c.tenancy,
            occupants.c.subject,
            due("due_at").label("due_at"),
            result.c.verified_at,
            result.c.method,
            result.c.attempts,
            erasures.c.effective_at.label("erased_at"),
        )
        .join(tenancies, SAME_TENANCY)
        .join(result, sa.true())
        .outerjoin(erasures, sa.and_(erasures.c.subject == occupants.c.subject, moment.true(erasures)))
        .where(occupants.c.unit == unit, moment.known(occupants), last_known(moment))
        .order_by(occupants.c.position)
    )
