"""HTTP as all services speak it: problems, pages, conditions, positions, health, documentation."""

from services.chassis.http.app import create_service_app
from services.chassis.http.commands import (
    CommandAnswer,
    CommandCall,
    Context,
    CorrelationId,
    EventMade,
    service_context,
)
from services.chassis.http.declared import Asked, Caller, Noun, Rule, ruled_below
from services.chassis.http.health import Check, NotReady
from services.chassis.http.paging import Listed, Page, Paging
from services.chassis.http.positions import PositionVector
from services.chassis.http.problems import ProblemDocument
from services.chassis.http.reads import View, reads
from services.chassis.http.refusals import CursorBroken, HeaderMalformed, NotFound, RequestRefused

__all__ = [
    "Asked",
    "Caller",
    "Check",
    "CommandAnswer",
    "CommandCall",
    "Context",
    "CorrelationId",
    "CursorBroken",
    "EventMade",
    "HeaderMalformed",
    "Listed",
    "NotFound",
    "NotReady",
    "Noun",
    "Page",
    "Paging",
    "PositionVector",
    "ProblemDocument",
    "RequestRefused",
    "Rule",
    "View",
    "create_service_app",
    "reads",
    "ruled_below",
    "service_context",
]
