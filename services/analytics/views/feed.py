"""The live feed: the last few hundred happenings of each log, with a type and neutral values; nothing personal."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import asyncpg
import orjson
import sqlalchemy as sa

from contracts import analytics, incidents, mediation, registry
from contracts.common import Event
from services.analytics.views.columns import moment, names, text, text_or_none
from services.chassis.eventstore.types import Recorded
from services.chassis.projections.model import ReadModel

KEPT = 500
"""How many of each log."""

METADATA = sa.MetaData(schema="feed")
lines = sa.Table(
    "lines",
    METADATA,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    text("id"),
    text("type"),
    moment("at"),
    moment("recorded_at"),
    text("place"),
    text_or_none("unit"),
    text_or_none("building"),
    text("said"),
)
COLUMNS = names(lines)
# replicas that read other partitions must see each other's lines before they drop what is no longer among the last
TAKE_TURNS = "lock table lines in share row exclusive mode"
PRUNE = """
delete from lines where source = $1 and position < (
    select min(position) from (select position from lines where source = $1 order by position desc limit $2) as kept
)
"""
IMPORTED = b'"channel":"import"'
"""A history that is read in is no news."""

Values = dict[str, str | int]


def _nothing(_: Event) -> Values:
    return {}


def _of(*fields: str, **renamed: str) -> Callable[[Event], Values]:
    """The values of these fields; a keyword names a field anew."""
    wanted = {field: field for field in fields} | renamed
    return lambda event: {name: _value(getattr(event, field)) for name, field in wanted.items()}


def _value(value: Any) -> str | int:
    return value if isinstance(value, int) else str(value)


VALUES: Mapping[type[Event], Callable[[Any], Values]] = {
    registry.BuildingRegistered: _nothing,
    registry.UnitClassified: _of(use="use_class"),
    registry.UnitRecordCorrected: _of(use="use_class"),
    registry.UseObserved: _of(use="observed_use"),
    registry.OperatorAssigned: _nothing,
    registry.TenancyStarted: _of(tenancy="category"),
    registry.OccupantVerified: _nothing,
    registry.VerificationFailed: _of("reason"),
    registry.TenantMovedOut: _nothing,
    registry.TenancyCorrected: _nothing,
    registry.VisitRoundPlanned: lambda event: {"doors": len(event.units)},
    registry.VisitRoundClosed: _of("visited", "met"),
    incidents.IncidentReported: _of("category"),
    incidents.IncidentTriaged: _of("priority"),
    incidents.OfficersDispatched: lambda event: {"officers": len(event.officers)},
    incidents.OfficersRecalled: lambda event: {"officers": len(event.officers)},
    incidents.OfficersEnRoute: _nothing,
    incidents.OfficersArrived: _nothing,
    incidents.IncidentResolved: _of("outcome"),
    incidents.IncidentReopened: _nothing,
    mediation.DisputeLogged: _of("category"),
    mediation.MediatorAssigned: _nothing,
    mediation.SessionHeld: _nothing,
    mediation.AgreementReached: _nothing,
    mediation.DisputeResolved: _of("outcome"),
    mediation.DisputeReopened: _nothing,
    mediation.SessionAnnounced: _of("kind"),
    mediation.SessionClosed: _of("kind"),
    mediation.IssueRaised: _of("kind", "title"),
    mediation.CommitmentMade: _of("promise", "due_on"),
    mediation.CommitmentFulfilled: _nothing,
    mediation.CommitmentMissed: _nothing,
    mediation.IssueResolved: _nothing,
    mediation.ResolutionConfirmed: _nothing,
    mediation.ResolutionDisputed: _nothing,
    analytics.AlertRaised: _of("rule"),
    analytics.AlertRevised: _of("count"),
    analytics.AlertReopened: _of("count"),
    analytics.AlertAcknowledged: _nothing,
    analytics.AlertEscalated: _of("to"),
    analytics.AlertClosed: _of("feedback"),
    analytics.IndicatorReported: _of("indicator"),
    analytics.IndicatorCorrected: _of("indicator"),
}
MORE: Mapping[type[Event], Callable[[Any], Values]] = {
    registry.OccupantRegistered: _nothing,
    analytics.IndicatorReleased: _of("indicator"),
}
"""Told as evidence, and not worth a line of the feed."""


def values(event: Event) -> Values:
    """The neutral values of an event, for its words."""
    return (VALUES.get(type(event)) or MORE[type(event)])(event)


def told(recorded: Recorded) -> dict[str, Any]:
    """What the feed tells of an event: its row."""
    event: Any = recorded.event
    unit = getattr(event, "unit", None) or getattr(event, "source_unit", None)
    return {
        "source": recorded.source,
        "position": recorded.position,
        "id": str(recorded.id),
        "type": event.type,
        "at": recorded.effective_at,
        "recorded_at": recorded.recorded_at,
        "place": event.place,
        "unit": event.key if isinstance(event, analytics.AlertRaised) else unit,
        "building": getattr(event, "building", None),
        "said": orjson.dumps(values(event)).decode(),
    }


async def apply(connection: "asyncpg.Connection[asyncpg.Record]", events: Sequence[Recorded]) -> None:
    """Adds the batch's newest lines and drops what is no longer among the last."""
    news = [event for event in events if IMPORTED not in event.data]
    # a batch of a topic brings one partition after the other
    news = sorted(news, key=lambda event: event.position)[-KEPT:]
    if not news:
        return
    await connection.execute(TAKE_TURNS)
    rows = [tuple(map(told(event).__getitem__, COLUMNS)) for event in news]
    await connection.copy_records_to_table("lines", records=rows, columns=COLUMNS)
    await connection.execute(PRUNE, events[0].source, KEPT)


FEED = ReadModel(
    name="feed",
    version=2,
    sources=("registry", "incidents", "mediation", "analytics"),
    types=frozenset(VALUES),
    tables=METADATA,
    apply=apply,
)
