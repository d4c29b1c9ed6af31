"""The live feed: the last few hundred happenings of each log, with a type and neutral values; nothing personal."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import asyncpg
import orjson
import sqlalchemy as sa

from contracts import analytics, incidents, mediation, registry
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

Payload = Mapping[str, Any]
Values = dict[str, str | int]


def _nothing(_: Payload) -> Values:
    return {}


def _of(*fields: str, **renamed: str) -> Callable[[Payload], Values]:
    """The values of these fields; a keyword names a field anew."""
    wanted = {field: field for field in fields} | renamed
    return lambda told: {name: told[field] for name, field in wanted.items()}


VALUES: Mapping[str, Callable[[Payload], Values]] = {
    registry.BuildingRegistered.type: _nothing,
    registry.UnitClassified.type: _of(use="use_class"),
    registry.UnitRecordCorrected.type: _of(use="use_class"),
    registry.UseObserved.type: _of(use="observed_use"),
    registry.OperatorAssigned.type: _nothing,
    registry.TenancyStarted.type: _of(tenancy="category"),
    registry.OccupantVerified.type: _nothing,
    registry.VerificationFailed.type: _of("reason"),
    registry.TenantMovedOut.type: _nothing,
    registry.TenancyCorrected.type: _nothing,
    registry.VisitRoundPlanned.type: lambda told: {"doors": len(told["units"])},
    registry.VisitRoundClosed.type: _of("visited", "met"),
    incidents.IncidentReported.type: _of("category"),
    incidents.IncidentTriaged.type: _of("priority"),
    incidents.OfficersDispatched.type: lambda told: {"officers": len(told["officers"])},
    incidents.OfficersRecalled.type: lambda told: {"officers": len(told["officers"])},
    incidents.OfficersEnRoute.type: _nothing,
    incidents.OfficersArrived.type: _nothing,
    incidents.IncidentResolved.type: _of("outcome"),
    incidents.IncidentReopened.type: _nothing,
    mediation.DisputeLogged.type: _of("category"),
    mediation.MediatorAssigned.type: _nothing,
    mediation.SessionHeld.type: _nothing,
    mediation.AgreementReached.type: _nothing,
    mediation.DisputeResolved.type: _of("outcome"),
    mediation.DisputeReopened.type: _nothing,
    mediation.SessionAnnounced.type: _of("kind"),
    mediation.SessionClosed.type: _of("kind"),
    mediation.IssueRaised.type: _of("kind", "title"),
    mediation.CommitmentMade.type: _of("promise", "due_on"),
    mediation.CommitmentFulfilled.type: _nothing,
    mediation.CommitmentMissed.type: _nothing,
    mediation.IssueResolved.type: _nothing,
    mediation.ResolutionConfirmed.type: _nothing,
    mediation.ResolutionDisputed.type: _nothing,
    analytics.AlertRaised.type: _of("rule"),
    analytics.AlertRevised.type: _of("count"),
    analytics.AlertReopened.type: _of("count"),
    analytics.AlertAcknowledged.type: _nothing,
    analytics.AlertEscalated.type: _of("to"),
    analytics.AlertClosed.type: _of("feedback"),
    analytics.IndicatorReported.type: _of("indicator"),
    analytics.IndicatorCorrected.type: _of("indicator"),
}
MORE: Mapping[str, Callable[[Payload], Values]] = {
    registry.OccupantRegistered.type: _nothing,
    analytics.IndicatorReleased.type: _of("indicator"),
}
"""Told as evidence, and not worth a line of the feed."""


def told(recorded: Recorded) -> dict[str, Any]:
    """What the feed tells of an event: its row."""
    payload = orjson.loads(recorded.data)
    values = (VALUES.get(recorded.type) or MORE[recorded.type])(payload)
    return {
        "source": recorded.source,
        "position": recorded.position,
        "id": str(recorded.id),
        "type": recorded.type,
        "at": recorded.effective_at,
        "recorded_at": recorded.recorded_at,
        "place": payload["place"],
        "unit": payload.get("unit") or payload.get("source_unit") or _unit_of_alert(recorded.type, payload),
        "building": payload.get("building"),
        "said": orjson.dumps(values).decode(),
    }


def _unit_of_alert(type_name: str, payload: Payload) -> str | None:
    return payload["key"] if type_name == analytics.AlertRaised.type else None


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
