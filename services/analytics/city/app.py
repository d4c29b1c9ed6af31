"""The city's log over HTTP: its figures at a position, and the log itself."""

from http import HTTPStatus

import orjson
from fastapi import FastAPI

from services.analytics.city.exporting import NotComeThatFar, exports
from services.analytics.permissions import READ_CITY
from services.chassis.eventstore.types import Recorded
from services.chassis.http import create_service_app
from services.chassis.http.events import events
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
        routers=[exports(analytics), events(READ_CITY, _city)],
        problems={NotComeThatFar: HTTPStatus.BAD_REQUEST},
    )


async def _city(_: ServiceContext, recorded: Recorded) -> str | None:
    city: str | None = orjson.loads(recorded.data).get("city")
    return city
