"""An incident: what was reported, who went, how far it has come."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from contracts.common import Category, Event
from contracts.incidents import (
    IncidentReopened,
    IncidentReported,
    IncidentResolved,
    IncidentTriaged,
    OfficersArrived,
    OfficersDispatched,
    OfficersEnRoute,
    OfficersRecalled,
    Priority,
)


class Phase(StrEnum):
    """How far an incident has come."""

    REPORTED = "reported"
    TRIAGED = "triaged"
    DISPATCHED = "dispatched"
    EN_ROUTE = "en-route"
    ARRIVED = "arrived"
    RESOLVED = "resolved"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Incident:
    """What the rules need to know.

    Attributes:
        report: the report, None where nobody made one. phase: how far it has come.
        category: what it is, as far as is known by now. priority: as judged, if it was.
        dispatched: who was sent, since when. late: whose dispatch was entered after the fact. recalled: who was
            recalled and not sent again. en_route, arrived: who said so.
        resolved: how and when it was resolved, where it is. reopened_at: when it was last reopened, if it was.
    """

    report: IncidentReported | None = None
    phase: Phase = Phase.REPORTED
    category: Category = "other"
    priority: Priority | None = None
    dispatched: tuple[tuple[str, datetime], ...] = ()
    late: frozenset[str] = frozenset()
    recalled: frozenset[str] = frozenset()
    en_route: frozenset[str] = frozenset()
    arrived: frozenset[str] = frozenset()
    resolved: IncidentResolved | None = None
    reopened_at: datetime | None = None

    @property
    def place(self) -> str:
        """Where it happened; empty where nobody reported it."""
        return self.report.place if self.report else ""

    def dispatched_at(self, officer: str) -> datetime | None:
        """When the officer was sent, None where nobody sent them."""
        return dict(self.dispatched).get(officer)

    def is_task_of(self, officer: str) -> bool:
        """Whether the officer was sent there and the incident is not resolved yet."""
        return self.resolved is None and self.dispatched_at(officer) is not None


def evolve(incident: Incident, event: Event) -> Incident:  # noqa: PLR0911 - one answer an event
    """The incident after one more event."""
    match event:
        case IncidentReported():
            return Incident(report=event, category=event.category)
        case IncidentTriaged():
            waiting = incident.phase in {Phase.REPORTED, Phase.REOPENED}
            phase = Phase.TRIAGED if waiting else incident.phase
            return replace(incident, phase=phase, priority=event.priority, category=event.category)
        case OfficersDispatched():
            return _dispatched(incident, event)
        case OfficersRecalled():
            return _recalled(incident, event)
        case OfficersEnRoute():
            phase = incident.phase if incident.phase is Phase.ARRIVED else Phase.EN_ROUTE
            return replace(incident, phase=phase, en_route=incident.en_route | {event.officer})
        case OfficersArrived():
            return replace(incident, phase=Phase.ARRIVED, arrived=incident.arrived | {event.officer})
        case IncidentResolved():
            return replace(incident, phase=Phase.RESOLVED, resolved=event)
        case IncidentReopened():
            # officers are sent again, and the wait is counted from now
            return replace(
                incident,
                phase=Phase.REOPENED,
                dispatched=(),
                late=frozenset(),
                recalled=frozenset(),
                en_route=frozenset(),
                arrived=frozenset(),
                resolved=None,
                reopened_at=event.effective_at,
            )
        case _:
            return incident


def _dispatched(incident: Incident, event: OfficersDispatched) -> Incident:
    moving = incident.phase in {Phase.EN_ROUTE, Phase.ARRIVED}
    return replace(
        incident,
        phase=incident.phase if moving else Phase.DISPATCHED,
        dispatched=(*incident.dispatched, *((officer, event.effective_at) for officer in event.officers)),
        late=incident.late.union(event.officers) if event.entered_late else incident.late.difference(event.officers),
        recalled=incident.recalled.difference(event.officers),
    )


def _recalled(incident: Incident, event: OfficersRecalled) -> Incident:
    gone = frozenset(event.officers)
    left = replace(
        incident,
        dispatched=tuple(sent for sent in incident.dispatched if sent[0] not in gone),
        recalled=incident.recalled | gone,
        en_route=incident.en_route - gone,
        arrived=incident.arrived - gone,
    )
    waiting = Phase.TRIAGED if incident.priority else Phase.REOPENED if incident.reopened_at else Phase.REPORTED
    return replace(left, phase=progress(left.dispatched, left.en_route, left.arrived) or waiting)


def progress(dispatched: Collection[object], en_route: Collection[str], arrived: Collection[str]) -> Phase | None:
    """How far those have come who were sent; None where no officer is."""
    if arrived:
        return Phase.ARRIVED
    if en_route:
        return Phase.EN_ROUTE
    return Phase.DISPATCHED if dispatched else None
