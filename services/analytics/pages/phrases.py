"""Words of the domain in English; they are said in the viewer's language."""

from collections.abc import Mapping
from typing import Final

from services.analytics.pages.words import mark

USE: Final[Mapping[str, str]] = {
    "hotel": mark("Hotel"),
    "studio": mark("Studio"),
    "rental": mark("Rental"),
    "owner-occupied": mark("Owner-occupied"),
    "vacant": mark("Vacant"),
    "other": mark("Other use"),
}
MARKS: Final[Mapping[str, str]] = {
    "to-verify": mark("to be verified"),
    "overdue": mark("verification overdue"),
    "differs": mark("used otherwise than registered"),
}
INCIDENT_PHASE: Final[Mapping[str, str]] = {
    "reported": mark("waiting for triage"),
    "triaged": mark("waiting for dispatch"),
    "dispatched": mark("dispatched"),
    "en-route": mark("en route"),
    "arrived": mark("on the spot"),
    "resolved": mark("resolved"),
    "reopened": mark("reopened"),
}
PRIORITY: Final[Mapping[str, str]] = {
    "emergency": mark("Emergency"),
    "urgent": mark("Urgent"),
    "routine": mark("Routine"),
}
CHANNEL: Final[Mapping[str, str]] = {
    "phone-110": mark("Phone 110"),
    "hotline-12345": mark("Hotline 12345"),
    "counter": mark("Counter"),
    "patrol": mark("Patrol"),
    "app": mark("App"),
    "sensor": mark("Sensor"),
    "import": mark("Import"),
}
ISSUE_PHASE: Final[Mapping[str, str]] = {
    "raised": mark("Raised"),
    "placed": mark("On the agenda"),
    "committed": mark("Promised"),
    "resolved": mark("Done"),
    "confirmed": mark("Confirmed"),
    "disputed": mark("Not done, says the resident"),
}
DISPUTE_PHASE: Final[Mapping[str, str]] = {
    "logged": mark("Logged"),
    "assigned": mark("Given to a mediator"),
    "mediating": mark("In mediation"),
    "agreed": mark("Agreed"),
    "resolved": mark("Over"),
    "reopened": mark("Reopened"),
}
DISPUTE_OUTCOME: Final[Mapping[str, str]] = {
    "agreement-kept": mark("The agreement is kept"),
    "withdrawn": mark("Withdrawn"),
    "referred": mark("Referred elsewhere"),
    "no-agreement": mark("No agreement"),
}
POINT_PHASE: Final[Mapping[str, str]] = {
    "resolved": mark("Done, to be looked at"),
    "confirmed": mark("Looked at: solved"),
    "disputed": mark("Looked at: not solved"),
}
"""Of a pain point, which no resident has to confirm."""
FEEDBACK: Final[Mapping[str, str]] = {
    "acted": mark("Acted upon"),
    "no-action-needed": mark("No action needed"),
    "false-alarm": mark("False alarm"),
}
DELIVERY: Final[Mapping[str, str]] = {
    "sent": mark("delivered"),
    "delivered": mark("delivered"),
    "failed": mark("failed"),
    "waiting": mark("waiting"),
    "given-up": mark("given up"),
}
TENANCY: Final[Mapping[str, str]] = {
    "long-let": mark("Long let"),
    "short-let": mark("Short let"),
    "owner": mark("Owner"),
}
PURPOSE: Final[Mapping[str, str]] = {
    "verification": mark("Verification"),
    "incident": mark("Incident"),
    "mediation": mark("Mediation"),
    "resident-request": mark("Resident's request"),
    "emergency": mark("Emergency"),
    "correction": mark("Correction"),
}
EXPORT_PURPOSE: Final[Mapping[str, str]] = {
    "data-platform": mark("City's data platform"),
    "planning": mark("Planning"),
    "statistics": mark("Statistics"),
    "research": mark("Research"),
}
FIELD: Final[Mapping[str, str]] = {
    "name": mark("Name"),
    "phone": mark("Phone number"),
    "document": mark("Document number"),
}
SESSION: Final[Mapping[str, str]] = {
    "teahouse": mark("Teahouse"),
    "coordination": mark("Coordination meeting"),
}
