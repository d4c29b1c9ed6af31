"""What a caller may see, as conditions on the register's tables, decided in the database."""

from typing import Any

import sqlalchemy as sa

from services.registry.views.moment import Moment, latest
from services.registry.views.tables import operators
from services.registry.views.units import Condition


def operated_by(unit: "sa.ColumnElement[Any]", organisation: str, now: Moment) -> Condition:
    """The units that an organisation runs at this moment, whatever moment is asked about."""
    current = latest(operators, now, "unit")
    return unit.in_(sa.select(current.c.unit).where(current.c.operator == organisation))
