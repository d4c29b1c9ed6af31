"""What a caller may see or change: by place, by what their organisation has promised, or as the person concerned."""

import sqlalchemy as sa

from services.chassis.access import OutsideScope, Principal, Scope, place_filter
from services.chassis.http import Caller
from services.chassis.reading import Row
from services.mediation.domain.dispute import Dispute, DisputePhase
from services.mediation.domain.issue import Issue
from services.mediation.domain.refusals import DisputeUnknown, IssueUnknown, SessionUnknown
from services.mediation.domain.session import Session
from services.mediation.permissions import MEDIATE, READ_DISPUTES, READ_ISSUES, READ_SESSIONS
from services.mediation.views import issues, meetings
from services.mediation.views.tables import commitments, disputes, sessions
from services.mediation.views.tables import issues as issues_table

Condition = sa.ColumnElement[bool]


def disputes_seen(principal: Principal) -> Condition:
    """The disputes that a question is answered about."""
    if READ_DISPUTES.scope(principal.role) is Scope.SUBJECT:
        return disputes.c.parties.contains([principal.subject])
    seen = place_filter(disputes.c.place, principal)
    return sa.or_(seen, disputes_mediated(principal)) if principal.role in MEDIATE.roles else seen


def disputes_mediated(principal: Principal) -> Condition:
    """The disputes that the caller was assigned to and that are not resolved."""
    return sa.and_(disputes.c.mediator == principal.id, disputes.c.phase != DisputePhase.RESOLVED)


def mediates(principal: Principal, row: Row) -> bool:
    """Whether the caller was assigned to the dispute of a row, and it is not resolved."""
    assigned: bool = row["mediator"] == principal.id and row["phase"] != DisputePhase.RESOLVED
    return principal.role in MEDIATE.roles and assigned


def require_readable(principal: Principal, row: Row) -> None:
    """Lets the reading of a dispute's row through.

    Raises:
        OutsideScope: it is not the caller's to read.
    """
    if READ_DISPUTES.scope(principal.role) is Scope.SUBJECT:
        if principal.subject not in row["parties"]:
            raise OutsideScope
    elif not (principal.sees(row["place"]) or mediates(principal, row)):
        raise OutsideScope


def issues_seen(principal: Principal) -> Condition:
    """The issues that a question is answered about."""
    scope = READ_ISSUES.scope(principal.role)
    if scope is Scope.SUBJECT:
        return issues_table.c.raised_by == principal.subject
    if scope is Scope.ORGANISATION:
        return issues.owed_by(principal.org or "")
    return place_filter(issues_table.c.place, principal)


def promises_seen(principal: Principal) -> Condition:
    """The commitments that a question is answered about."""
    scope = READ_ISSUES.scope(principal.role)
    if scope is Scope.SUBJECT:
        own = sa.select(issues_table.c.issue).where(issues_table.c.raised_by == principal.subject)
        return commitments.c.issue.in_(own)
    if scope is Scope.ORGANISATION:
        return commitments.c.owner == principal.org
    return place_filter(commitments.c.place, principal)


def sessions_seen(principal: Principal) -> Condition:
    """The sessions that a question is answered about."""
    if READ_SESSIONS.scope(principal.role) is Scope.ORGANISATION:
        return meetings.concern(principal.org or "")
    return place_filter(sessions.c.place, principal)


def may_settle(caller: Caller, dispute: Dispute) -> None:
    """Lets a command through to its dispute.

    Raises:
        DisputeUnknown: nobody logged it. OutsideScope: it is not the caller's.
    """
    if dispute.log is None:
        raise DisputeUnknown
    caller.principal.require(dispute.log.place)


def may_mediate(caller: Caller, dispute: Dispute) -> None:
    """The same, and through to a dispute that the caller was assigned to, wherever it is, until it is resolved."""
    if not own_dispute(caller, dispute):
        may_settle(caller, dispute)


def own_dispute(caller: Caller, dispute: Dispute) -> bool:
    """Whether the caller was assigned to the dispute, and it is not resolved."""
    principal = caller.principal
    return principal.role in MEDIATE.roles and dispute.mediator == principal.id and dispute.resolved is None


def may_read_dispute(caller: Caller, dispute: Dispute) -> None:
    """Lets the reading of what was said through: as ``may_mediate``, and a resident's who is a party."""
    if caller.scope is not Scope.SUBJECT:
        may_mediate(caller, dispute)
    elif dispute.log is None:
        raise DisputeUnknown
    elif caller.principal.subject not in dispute.subjects:
        raise OutsideScope


def may_work_on(caller: Caller, issue: Issue) -> None:
    """Lets a command through to its issue.

    Raises:
        IssueUnknown: nobody raised it. OutsideScope: it is not the caller's.
    """
    if issue.raised is None:
        raise IssueUnknown
    if caller.scope is Scope.SUBJECT:
        caller.principal.require_subject(issue.raised.raised_by)
    elif caller.scope is Scope.ORGANISATION:
        if caller.principal.org not in {made.owner for made in issue.commitments}:
            raise OutsideScope
    else:
        caller.principal.require(issue.raised.place)


def may_hold(caller: Caller, session: Session) -> None:
    """Lets a command through to its session.

    Raises:
        SessionUnknown: nobody announced it. OutsideScope: it is not the caller's.
    """
    if session.announced is None:
        raise SessionUnknown
    caller.principal.require(session.announced.place)
