"""The city's log over HTTP: its figures at a position, and the log itself."""

from collections import defaultdict
from functools import partial
from http import HTTPStatus

from fastapi import FastAPI, Request

from contracts.city import FiguresPublished
from services.analytics.city.exporting import NotComeThatFar, exports
from services.analytics.deciders import CITY_EXPORT
from services.analytics.domain.city_commands import ReadCityEvents
from services.analytics.permissions import READ_CITY
from services.chassis.access import Principal
from services.chassis.eventstore.types import Recorded
from services.chassis.handler import CommandContext
from services.chassis.http import create_service_app
from services.chassis.http.events import events
from services.chassis.http.guard import CORRELATION
from services.chassis.service import ServiceContext

DESCRIPTION = """
What may leave for a city's data platform: counts by area and period under a policy. No person, no unit, no building,
no small count. A snapshot at a position, and the topic goes on behind it.
"""


def city_app(context: ServiceContext, analytics: ServiceContext) -> FastAPI:
    """What answers for the city's log.

    Args:
        context: of that log. analytics: in whose log each export is put on record.
    """
    return create_service_app(
        "city",
        context,
        title="City",
        description=DESCRIPTION,
        routers=[exports(analytics), events(READ_CITY, _city, partial(_on_record, analytics))],
        problems={NotComeThatFar: HTTPStatus.BAD_REQUEST},
    )


async def _city(_: ServiceContext, recorded: Recorded) -> str | None:
    event = recorded.event
    return event.city if isinstance(event, FiguresPublished) else None


async def _on_record(analytics: ServiceContext, request: Request, principal: Principal, handed: list[Recorded]) -> None:
    """Writes to analytics' log who is about to be handed events of which city."""
    by_city: defaultdict[str, list[int]] = defaultdict(list)
    for recorded in handed:
        if isinstance(event := recorded.event, FiguresPublished):
            by_city[event.city].append(recorded.position)
    sender = CommandContext(principal.actor, correlation_id=request.scope[CORRELATION])
    for city, positions in by_city.items():
        command = ReadCityEvents(place=city, after=positions[0] - 1, at=positions[-1], count=len(positions))
        await analytics.handler.handle(CITY_EXPORT, city, command, sender)
