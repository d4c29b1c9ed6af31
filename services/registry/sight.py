"""Whether a caller may see or change a unit: by place, or by the organisation that runs it at this moment."""

from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from services.chassis.access import Permission, Principal, Scope, place_filter
from services.chassis.http import Caller
from services.registry.domain.refusals import UnitUnknown
from services.registry.domain.unit import Unit
from services.registry.views.moment import Moment
from services.registry.views.sight import operated_by
from services.registry.views.tables import buildings, units
from services.registry.views.units import Condition

Span = tuple[datetime, datetime | None]
"""From a moment on until another, or without end."""
EVER: Final = datetime.min.replace(tzinfo=UTC)


def units_seen(permission: Permission, principal: Principal, now: datetime, as_of: datetime) -> Condition:
    """The units that a question is answered about; an organisation's are those it runs now and ran at that moment."""
    if permission.scope(principal.role) is Scope.ORGANISATION:
        org = principal.org or ""
        return operated_by(units.c.id, org, Moment(now)) & operated_by(units.c.id, org, Moment(as_of))
    return place_filter(units.c.place, principal)


def buildings_seen(permission: Permission, principal: Principal, now: datetime, as_of: datetime) -> Condition:
    """The buildings that a question is answered about: in the caller's places, or with a unit of theirs."""
    if permission.scope(principal.role) is Scope.ORGANISATION:
        return buildings.c.id.in_(sa.select(units.c.building).where(units_seen(permission, principal, now, as_of)))
    return place_filter(buildings.c.place, principal)


def time_seen(permission: Permission, principal: Principal, unit: Unit) -> tuple[Span, ...]:
    """When a unit was the caller's: the spans that an organisation ran it, for others all time."""
    if permission.scope(principal.role) is not Scope.ORGANISATION:
        return ((EVER, None),)
    return tuple((begin, end) for begin, end, operator in unit.operators.spans() if operator == principal.org)


def may_do(caller: Caller, unit: Unit) -> None:
    """Lets a command through to its unit.

    Raises:
        UnitUnknown: nobody registered it. OutsideScope: it is not the caller's.
    """
    if unit.since is None:
        raise UnitUnknown
    if caller.scope is Scope.ORGANISATION:
        run_by = unit.operators.at(caller.now)
        caller.principal.require_organisation(run_by.value if run_by else None)
    else:
        caller.principal.require(unit.place)
