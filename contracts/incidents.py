"""Events of incidents: what was reported, who went, how it ended."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from contracts.common import PRINTABLE, Category, ErasureGround, Event, Identifier, Occurred, Place, Point, Sealed


class Channel(StrEnum):
    """How a report reached the platform."""

    PHONE_110 = "phone-110"
    HOTLINE_12345 = "hotline-12345"
    COUNTER = "counter"
    PATROL = "patrol"
    APP = "app"
    SENSOR = "sensor"
    IMPORT = "import"


class Priority(StrEnum):
    """How soon somebody must be there."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    ROUTINE = "routine"


DUTY_LASTS = timedelta(hours=12)
"""A duty that was not ended is over after this."""

Officers = Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=20)]


class IncidentReported(Event):
    """Somebody told of something that happened; ``effective_at`` is the earliest it can have.

    Attributes:
        incident: its id. category: what it is. place: where; its nearest known path.
        occurred: when, as an interval. channel: how it was told.
        source_unit: the unit it comes from (noise is counted against it, never against the caller's).
        caller_unit: whence the caller told of it. caller: who, as a subject id.
        description: what was told, under the case's key. location: on a map.
        drill: an exercise; counted nowhere. source: whose figures it belongs to (``live`` for the
        platform's own, else an import's source). source_id: what that source calls it.
        source_category: the category in that source's own words.
    """

    type: ClassVar[str] = "incidents.incident-reported.v1"
    incident: Identifier
    category: Category
    place: Place
    occurred: Occurred
    channel: Channel
    source_unit: Identifier | None = None
    caller_unit: Identifier | None = None
    caller: Identifier | None = None
    description: Sealed | None = None
    location: Point | None = None
    drill: bool = False
    source: Identifier = "live"
    source_id: Annotated[str, StringConstraints(max_length=120, pattern=PRINTABLE)] | None = None
    source_category: Annotated[str, StringConstraints(max_length=120, pattern=PRINTABLE)] | None = None


class IncidentTriaged(Event):
    """A dispatcher judged how soon somebody must be there.

    Attributes:
        incident, place: which, where. priority: how soon. category: what it really is, where that changed.
    """

    type: ClassVar[str] = "incidents.incident-triaged.v1"
    incident: Identifier
    place: Place
    priority: Priority
    category: Category


class OfficersDispatched(Event):
    """Officers were sent.

    Attributes:
        incident, place: which, where. officers: who, as ids.
        entered_late: entered well after it was done, as after an outage; waits that follow from it are not measured.
    """

    type: ClassVar[str] = "incidents.officers-dispatched.v1"
    incident: Identifier
    place: Place
    officers: Officers
    entered_late: bool = False


class OfficersRecalled(Event):
    """Officers are no longer sent; the case is not theirs any more.

    Attributes:
        incident, place: which, where. officers: who, as ids.
    """

    type: ClassVar[str] = "incidents.officers-recalled.v1"
    incident: Identifier
    place: Place
    officers: Officers


class OfficersEnRoute(Event):
    """Officers are on their way.

    Attributes:
        incident, place: which, where. officer: who said so.
    """

    type: ClassVar[str] = "incidents.officers-en-route.v1"
    incident: Identifier
    place: Place
    officer: Identifier


class OfficersArrived(Event):
    """Officers are there.

    Attributes:
        incident, place: which, where. officer: who is there.
        waited_seconds: from when the platform learned of it, or from its last reopening.
        measured: false where the dispatch or the report was entered after the fact; the wait is then counted between
        the times as they were told, and is no response time.
    """

    type: ClassVar[str] = "incidents.officers-arrived.v1"
    incident: Identifier
    place: Place
    officer: Identifier
    waited_seconds: Annotated[int, Field(ge=0)]
    measured: bool = True


class IncidentResolved(Event):
    """The incident is dealt with.

    Attributes:
        incident, place: which, where. outcome: how it ended. note: more, under the case's key.
    """

    type: ClassVar[str] = "incidents.incident-resolved.v1"
    incident: Identifier
    place: Place
    outcome: Literal["settled", "handed-to-mediation", "handed-to-investigation", "unfounded", "duplicate"]
    note: Sealed | None = None


NOT_AN_INCIDENT = frozenset({"unfounded", "duplicate"})
"""Outcomes of a report that is no incident of its own: neither rules nor figures count it."""


class IncidentReopened(Event):
    """It was not over.

    Attributes:
        incident, place: which, where. reason: why, under the case's key.
    """

    type: ClassVar[str] = "incidents.incident-reopened.v1"
    incident: Identifier
    place: Place
    reason: Sealed | None = None


class CaseOpened(Event):
    """Somebody read what was written about an incident; the envelope says who.

    Attributes:
        incident, place: which, where. purpose: why, as stated or from the reader's own task.
        own_task: it was the reader's to deal with then, as an officer sent there, or their own report.
        fields: what was shown.
    """

    type: ClassVar[str] = "incidents.case-opened.v1"
    incident: Identifier
    place: Place
    purpose: Literal["response", "investigation", "mediation", "review", "resident-request", "emergency"]
    own_task: bool
    fields: Annotated[tuple[Literal["description", "note", "reason"], ...], Field(min_length=1)]


class TextErased(Event):
    """The key of what was written about an incident was destroyed; the envelope says by whom.

    Attributes:
        incident, place: which, where. ground: why it may and must be.
    """

    type: ClassVar[str] = "incidents.text-erased.v1"
    incident: Identifier
    place: Place
    ground: ErasureGround


class DutyStarted(Event):
    """An officer came on duty. It ends with ``DutyEnded``, or by itself after ``DUTY_LASTS``.

    Attributes:
        officer: who, as an id. place: where the officer is posted.
    """

    type: ClassVar[str] = "incidents.duty-started.v1"
    officer: Identifier
    place: Place


class DutyEnded(Event):
    """An officer went off duty.

    Attributes:
        officer: who, as an id. place: where the officer was posted.
    """

    type: ClassVar[str] = "incidents.duty-ended.v1"
    officer: Identifier
    place: Place


EVENTS: tuple[type[Event], ...] = (
    IncidentReported,
    IncidentTriaged,
    OfficersDispatched,
    OfficersRecalled,
    OfficersEnRoute,
    OfficersArrived,
    IncidentResolved,
    IncidentReopened,
    CaseOpened,
    TextErased,
    DutyStarted,
    DutyEnded,
)
