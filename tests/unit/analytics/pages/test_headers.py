"""What browsers are told of a page, and whose sockets are taken."""

import re
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from nicegui import Client
from starlette.middleware.sessions import SessionMiddleware

from services.analytics.pages.headers import OwnSocket, PageHeaders

SCRIPTS = "<html><script>one</script><script type='module'>two</script></html>"


@pytest.fixture
async def browser():
    app = FastAPI()

    @app.get("/page")
    async def page() -> Response:
        return Response(SCRIPTS, headers={"X-NiceGUI-Content": "page"}, media_type="text/html")

    @app.get("/file")
    async def file() -> Response:
        return Response("<script>", media_type="text/javascript")

    @app.get("/session/{session}")
    async def session(session: str, request: Request) -> None:
        request.session["id"] = session

    @app.get("/_nicegui_ws/socket.io/")
    async def socket() -> str:
        return "open"

    app.add_middleware(PageHeaders)
    app.add_middleware(OwnSocket)
    app.add_middleware(SessionMiddleware, secret_key="s")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://here") as client:
        yield client


async def test_only_scripts_that_the_server_wrote_may_run(browser):
    answers = [await browser.get("/page") for _ in range(2)]
    nonces = []
    for answer in answers:
        policy = dict(each.split(" ", 1) for each in answer.headers["content-security-policy"].split("; "))
        (nonce,) = re.findall("'nonce-([^']+)'", policy["script-src"])
        assert answer.text.count(f'<script nonce="{nonce}"') == 2
        assert "'unsafe-inline'" not in policy["script-src"]
        assert (policy["default-src"], policy["frame-ancestors"], policy["base-uri"]) == ("'none'",) * 3
        assert int(answer.headers["content-length"]) == len(answer.content)
        nonces.append(nonce)
    assert nonces[0] != nonces[1]


@pytest.mark.parametrize("path", ["/page", "/file", "/nowhere"])
async def test_each_answer_says_what_it_is_and_tells_other_sites_nothing(browser, path):
    headers = (await browser.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_a_file_is_left_as_it_is(browser):
    assert (await browser.get("/file")).text == "<script>"


async def test_a_socket_is_opened_by_the_browser_that_fetched_the_page(browser, monkeypatch):
    fetched = SimpleNamespace(request=SimpleNamespace(session={"id": "mine"}))
    monkeypatch.setattr(Client, "instances", {"c1": fetched})
    socket = "/_nicegui_ws/socket.io/"
    assert (await browser.get(socket, params={"client_id": "c1"})).status_code == 403
    assert (await browser.get(socket)).status_code == 403
    await browser.get("/session/theirs")
    assert (await browser.get(socket, params={"client_id": "c1"})).status_code == 403
    await browser.get("/session/mine")
    assert (await browser.get(socket, params={"client_id": "c1"})).status_code == 200
