"""Buildings as of a moment, with the sums of their units."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from services.registry.views.moment import Moment, in_force
from services.registry.views.tables import buildings, surveys, units
from services.registry.views.units import COLOURS, Condition, unversioned


def listed(moment: Moment, which: Condition) -> "sa.Select[Any]":
    """A row for each building.

    Args:
        which: a condition on the table ``buildings``, scope included.
    """
    survey = in_force(surveys, moment, "building", buildings.c.id)
    return (
        sa.select(buildings, survey.c.lowest_floor, survey.c.highest_floor)
        .join(survey, sa.true())
        .where(which, moment.true(buildings))
    )


def sums(moment: Moment, units_seen: Condition, among: Sequence[str]) -> "sa.Select[Any]":
    """A row for each of these buildings that has units: how many of each colour, and what is to be done there.

    Args:
        units_seen: a condition on the table ``units``, scope included.
    """
    unit = unversioned(moment, units_seen & units.c.building.in_(among)).subquery("unit")
    colours = [sa.func.count().filter(unit.c.colour == colour).label(colour) for colour in COLOURS]
    return sa.select(
        unit.c.building,
        sa.func.count().label("units"),
        *colours,
        *(sa.func.sum(unit.c[name]).label(name) for name in ("occupants", "to_verify", "overdue")),
        sa.func.count().filter(unit.c.differs).label("findings"),
    ).group_by(unit.c.building)


def floors_with_units(building: str) -> "sa.Select[Any]":
    """The lowest and the highest floor that a unit is registered on; nulls where there is none."""
    return sa.select(sa.func.min(units.c.floor).label("lowest"), sa.func.max(units.c.floor).label("highest")).where(
        units.c.building == building
    )
