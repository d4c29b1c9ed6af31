"""Who may do what in mediation, on one page.

Roles granted by place see what lies inside their places; a partner sees what its organisation has promised; a resident
sees their own items, and the disputes that they are a party of.
"""

from contracts.common import Role
from services.chassis.access import Permission

DESK = {Role.OFFICER, Role.SUPERVISOR, Role.MEDIATOR}
STREET = DESK | {Role.AUXILIARY}
AROUND = STREET | {Role.DISPATCHER, Role.PROPERTY_MANAGER, Role.ANALYST}

LOG_DISPUTE = Permission("log a dispute", place=STREET | {Role.DISPATCHER})
ASSIGN_MEDIATOR = Permission("assign a mediator", place=DESK)
MEDIATE = Permission("mediate a dispute", place=DESK)
READ_DISPUTES = Permission("read disputes", place=STREET | {Role.DISPATCHER, Role.ANALYST}, subject={Role.RESIDENT})
READ_DISPUTE_TEXT = Permission("read who is in a dispute and what was said", place=DESK, subject={Role.RESIDENT})

RAISE_ISSUE = Permission(
    "raise an issue", place=STREET | {Role.DISPATCHER, Role.PROPERTY_MANAGER}, subject={Role.RESIDENT}
)
RELEASE_TITLE = Permission("release the title of a resident's item", place=DESK)
COMMIT = Permission("promise something", place=DESK | {Role.PROPERTY_MANAGER}, organisation={Role.PARTNER})
FULFIL = Permission("say that a promise is kept", place=DESK | {Role.PROPERTY_MANAGER}, organisation={Role.PARTNER})
RESOLVE_ISSUE = Permission("say that an issue is resolved", place=DESK | {Role.PROPERTY_MANAGER})
ANSWER = Permission("say whether an issue is really resolved", place=STREET, subject={Role.RESIDENT})
READ_ISSUES = Permission("read issues", place=AROUND, organisation={Role.PARTNER}, subject={Role.RESIDENT})
READ_ISSUE_TEXT = Permission("read what was written about an issue", place=STREET, subject={Role.RESIDENT})

ERASE_TEXT = Permission("erase what was written about a case", place={Role.SUPERVISOR})

HOLD_SESSION = Permission("call and hold a session", place=DESK)
READ_SESSIONS = Permission("read sessions", place=AROUND | {Role.RESIDENT}, organisation={Role.PARTNER})
READ_MINUTES = Permission("read the minutes of a session", place=DESK)
READ_ACCESS_LOG = Permission("read the access log", place={Role.OVERSEER})
READ_EVENTS = Permission("read the log", unscoped={Role.SYSTEM})
