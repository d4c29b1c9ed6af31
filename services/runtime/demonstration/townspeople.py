"""Who acts in the living city, and where."""

from typing import Final

from contracts.common import Role
from services.chassis.access import Principal, covers
from services.runtime.demonstration.city import (
    CITY,
    TIANDU,
    TIANDU_OFFICERS,
    TIANEHU,
    TIANEHU_OFFICERS,
    WANDA,
    WANDA_OFFICERS,
)

DISPATCHER: Final = Principal(Role.DISPATCHER, "dispatcher-01", (CITY,))
PROPERTY_MANAGER: Final = Principal(Role.PROPERTY_MANAGER, "manager-wanda", (WANDA,))
MEDIATOR: Final = Principal(Role.MEDIATOR, "mediator-tian", (TIANEHU,))
ON_DUTY: Final = {WANDA: WANDA_OFFICERS, TIANDU: TIANDU_OFFICERS, TIANEHU: TIANEHU_OFFICERS}
STAFF: Final = frozenset(ident for staff in ON_DUTY.values() for ident in staff)


def officer(ident: str) -> Principal:
    """An officer with the place that they work in."""
    places = tuple(place for place, staff in ON_DUTY.items() if ident in staff)
    return Principal(Role.OFFICER, ident, places or (CITY,))


def officers_at(place: str) -> tuple[str, ...]:
    """Who is on duty for a place."""
    for area, staff in ON_DUTY.items():
        if covers(area, place):
            return staff
    return WANDA_OFFICERS


def partner(organisation: str) -> Principal:
    """Somebody who acts for an organisation."""
    return Principal(Role.PARTNER, f"partner-{organisation}", (), organisation)


def resident(subject: str) -> Principal:
    """A resident of Tianehu."""
    return Principal(Role.RESIDENT, subject, (TIANEHU,), None, subject)
