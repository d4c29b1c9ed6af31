"""Who may do what with incidents, on one page.

Roles granted by place see what happened inside their places; a resident sees what they have reported themselves.
An officer who was sent somewhere else may attend, resolve and read that incident too, until it is resolved or the
officer is recalled (``sight.py``).
"""

from contracts.common import Role
from services.chassis.access import Permission

DESK = {Role.DISPATCHER, Role.SUPERVISOR}
STREET = {Role.OFFICER, Role.AUXILIARY}

REPORT = Permission(
    "report an incident",
    place=DESK | STREET | {Role.PATROL, Role.PROPERTY_MANAGER, Role.INTEGRATOR},
    subject={Role.RESIDENT},
)
REPORT_FOR_OTHERS = Permission("report what another system has reported", place={Role.INTEGRATOR})
TRIAGE = Permission("judge how soon somebody must be there", place=DESK)
DISPATCH = Permission("dispatch officers", place=DESK)
RECALL = Permission("recall officers", place=DESK)
ATTEND = Permission("set out to an incident and arrive there", place=DESK | STREET)
ATTEND_FOR_OTHERS = Permission("say that another officer has set out or arrived", place=DESK)
RESOLVE = Permission("resolve an incident", place=DESK | STREET)
REOPEN = Permission("reopen an incident", place=DESK | {Role.OFFICER})
READ = Permission(
    "read incidents",
    place=DESK | STREET | {Role.MEDIATOR, Role.PROPERTY_MANAGER, Role.ANALYST, Role.INTEGRATOR},
    subject={Role.RESIDENT},
)
READ_TEXT = Permission(
    "read who told of an incident and what was written about it",
    place=DESK | STREET | {Role.MEDIATOR},
    subject={Role.RESIDENT},
)
ERASE_TEXT = Permission("erase what was written about an incident", place={Role.SUPERVISOR})
DUTY = Permission("come on duty and go off duty", place=DESK | STREET)
DUTY_FOR_OTHERS = Permission("put another officer on duty or off", place=DESK)
READ_ROSTER = Permission("read who is on duty", place=DESK | STREET)
READ_ACCESS_LOG = Permission("read the access log", place={Role.OVERSEER})
READ_EVENTS = Permission("read the log", unscoped={Role.SYSTEM})
