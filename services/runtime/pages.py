"""The pages of an instance: the wall, the teahouse and the officer's page, over whatever reaches the services."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx
from fastapi import FastAPI

from contracts.common import Role
from services.analytics.pages.mounting import mount as mount_pages
from services.analytics.pages.officer.site import mount as mount_officer
from services.analytics.pages.site import Mode
from services.chassis.access import Principal, check_routes
from services.chassis.clock import Clock
from services.chassis.zones import zone_of
from services.runtime.databases import LOGS
from services.runtime.desk import Desk
from services.runtime.keyed import KeyedAddress

ROUTES = (
    *("/", "/dispatch", "/kpis", "/mailbox", "/map", "/overseer", "/property", "/report", "/sign-in", "/sign-out"),
    *("/start", "/teahouse", "/_nicegui_ws", "/_nicegui/", "/as/", "/look/", "/speak/", "/theme/", "/units/"),
)
"""NiceGUI's routes, the one exemption from declaring a permission: their handlers check."""

FREE = (*(f"/{name}/" for name in LOGS), "/health/", "/asyncapi.json")
"""Beginnings of paths that need no secret in the address: services verify tokens themselves."""

LOOK_AGAIN = 5.0
"""Seconds between two looks at which cities there are."""


@dataclass(frozen=True)
class Pages:
    """What the pages are told.

    Attributes:
        mode: embedded, or services. demonstration: whether what people see is invented. clock, speed: of the instance.
        desk: of the development issuer, where there is one; else viewers bring tokens. watch_token: what the pages
            themselves read with, where there is no desk. home_place: whose figures the wall shows first.
        secret: signs the viewers' cookies, which hold what they chose. key: the secret in the address, where
            the development issuer is on and others reach it.
    """

    mode: Mode
    demonstration: bool
    clock: Clock
    speed: Callable[[], float]
    desk: Desk | None
    home_place: str
    secret: str
    watch_token: str = ""
    key: str = ""


def open_pages(app: FastAPI, client: httpx.AsyncClient, pages: Pages) -> None:
    """Puts the pages on an application; ``client`` reaches the services at their names."""
    desk = pages.desk
    mount_officer(
        app,
        mode=pages.mode,
        demonstration=pages.demonstration,
        clock=pages.clock.now,
        speed=pages.speed,
        zone=lambda beat: zone_of(beat or pages.home_place),
        issue=desk.officer if desk else None,
        officers=desk.offered if desk else lambda: (),
    )
    mount_pages(
        app,
        client=client,
        mode=pages.mode,
        demonstration=pages.demonstration,
        now=pages.clock.now,
        issue_token=desk.token if desk else None,
        cookie_secret=pages.secret,
        watch_token=pages.watch_token,
        home_place=pages.home_place,
    )
    if pages.key:
        app.add_middleware(KeyedAddress, key=pages.key, free=FREE)
    # the pages' handlers check for themselves who may see what; everything else declares it
    check_routes(app, exempt=ROUTES)


async def find_cities(client: httpx.AsyncClient, desk: Desk) -> None:
    """Keeps the desk's places true while cities are imported; until cancelled."""
    while True:
        for city in await _cities(client, desk):
            if city not in desk.roots:
                desk.roots.append(city)
        await asyncio.sleep(LOOK_AGAIN)


async def _cities(client: httpx.AsyncClient, desk: Desk) -> list[str]:
    """None while analytics is away."""
    token = desk.issuer.issue(Principal(Role.SYSTEM, "desk"), timedelta(minutes=5))
    try:
        answer = await client.get("/analytics/cities", headers={"Authorization": f"Bearer {token}"})
        return list(answer.json()["items"]) if answer.is_success else []
    except httpx.HTTPError:
        return []
