"""Verification tasks: who is to be verified, where, by when, and what was tried."""

from typing import Any, Literal

import sqlalchemy as sa

from services.registry.views.households import SAME_TENANCY, outcome
from services.registry.views.moment import Moment, in_force
from services.registry.views.tables import buildings, classes, occupants, tenancies, units, versions, visits
from services.registry.views.units import Condition, due, erased, runs

TaskState = Literal["open", "overdue", "done"]
DUE_AT = due("due_at")

COLUMNS = (
    occupants.c.unit,
    occupants.c.tenancy,
    occupants.c.subject,
    DUE_AT.label("due_at"),
    due("calendar").label("calendar"),
    units.c.building,
    units.c.number,
    units.c.floor,
    units.c.place,
    buildings.c.name.label("building_name"),
    tenancies.c.category,
    tenancies.c.effective_at.label("moved_in_at"),
    tenancies.c.lease_filing.is_not(None).label("lease_filed"),
    tenancies.c.registered_by,
    versions.c.version,
)


def tasks(moment: Moment, which: Condition, state: TaskState) -> "sa.Select[Any]":
    """Tasks in order of their due time; those of ended tenancies and of erased persons are not among them.

    Args:
        which: a condition on the table ``units``, scope included.
    """
    result = outcome(moment)
    held = in_force(classes, moment, "unit", units.c.id)
    query = (
        sa.select(
            *COLUMNS,
            held.c.use_class.label("colour"),
            result.c.verified_at,
            result.c.method,
            result.c.attempts,
            _last_met(moment).label("last_met_at"),
        )
        .select_from(occupants)
        .join(tenancies, SAME_TENANCY)
        .join(units, units.c.id == occupants.c.unit)
        .join(buildings, buildings.c.id == units.c.building)
        .join(versions, versions.c.stream == sa.func.concat("unit-", units.c.id))
        .outerjoin(held, sa.true())
        .join(result, sa.true())
        .where(which, moment.known(occupants), runs(moment), DUE_AT.is_not(None), sa.not_(erased(moment)))
    )
    if state == "done":
        return query.where(result.c.verified_at.is_not(None))
    query = query.where(result.c.verified_at.is_(None))
    return query.where(moment.as_of > DUE_AT) if state == "overdue" else query


def _last_met(moment: Moment) -> "sa.ScalarSelect[Any]":
    """When somebody last opened the door of an occupant's unit."""
    return (
        sa.select(sa.func.max(visits.c.effective_at))
        .where(visits.c.unit == occupants.c.unit, visits.c.outcome == "met", moment.true(visits))
        .scalar_subquery()
    )


def open_task(moment: Moment, tenancy: str, subject: str) -> "sa.Select[Any]":
    """The unit and place of one open task; no row where it is done, lapsed or none."""
    result = outcome(moment)
    return (
        sa.select(occupants.c.unit, occupants.c.place)
        .select_from(occupants)
        .join(tenancies, SAME_TENANCY)
        .join(result, sa.true())
        .where(
            runs(moment),
            occupants.c.tenancy == tenancy,
            occupants.c.subject == subject,
            DUE_AT.is_not(None),
            sa.not_(erased(moment)),
            result.c.verified_at.is_(None),
        )
    )
