"""Which incidents a caller may see or work on: by place, by the task that they were given, or as the one who told."""

from collections.abc import Iterable

import sqlalchemy as sa

from services.chassis.access import OutsideScope, Principal, Scope, place_filter
from services.chassis.http import Caller
from services.chassis.reading import Row
from services.incidents.domain.incident import Incident, Phase
from services.incidents.domain.refusals import IncidentUnknown
from services.incidents.permissions import ATTEND, READ
from services.incidents.views.tables import OPEN, incidents


def officer_id(principal: Principal) -> str:
    """The caller as an officer."""
    return principal.identifier


def in_places(caller: Caller, incident: Incident) -> None:
    """Lets a command through to an incident in the caller's places; raises IncidentUnknown or OutsideScope."""
    if incident.report is None:
        raise IncidentUnknown
    caller.principal.require(incident.report.place)


def in_places_or_sent(caller: Caller, incident: Incident) -> None:
    """The same, and through to an incident that the caller was sent to, wherever it is, until it is resolved."""
    if not own_task(caller, incident):
        in_places(caller, incident)


def may_read(caller: Caller, incident: Incident) -> None:
    """Lets the reading of what was written through: as ``in_places_or_sent``, and a resident's own report."""
    if incident.report is None:
        raise IncidentUnknown
    if caller.scope is Scope.SUBJECT:
        caller.principal.require_subject(incident.report.caller)
    else:
        in_places_or_sent(caller, incident)


def own_task(caller: Caller, incident: Incident) -> bool:
    """Whether the incident is the caller's own: they were sent there and it is not resolved, or they reported it."""
    if caller.scope is Scope.SUBJECT:
        return True
    return caller.principal.role in ATTEND.roles and incident.is_task_of(officer_id(caller.principal))


def sent(principal: Principal, row: Row) -> bool:
    """Whether the caller was sent to the incident of a row, and it is not resolved."""
    return (
        principal.role in ATTEND.roles and row["phase"] != Phase.RESOLVED and officer_id(principal) in row["officers"]
    )


def require_readable(principal: Principal, row: Row) -> None:
    """Lets the reading of an incident's row through.

    Raises:
        OutsideScope: it is not the caller's to read.
    """
    if READ.scope(principal.role) is Scope.SUBJECT:
        principal.require_subject(row["caller"])
    elif not (principal.sees(row["place"]) or sent(principal, row)):
        raise OutsideScope


def incidents_seen(principal: Principal) -> "sa.ColumnElement[bool]":
    """The incidents that a question is answered about."""
    if READ.scope(principal.role) is Scope.SUBJECT:
        return incidents.c.caller == principal.subject
    seen = place_filter(incidents.c.place, principal)
    if principal.role in ATTEND.roles:
        return sa.or_(seen, tasks_of([officer_id(principal)]))
    return seen


def tasks_of(officers: Iterable[str]) -> "sa.ColumnElement[bool]":
    """The incidents that any of these officers was sent to and that are not resolved."""
    return sa.and_(OPEN, incidents.c.officers.overlap(list(officers)))
