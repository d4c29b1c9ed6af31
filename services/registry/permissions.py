"""Who may do what in the registry, on one page.

Roles granted by place see the units inside their places; an operator sees the units that its organisation runs at that
moment; a resident sees the record that is their own.
"""

from contracts.common import Role
from services.chassis.access import Permission

DESK = {Role.OFFICER, Role.SUPERVISOR}
STREET = DESK | {Role.AUXILIARY}

REGISTER = Permission("register buildings and units", place=DESK | {Role.ADMINISTRATOR, Role.INTEGRATOR})
CLASSIFY = Permission("register what a unit is for", place=DESK)
CORRECT = Permission("correct the register", place=DESK)
OBSERVE = Permission("observe the use of a unit", place=STREET | {Role.INTEGRATOR})
ASSIGN_OPERATOR = Permission("assign the operator of a unit", place=DESK)
MOVE = Permission(
    "register who moves in and out",
    place=STREET | {Role.PROPERTY_MANAGER, Role.INTEGRATOR},
    organisation={Role.OPERATOR},
)
VERIFY = Permission("verify occupants", place=STREET)
VISIT = Permission("plan and make visit rounds", place=STREET)
OPEN_RECORD = Permission("open a person's record", place=DESK, subject={Role.RESIDENT})
ERASE_RECORD = Permission("erase a person's record", place={Role.SUPERVISOR})
READ_BUILDINGS = Permission(
    "read buildings and units",
    place=STREET | {Role.DISPATCHER, Role.MEDIATOR, Role.PROPERTY_MANAGER, Role.ANALYST, Role.ADMINISTRATOR},
    organisation={Role.OPERATOR},
)
READ_UNIT = Permission(
    "read the tenancies and the history of a unit",
    place=STREET | {Role.PROPERTY_MANAGER},
    organisation={Role.OPERATOR},
)
READ_TASKS = Permission("read verification tasks", place=STREET)
READ_ACCESS_LOG = Permission("read the access log", place={Role.OVERSEER})
READ_EVENTS = Permission("read the log", unscoped={Role.SYSTEM})
