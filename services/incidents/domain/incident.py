"""An incident: what was reported, who went, how far it has come."""

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
        dispatched: who was sent, since when. en_route, arrived: who said so.
        resolved: how and when it was resolved, where it is.
    """

    report: IncidentReported | None = None
    phase: Phase = Phase.REPORTED
    category: Category = "other"
    priority: Priority | None = None
    dispatched: tuple[tuple[str, datetime], ...] = ()
    en_route: frozenset[str] = frozenset()
    arrived: frozenset[str] = frozenset()
    resolved: IncidentResolved | None = None

    def dispatched_at(self, officer: str) -> datetime | None:
        """When the officer was sent, None where nobody sent them."""
        return dict(self.dispatched).get(officer)


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
            sent = tuple((officer, event.effective_at) for officer in event.officers)
            moving = incident.phase in {Phase.EN_ROUTE, Phase.ARRIVED}
            phase = incident.phase if moving else Phase.DISPATCHED
            return replace(incident, phase=phase, dispatched=incident.dispatched + sent)
        case OfficersEnRoute():
            phase = incident.phase if incident.phase is Phase.ARRIVED else Phase.EN_ROUTE
            return replace(incident, phase=phase, en_route=incident.en_route | {event.officer})
        case OfficersArrived():
            return replace(incident, phase=Phase.ARRIVED, arrived=incident.arrived | {event.officer})
        case IncidentResolved():
            return replace(incident, phase=Phase.RESOLVED, resolved=event)
        case IncidentReopened():
            # whoever goes now is sent anew
            return replace(
                incident,
                phase=Phase.REOPENED,
                dispatched=(),
                en_route=frozenset(),
                arrived=frozenset(),
                resolved=None,
            )
        case _:
            return incident
