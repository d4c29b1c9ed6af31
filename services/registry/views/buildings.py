"""Buildings as of a moment, with the sums of their units."""

from typing import Any

import sqlalchemy as sa

from services.registry.views.moment import Moment, latest
from services.registry.views.tables import buildings, surveys, units
from services.registry.views.units import COLOURS, Condition, states


def listed(moment: Moment, which: Condition, units_seen: Condition) -> "sa.Select[Any]":
    """A row for each building, with the number of its units in each colour.

    Args:
        which: a condition on the table ``buildings``, scope included. units_seen: one on the table ``units``.
    """
    unit = states(moment, units_seen).subquery("unit")
    colours = [sa.func.count().filter(unit.c.colour == colour).label(colour) for colour in COLOURS]
    sums = (
        sa.select(
            unit.c.building,
            sa.func.count().label("units"),
            *colours,
            *(sa.func.sum(unit.c[name]).label(name) for name in ("occupants", "to_verify", "overdue")),
            sa.func.count().filter(unit.c.differs).label("findings"),
        )
        .group_by(unit.c.building)
        .subquery("sums")
    )
    survey = latest(surveys, moment, "building")
    return (
        sa.select(
            buildings, survey.c.lowest_floor, survey.c.highest_floor, *(c for c in sums.c if c.name != "building")
        )
        .join(survey, survey.c.building == buildings.c.id)
        .outerjoin(sums, sums.c.building == buildings.c.id)
        .where(which, moment.true(buildings))
    )


def floors_with_units(building: str) -> "sa.Select[Any]":
    """The lowest and the highest floor that a unit is registered on; nulls where there is none."""
    return sa.select(sa.func.min(units.c.floor).label("lowest"), sa.func.max(units.c.floor).label("highest")).where(
        units.c.building == building
    )
