"""Who may do what in analytics, on one page. All of it is bounded by place; figures name nobody."""

from contracts.common import Role
from services.chassis.access import Permission

DESK = {Role.OFFICER, Role.SUPERVISOR}
STREET = DESK | {Role.AUXILIARY}
WALL = STREET | {Role.DISPATCHER, Role.MEDIATOR, Role.PROPERTY_MANAGER, Role.ANALYST}
EVERYBODY = set(Role) - {Role.SYSTEM}

READ_POSITIONS = Permission("read how far everything has been read", unscoped=EVERYBODY)
READ_CITIES = Permission("read which cities there are", unscoped={Role.SYSTEM})
READ_FLOORS = Permission("see buildings floor by floor", place=WALL | {Role.ADMINISTRATOR})
READ_FEED = Permission("see the live feed", place=STREET | {Role.DISPATCHER, Role.MEDIATOR})
READ_ALERTS = Permission("see alerts", place=STREET | {Role.DISPATCHER})
READ_MAIL = Permission(
    "read one's mailbox", unscoped=STREET | {Role.DISPATCHER, Role.MEDIATOR, Role.PATROL, Role.PROPERTY_MANAGER}
)
ANSWER_ALERT = Permission("take and close alerts", place=DESK)
READ_PROBLEMS = Permission("see the problem map", place=WALL)
READ_FIGURES = Permission("read figures", place=WALL | {Role.INTEGRATOR, Role.ADMINISTRATOR, Role.OVERSEER})
READ_EVIDENCE = Permission("read the events behind a figure", place=WALL | {Role.INTEGRATOR})
REPORT_FIGURE = Permission(
    "report figures and what they cover",
    place=DESK | {Role.ANALYST, Role.PROPERTY_MANAGER, Role.INTEGRATOR, Role.ADMINISTRATOR},
)
RELEASE_FIGURE = Permission("release a reported figure that waits", place={Role.SUPERVISOR})
DECLARE_COVERAGE = Permission(
    "declare what a source covers", place={Role.SUPERVISOR, Role.ANALYST, Role.INTEGRATOR, Role.ADMINISTRATOR}
)
EXPORT_FIGURES = Permission("take the city's figures out", place={Role.DATA_PLATFORM})
READ_CITY = Permission("read the city's log", place={Role.DATA_PLATFORM}, unscoped={Role.SYSTEM})
READ_EXPORTS = Permission("read who took figures out", place={Role.OVERSEER})
READ_EVENTS = Permission("read the log", unscoped={Role.SYSTEM})

_AROUND = STREET | {Role.DISPATCHER, Role.MEDIATOR, Role.ANALYST}
READ_INCIDENTS = Permission("read incidents", place=_AROUND | {Role.PROPERTY_MANAGER, Role.INTEGRATOR})
READ_DISPUTES = Permission("read disputes", place=_AROUND)
READ_ISSUES = Permission("read issues", place=_AROUND | {Role.PROPERTY_MANAGER})
"""As the services have them whose cases are counted; a test compares."""


def read_counted(kind: str) -> Permission:
    """What must be held to read the cases that a figure of this kind counts."""
    return {"incident": READ_INCIDENTS, "dispute": READ_DISPUTES}.get(kind, READ_ISSUES)
