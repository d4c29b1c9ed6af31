"""What browsers are told of each page: which scripts may run, who may frame it, what is told to other sites."""

import secrets
from typing import Final
from urllib.parse import parse_qs

from nicegui import Client
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.analytics.pages.sessions import session_id

POLICY: Final = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""Vue compiles templates in the browser and sets styles on elements, hence the two exceptions."""
OTHERS: Final = (
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
SOCKET: Final = "/_nicegui_ws"


class PageHeaders:
    """ASGI middleware around the pages; inside compression, since it marks the scripts of a page as ours.

    Args:
        app: the pages.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, _Marking(send) if scope["type"] == "http" else send)


class _Marking:
    """Sends an answer with the headers; of a page, with a nonce on each script that the server wrote."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            await self._answer(self._start, message)
        else:
            await self._send(message)

    async def _answer(self, start: Message, message: Message) -> None:
        page = any(name == b"x-nicegui-content" for name, _ in start["headers"])
        self._body += message.get("body", b"")
        if page and message.get("more_body", False):
            return
        self._start = None
        nonce = secrets.token_urlsafe(16)
        # what people wrote comes to the browser as JSON with its brackets escaped: each tag here is the server's own
        body = bytes(self._body).replace(b"<script", f'<script nonce="{nonce}"'.encode()) if page else bytes(self._body)
        headers = [(name, value) for name, value in start["headers"] if not (page and name == b"content-length")]
        if page:
            headers.append((b"content-length", str(len(body)).encode()))
        headers += [(b"content-security-policy", POLICY.format(nonce=nonce).encode()), *OTHERS]
        await self._send({**start, "headers": headers})
        await self._send({**message, "body": body})


class OwnSocket:
    """ASGI middleware within the session: a page's socket is opened by the browser that fetched the page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and scope["path"].startswith(SOCKET) and not _own(scope):
            await PlainTextResponse("Open the page again.", 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _own(scope: Scope) -> bool:
    (client_id,) = parse_qs(scope["query_string"].decode("latin-1")).get("client_id", ("",))[:1]
    client = Client.instances.get(client_id)
    if client is None:
        return bool(HTTPConnection(scope).session.get("id"))  # an old page is told by the server to load again
    return session_id(client.request) == HTTPConnection(scope).session.get("id")
