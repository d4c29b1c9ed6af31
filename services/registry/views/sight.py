"""What a caller may see, as conditions on the register's tables, decided in the database."""

from typing import Any

import sqlalchemy as sa

from services.registry.views.moment import Moment
from services.registry.views.tables import spans
from services.registry.views.units import Condition


def operated_by(unit: "sa.ColumnElement[Any]", organisation: str, now: Moment) -> Condition:
    """The units that an organisation runs at this moment, whatever moment is asked about."""
    runs = (spans.c.operator == organisation) & (spans.c.at <= now.as_of) & (spans.c.until > now.as_of)
    return unit.in_(sa.select(spans.c.id).where(runs))
