"""Questions about alerts: the list, one with its evidence, and who was told."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query
from fastapi import Path as PathParameter

from contracts.common import Identifier, Place
from services.analytics import answers, permissions, words
from services.analytics.deciders import ALERT
from services.analytics.delivery import ledger
from services.analytics.rules.rule import by_name
from services.analytics.views.alerts import alerts
from services.analytics.views.sight import Row
from services.chassis.access import Principal, permit, place_filter, within
from services.chassis.http import Context, Listed, NotFound, Paging, View, reads
from services.chassis.reading import paged, row, rows

router = APIRouter(tags=["alerts"])
AlertId = Annotated[Identifier, PathParameter(examples=["repeated-disturbance-1-3f2a9c0d41b7e855"])]
Alerts = Annotated[View, reads("alerts")]
Reader = Annotated[Principal, permit(permissions.READ_ALERTS)]
State = Literal["open", "raised", "acknowledged", "closed", "settled", "all"]
UNKNOWN = NotFound("alert", "Check its id and your places.")


def _in_state(state: State) -> "sa.ColumnElement[bool]":
    left = alerts.c.count > 0
    conditions = {
        "open": alerts.c.state.in_(["raised", "acknowledged"]) & left,
        "raised": (alerts.c.state == "raised") & left,
        "acknowledged": (alerts.c.state == "acknowledged") & left,
        "closed": alerts.c.state == "closed",
        "settled": (alerts.c.state != "closed") & ~left,
        "all": sa.true(),
    }
    return conditions[state]


@router.get("/alerts", summary="List alerts")
async def list_alerts(
    *,
    context: Context,
    principal: Reader,
    page: Paging,
    view: Alerts,
    state: State = "open",
    place: Place | None = None,
    rule: Identifier | None = None,
) -> Listed[answers.AlertAnswer]:
    """Alerts within the caller's places, the latest first; ``settled``: nothing of what was found is left."""
    seen = place_filter(alerts.c.place, principal) & _in_state(state)
    if place is not None:
        seen &= within(alerts.c.place, (place,))
    if rule is not None:
        seen &= alerts.c.rule == rule
    key = ["raised_at", "id"]
    query = paged(sa.select(alerts).where(seen), key, page.after(datetime, str), page.limit, descending=True)
    found = await rows(context.database.engine, query)
    items = [answers.AlertAnswer.model_validate(answers.alert(one, by_name())) for one in found]
    return view.listed(items, page, key=lambda item: (item.raised_at, item.id))


@router.get("/alerts/{alert}", summary="Read an alert")
async def read_alert(alert: AlertId, context: Context, principal: Reader, view: Alerts) -> answers.AlertInFull:
    """The alert with the very events that are its evidence, its history, and who was told."""
    found = await _one(context, principal, alert)
    fields = answers.alert(found, by_name())
    history = await context.store.load(ALERT.stream(alert))
    view.version(found["version"])
    return answers.AlertInFull.model_validate(
        fields
        | {
            "evidence": [dict(line) for line in await _evidence(context, fields["evidence"])],
            "history": [dict(answers.step(past)) for past in history],
            "deliveries": [dict(one) for one in await _attempts(context, alert)],
        }
    )


@router.get("/alerts/{alert}/deliveries", summary="Read who was told of an alert")
async def read_deliveries(
    alert: AlertId, context: Context, principal: Reader, page: Paging, view: Alerts
) -> Listed[answers.Attempt]:
    """Each message about the alert and its escalation, in the words that were sent, and where its delivery stands."""
    await _one(context, principal, alert)
    items = await _attempts(context, alert)
    return view.listed(items[: page.limit], page, key=lambda item: (item.id,))


@router.get("/mailbox", summary="Read the mailbox")
async def read_mailbox(
    *,
    context: Context,
    principal: Annotated[Principal, permit(permissions.READ_MAIL)],
    page: Paging,
    view: Alerts,
    place: Place | None = None,
    mine: Annotated[bool, Query(description="Only what is addressed to the caller.")] = False,
) -> Listed[answers.Attempt]:
    """What the caller is told, and for who may see alerts what others are told within their places; latest first.

    A message without a recipient is left out once a person has received it.
    """
    seen = ledger.tasks.c.recipient == principal.identifier
    if not mine and principal.role in permissions.READ_ALERTS.roles:
        seen |= place_filter(ledger.tasks.c.place, principal)
    seen &= ledger.tasks.c.recipient.is_not(None) | ledger.UNADDRESSED
    if place is not None:
        seen &= within(ledger.tasks.c.place, (place,))
    key = ["created_at", "id"]
    query = paged(sa.select(ledger.tasks).where(seen), key, page.after(datetime, str), page.limit, descending=True)
    found = await rows(context.database.engine, query)
    created = {one["id"]: one["created_at"] for one in found}
    return view.listed([_attempt(one) for one in found], page, key=lambda item: (created[item.id], item.id))


async def _one(context: Context, principal: Principal, alert: str) -> Row:
    seen = place_filter(alerts.c.place, principal) & (alerts.c.id == alert)
    found = await row(context.database.engine, sa.select(alerts).where(seen))
    if found is None:
        raise UNKNOWN
    return found


async def _evidence(context: Context, refs: Sequence[dict[str, Any]]) -> list[answers.Line]:
    known = [ref for ref in refs if ref["source"] in context.readers]
    read = await asyncio.gather(*(context.readers[ref["source"]].read(ref["position"] - 1, 1) for ref in known))
    return [answers.evidence(event) for events in read for event in events]


async def _attempts(context: Context, alert: str) -> list[answers.Attempt]:
    query = (
        sa.select(ledger.tasks)
        .where(ledger.tasks.c.about == alert)
        .order_by(ledger.tasks.c.created_at, ledger.tasks.c.id)
    )
    return [_attempt(one) for one in await rows(context.database.engine, query)]


def _attempt(found: Row) -> answers.Attempt:
    said = words.Words(found["zh"], found["en"])
    body = words.Words(f"{said.zh}（{found['place']}）", f"{said.en} ({found['place']})")
    same = ("id", "kind", "about", "place", "channel", "state", "at", "next_at", "seconds", "error")
    return answers.Attempt(
        **{name: found[name] for name in same},
        alert=found["about"] if found["kind"] in {"alert", "escalation"} else None,
        words=answers.pair(said),
        body=answers.pair(body),
        to=found["recipient"],
        attempt=found["attempts"],
    )
