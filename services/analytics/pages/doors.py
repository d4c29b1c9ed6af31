"""Opens the pages: each handler finds out who looks, checks the role, and builds the room."""

import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import RedirectResponse, Response
from nicegui import Client, ui
from nicegui import app as pages_app
from starlette.exceptions import HTTPException

from services.analytics.pages import (
    dispatch,
    kpis,
    mailbox,
    overseer,
    problem_map,
    property,  # noqa: A004
    report,
    rooms,
    sign_in,
    start,
    unit,
)
from services.analytics.pages.frame import framed
from services.analytics.pages.gateway import Refusal
from services.analytics.pages.kit import Text, box, button, link
from services.analytics.pages.live import Live
from services.analytics.pages.refusals import INCOMPLETE, counting, sentence
from services.analytics.pages.rooms import CHOOSABLE, ROLE_NAMES, SIGN_IN, SIGN_OUT, Room, home, may_enter
from services.analytics.pages.sessions import begin_again, session_id
from services.analytics.pages.site import Site
from services.analytics.pages.teahouse import page as teahouse
from services.analytics.pages.tokens import THEMES
from services.analytics.pages.viewer import View, viewing
from services.analytics.pages.wall import page as wall
from services.analytics.pages.watch import Sight
from services.analytics.pages.words import LANGUAGES, mark

Build = Callable[[View, Live, dict[str, str]], Awaitable[None]]


def open_doors(site: Site) -> None:
    """Registers every page and the few links that change what a viewer chose."""
    builders: tuple[tuple[Room, Build], ...] = (
        (rooms.WALL, wall.build),
        (rooms.DISPATCH, dispatch.build),
        (rooms.TEAHOUSE, teahouse.build),
        (rooms.FIGURES, kpis.build),
        (rooms.MAP, problem_map.build),
        (rooms.MAILBOX, mailbox.build),
        (rooms.PROPERTY, property.build),
        (rooms.REPORT, report.build),
        (rooms.OVERSEER, overseer.build),
        (rooms.UNIT, unit.build),
        (rooms.START, start.build),
    )
    for room, build in builders:
        _open(site, room, build)
    _choices(site)
    _nowhere(site)


def _open(site: Site, room: Room, build: Build) -> None:
    @ui.page(room.path, response_timeout=20.0)
    async def enter(request: Request, client: Client) -> Response | None:
        view = viewing(site, room, request, visitor=request.query_params.get("visitor") == "1")
        signed_out = site.issue_token is None and not view.token
        if answer := RedirectResponse(SIGN_IN) if signed_out else site.openings.full():
            client.delete()
            return answer
        site.openings.opened(client)
        live = Live(client, site.watch, site.now)
        with framed(view, live, name=room.path.strip("/").partition("/")[0] or "wall"):
            if not may_enter(room, view.role):
                _closed(view)
                return None
            await _built(build, view, live, {**request.query_params, **request.path_params})
        return None


async def _built(build: Build, view: View, live: Live, asked: dict[str, str]) -> None:
    inside = box("inside")
    try:
        with inside:
            await build(view, live, asked)
    except Refusal as refusal:
        inside.clear()
        with inside:
            _broken(view, live, refusal)


def _broken(view: View, live: Live, refusal: Refusal) -> None:
    say = view.words.say
    with box("closed", "section"):
        Text(say("This page cannot be shown now"), tag="h1")
        why = Text(sentence(view.words, refusal), "sentence", "p")
        button(say("Try again"), ui.navigate.reload, kind="solid")

    def again(sight: Sight) -> None:
        if refusal.kind == INCOMPLETE:
            why.set_text(counting(view.words, sight.positions))
        if sight.live and refusal.status in {0, 503}:
            ui.navigate.reload()

    live.at_each_sight(again)


def _closed(view: View) -> None:
    say = view.words.say
    with box("closed", "section"):
        Text(say("This page is not for your role"), tag="h1")
        role = say(ROLE_NAMES.get(view.role, view.role))
        Text(say("You look as: {role}.", role=role), "sentence", "p")
        link(say("Go to your own page"), home(view.role), "button solid")


def _nowhere(site: Site) -> None:
    room = Room("/nowhere", mark("There is no such page"), frozenset(), linked=False)

    @pages_app.exception_handler(404)
    async def answer(request: Request, missing: HTTPException) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return await http_exception_handler(request, missing)
        with Client(ui.page(""), request=request) as client:
            site.openings.opened(client)
            view = viewing(site, room, request)
            say = view.words.say
            with framed(view, Live(client, site.watch, site.now), name="nowhere"), box("closed", "section"):
                Text(say(room.title), tag="h1")
                Text(say("Look whether the address is written as it should be."), "sentence", "p")
                link(say("Go to your own page"), home(view.role), "button solid")
        return client.build_response(request, 404)


def back(request: Request, otherwise: str) -> RedirectResponse:
    """Back to where the viewer came from, on this site only."""
    came_from = urlsplit(request.headers.get("referer", ""))
    # a path of two slashes, or of a slash and a backslash, names another host to a browser
    here = came_from.netloc == request.url.netloc and re.match(r"/(?![/\\])", came_from.path)
    target = f"{came_from.path}{'?' if came_from.query else ''}{came_from.query}" if here else otherwise
    return RedirectResponse(target, status_code=303)


def _choices(site: Site) -> None:
    @pages_app.get("/speak/{language}")
    async def speak(language: str, request: Request) -> RedirectResponse:
        if language in LANGUAGES:
            request.session["language"] = language
        return back(request, "/")

    @pages_app.get("/theme/{theme}")
    async def wear(theme: str, request: Request) -> RedirectResponse:
        if theme in THEMES:
            request.session["theme"] = theme
        return back(request, "/")

    _sign_in(site)
    if site.issue_token is not None:

        @pages_app.get("/as/{role}")
        async def look_as(role: str, request: Request) -> RedirectResponse:
            if role not in CHOOSABLE:
                return RedirectResponse("/", status_code=303)
            request.session["role"] = role
            return RedirectResponse(home(role), status_code=303)


def _sign_in(site: Site) -> None:
    room = Room(SIGN_IN, mark("Sign in"), frozenset(), linked=False)

    @ui.page(room.path)
    def enter(request: Request, client: Client) -> Response | None:
        if answer := site.openings.full():
            client.delete()
            return answer
        site.openings.opened(client)
        session = begin_again(request)
        sign_in.build(viewing(site, room, request), session)
        return None

    @pages_app.get(SIGN_OUT)
    async def leave(request: Request) -> RedirectResponse:
        session = session_id(request)
        site.sessions.end(session)
        for name in ("id", "role"):  # language and theme are the browser's rather than the viewer's
            request.session.pop(name, None)
        for client in [each for each in Client.instances.values() if session_id(each.request) == session]:
            client.delete()  # what is open in other tabs can do nothing any more
        return RedirectResponse(SIGN_IN, status_code=303)
