"""The aggregates of this service, for whoever decides: its own shell, an import, a simulation in memory."""

from services.chassis.decider import Decider
from services.mediation.domain import (
    dispute,
    dispute_commands,
    erasure,
    issue,
    issue_commands,
    opening,
    session,
    session_commands,
)

DISPUTE = Decider("dispute", dispute.Dispute(), dispute.evolve, dispute_commands.DECISIONS)
ISSUE = Decider("issue", issue.Issue(), issue.evolve, issue_commands.DECISIONS)
SESSION = Decider("session", session.Session(), session.evolve, session_commands.DECISIONS)
OPENING = Decider[None]("opening", None, opening.evolve, opening.DECISIONS)
"""Who read a case, in a stream beside the case's own, whose version no reading may move."""
ERASURE = Decider[bool]("erasure", False, erasure.evolve, erasure.DECISIONS)
"""Whether what was written was erased, in a stream beside the case's own."""
