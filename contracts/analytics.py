"""Events of analytics: alerts and what becomes of them, reported figures, and what a source covers."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from contracts.common import (
    HOME_ZONE,
    PRINTABLE,
    Category,
    Event,
    EventRef,
    Frozen,
    Identifier,
    Instant,
    Place,
    Sealed,
    ZoneName,
)


class Severity(StrEnum):
    """How much an alert asks of an officer."""

    NOTICE = "notice"
    ATTENTION = "attention"
    ALARM = "alarm"


class Span(Frozen):
    """Days, both inclusive.

    Attributes:
        first, last: calendar days in the zone of what it is a span of.
    """

    first: date
    last: date


Evidence = Annotated[tuple[EventRef, ...], Field(min_length=1, max_length=500)]


class AlertRaised(Event):
    """A rule found what it looks for.

    Attributes:
        alert: deterministic id of rule version, key and window. rule, rule_version: which rule said so.
        key: what it counted by, such as a unit's id. place: where. severity: how much it asks.
        window_from, window_to: the span of time that was looked at. count: how many it counted.
        evidence: the very events. due_at: the deadline that passed, where that is the reason.
    """

    type: ClassVar[str] = "analytics.alert-raised.v1"
    alert: Identifier
    rule: Identifier
    rule_version: Annotated[int, Field(ge=1)]
    key: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    place: Place
    severity: Severity
    window_from: Instant
    window_to: Instant
    count: Annotated[int, Field(ge=1)]
    evidence: Evidence
    due_at: Instant | None = None


class AlertRevised(Event):
    """More, or other, evidence belongs to an alert; it is the same alert.

    Attributes:
        alert, place: which, where. count, evidence, window_from, window_to: as they are known now.
    """

    type: ClassVar[str] = "analytics.alert-revised.v1"
    alert: Identifier
    place: Place
    window_from: Instant
    window_to: Instant
    count: Annotated[int, Field(ge=0)]
    evidence: tuple[EventRef, ...]


class AlertReopened(Event):
    """An alert that nobody had to deal with any longer asks for an officer again.

    It was closed and its unit went on, or nothing of it was left and a new report made it hold again.

    Attributes:
        alert, place: which, where. count: how many are in evidence now.
    """

    type: ClassVar[str] = "analytics.alert-reopened.v1"
    alert: Identifier
    place: Place
    count: Annotated[int, Field(ge=1)]


class AlertAcknowledged(Event):
    """Somebody took it.

    Attributes:
        alert, place: which, where. by: who, as an id.
    """

    type: ClassVar[str] = "analytics.alert-acknowledged.v1"
    alert: Identifier
    place: Place
    by: Identifier


class AlertEscalated(Event):
    """Nobody took it in time, and somebody above was told.

    Attributes:
        alert, place: which, where. to: who was told, as an id; ``not-named`` where no supervisor is named for the
        place. Events of older releases name the role.
    """

    type: ClassVar[str] = "analytics.alert-escalated.v1"
    alert: Identifier
    place: Place
    to: Identifier


class AlertClosed(Event):
    """An officer is done with it, and says whether it was right.

    Attributes:
        alert, place: which, where. by: who, as an id. feedback: was it right.
        note: more, under the case's key.
    """

    type: ClassVar[str] = "analytics.alert-closed.v1"
    alert: Identifier
    place: Place
    by: Identifier
    feedback: Literal["acted", "no-action-needed", "false-alarm"]
    note: Sealed | None = None


class IndicatorReported(Event):
    """An outside party reports a figure for a span of days, such as a firm's monthly security cost.

    Attributes:
        indicator: which figure. source: who reports. place: for where. span: for which days.
        value: the figure, in ``unit``. unit: such as CNY or persons.
        awaits_release: it is far from what the source reported before, or its first; it counts once it is released.
    """

    type: ClassVar[str] = "analytics.indicator-reported.v1"
    indicator: Identifier
    source: Identifier
    place: Place
    span: Span
    value: Annotated[float, Field(allow_inf_nan=False)]
    unit: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    awaits_release: bool = False


class IndicatorCorrected(Event):
    """The party that reported a figure reports it again for the same span; the first stays visible.

    Attributes:
        indicator, source, place, span, unit: which report. value: what is right.
        awaits_release: it is far from what the source reported before; until it is released, that counts.
    """

    type: ClassVar[str] = "analytics.indicator-corrected.v1"
    indicator: Identifier
    source: Identifier
    place: Place
    span: Span
    value: Annotated[float, Field(allow_inf_nan=False)]
    unit: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    awaits_release: bool = False


class IndicatorReleased(Event):
    """A supervisor has looked at a reported figure that waited, and it counts from now on.

    Attributes:
        indicator, source, place, span, value, unit: which report, and what it says. by: the supervisor, as an id.
    """

    type: ClassVar[str] = "analytics.indicator-released.v1"
    indicator: Identifier
    source: Identifier
    place: Place
    span: Span
    value: Annotated[float, Field(allow_inf_nan=False)]
    unit: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    by: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=PRINTABLE)]


PositionsRead = Annotated[dict[Identifier, Annotated[int, Field(ge=0)]], Field(max_length=16)]
"""How far each log was read, by its name."""


class CoverageDeclared(Event):
    """What a source's figures cover; only what is covered can be compared.

    Attributes:
        source: whose figures. place: for where. categories: of which kinds; all where empty.
        span: from and to which day. gaps: days within it that are missing. zone: whose days.
        continues: the source that told of this place before the span; the figures of both are added up.
        complete_at: positions of the logs that hold all of it; until a reader has come that far, it has seen only a
        part of what is covered. Empty where nobody said.
    """

    type: ClassVar[str] = "analytics.coverage-declared.v1"
    source: Identifier
    place: Place
    categories: tuple[Category, ...] = ()
    span: Span
    gaps: tuple[Span, ...] = ()
    zone: ZoneName = HOME_ZONE
    complete_at: PositionsRead = Field(default_factory=dict)
    continues: Identifier | None = None


class FiguresExported(Event):
    """Somebody took the city's figures out; written before they were handed over.

    Attributes:
        place: of which city. purpose: what for. at: up to which position of the city's log.
    """

    type: ClassVar[str] = "analytics.figures-exported.v1"
    place: Place
    purpose: Literal["data-platform", "planning", "statistics", "research"]
    at: Annotated[int, Field(ge=0)]


class CityEventsRead(Event):
    """The city's data platform read the city's log; written before the events were handed over.

    Attributes:
        place: of which city. after: behind which position it read. at: position of the last event that it was handed.
        count: of the events.
    """

    type: ClassVar[str] = "analytics.city-events-read.v1"
    place: Place
    after: Annotated[int, Field(ge=0, le=2**62)]
    at: Annotated[int, Field(ge=1, le=2**62)]
    count: Annotated[int, Field(ge=1, le=10_000)]


ALERTS: tuple[type[Event], ...] = (
    AlertRaised,
    AlertRevised,
    AlertReopened,
    AlertAcknowledged,
    AlertEscalated,
    AlertClosed,
)
"""What becomes of an alert: the messages of the topic of alerts."""

EVENTS: tuple[type[Event], ...] = (
    *ALERTS,
    IndicatorReported,
    IndicatorCorrected,
    IndicatorReleased,
    CoverageDeclared,
    FiguresExported,
    CityEventsRead,
)
