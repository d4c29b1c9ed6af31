"""The log of a service over HTTP, for integrators and rebuilds elsewhere: events in commit order after a position."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from contracts.envelope import Envelope
from services.chassis.access import Permission, Principal, Scope, permit
from services.chassis.eventstore.lifted import DATA, TYPE
from services.chassis.eventstore.types import Recorded
from services.chassis.http.commands import Context
from services.chassis.http.refusals import LogReplaced
from services.chassis.service import ServiceContext

HandedOver = Callable[[Request, Principal, list[Recorded]], Awaitable[None]]
"""Puts on record what is about to be handed to a reader other than the platform itself."""

PlaceOf = Callable[[ServiceContext, Recorded], Awaitable[str | None]]
"""Where an event belongs; None: nowhere, and nobody is shown it."""

MOST = 5000
"""Events an answer: some megabytes, written straight from the log's bytes."""


class History(BaseModel):
    """One history of the log; a restore begins a new one."""

    id: Annotated[str, Field(description="Its name.")]
    began_after: Annotated[int, Field(description="The last position that it kept of the one before it.")]


class Events(BaseModel):
    """Events in commit order, without gaps but for what lies outside the caller's places."""

    items: list[Envelope]
    upto: Annotated[int, Field(description="How far the log was read: go on with after=upto.", examples=[1234])]
    head: Annotated[int, Field(description="Position of the log's last event.", examples=[41208])]
    head_recorded_at: Annotated[datetime, Field(description="When that one was recorded.")]
    lineage: Annotated[str, Field(description="Which history of the log this is; a new one after a restore.")]
    lineages: Annotated[list[History], Field(description="All histories of the log, the first first.")]


async def nowhere(_: ServiceContext, __: Recorded) -> str | None:
    """The place of an event of a log that is not shown by place."""
    return None


async def unrecorded(_: Request, __: Principal, ___: list[Recorded]) -> None:
    """Leaves no record; only the platform itself reads the log."""


def events(permission: Permission, place_of: PlaceOf = nowhere, handing_over: HandedOver = unrecorded) -> APIRouter:
    """The router of ``GET /events``.

    Args:
        permission: granted by place, or without bound to the platform itself, which is shown all.
        place_of: where an event belongs, in a log that others read by place.
        handing_over: called with what such a reader is shown, before it is.
    """
    router = APIRouter(tags=["log"])

    @router.get("/events", summary="Read the log", response_model=Events)
    async def read_events(
        request: Request,
        context: Context,
        principal: Annotated[Principal, permit(permission)],
        after: Annotated[int, Query(ge=0, lt=2**62, description="The last position that you have.")] = 0,
        limit: Annotated[int, Query(ge=0, le=MOST, description="Most events to read.")] = 200,
    ) -> Response:
        """Envelopes after a position; personal fields in them are sealed."""
        lineages = await context.store.lineages()
        read = await context.store.read(after, limit) if limit else []
        head = await context.store.head()
        if head.lineage != lineages[-1].id:
            raise LogReplaced
        whole = permission.scope(principal.role) is Scope.NONE
        seen = [past for past in read if whole or principal.sees(await place_of(context, past) or "")]
        if seen and not whole:
            await handing_over(request, principal, seen)
        told = {
            "items": [written(past) for past in seen],
            "upto": read[-1].position if read else after,
            "head": head.position,
            "head_recorded_at": moment(head.recorded_at),
            "lineage": str(head.lineage),
            "lineages": [{"id": str(each.id), "began_after": each.began_after} for each in lineages],
        }
        return Response(orjson.dumps(told), media_type="application/json")

    return router


def written(recorded: Recorded) -> dict[str, Any]:
    """An event as it leaves the service: an ``Envelope``, in today's version; its payload is not parsed for it."""
    about, row = recorded.about, recorded.outward
    effective_at = moment(recorded.effective_at)
    return {
        "specversion": "1.0",
        "id": str(recorded.id),
        "source": recorded.source,
        "type": row[TYPE],
        "subject": recorded.stream,
        "time": effective_at,
        "datacontenttype": "application/json",
        "stream": recorded.stream,
        "version": recorded.version,
        "position": recorded.position,
        "effective_at": effective_at,
        "recorded_at": moment(recorded.recorded_at),
        "causation_id": about.get("causation_id"),
        "correlation_id": about.get("correlation_id"),
        "actor": about["actor"],
        "traceparent": about.get("traceparent"),
        "data": orjson.Fragment(row[DATA]),
    }


def moment(at: datetime) -> str:
    """A moment as contracts write it: ISO 8601 with Z for UTC."""
    return at.isoformat().replace("+00:00", "Z")
