"""Puts the pages on a port."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime

import httpx
from fastapi import FastAPI
from nicegui import app as pages_app
from nicegui import background_tasks, ui
from starlette.middleware.sessions import SessionMiddleware

from services.analytics.pages import words
from services.analytics.pages.doors import open_doors
from services.analytics.pages.headers import OwnSocket, PageHeaders
from services.analytics.pages.sessions import COOKIE
from services.analytics.pages.site import LOOK, Mode, Site


def mount(
    app: FastAPI,
    *,
    client: httpx.AsyncClient,
    mode: Mode,
    demonstration: bool,
    now: Callable[[], datetime],
    issue_token: Callable[[str], str] | None,
    cookie_secret: str,
    watch_token: str = "",
    home_place: str = "",
) -> Site:
    """Puts the pages at ``/`` of the app; call it after the services are mounted and before it starts.

    Args:
        app: the port in front. client: HTTP to it. issue_token: a token for a role, with the places and the subject
            that the runtime gives it. cookie_secret: signs the viewer's cookie, which holds what they chose.
    """
    words.load()
    site = Site(client, mode, demonstration, now, issue_token, watch_token, home_place)
    pages_app.add_static_files("/look", LOOK)
    _watch_while_running(site)
    open_doors(site)
    pages_app.add_middleware(PageHeaders)
    ui.run_with(
        app,
        title="枫桥 Maple Bridge",
        favicon=LOOK / "leaf.svg",
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=20.0,
    )
    # not NiceGUI's own storage: it writes a file for each viewer, with all that is kept of them
    pages_app.add_middleware(OwnSocket)
    pages_app.add_middleware(SessionMiddleware, secret_key=cookie_secret, session_cookie=COOKIE, same_site="lax")
    return site


def _watch_while_running(site: Site) -> None:
    tasks: list[asyncio.Task[None]] = []

    async def start() -> None:
        tasks.append(background_tasks.create(site.watch.run(), name="pages: watch"))
        tasks.append(background_tasks.create(site.openings.give_back(), name="pages: give memory back"))

    async def stop() -> None:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    pages_app.on_startup(start)
    pages_app.on_shutdown(stop)
