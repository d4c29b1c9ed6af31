"""Around every application of ours: who may come in, how much they may bring, and how long they may take."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.http.bodies import Gone, whole_body
from services.chassis.http.problems import Problem
from services.chassis.http.refusals import BodyTooLarge
from services.runtime.admission import HALF, UNSAID, Admission, Head

LIVE = "/health/live"


class Edge:
    """ASGI middleware: reads the body before the application begins, and never more of it than is allowed.

    Args:
        app: what it stands in front of. admission: who may come in.
    """

    def __init__(self, app: ASGIApp, admission: Admission) -> None:
        self._app = app
        self._admission = admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        head = head_of(scope)
        # a full process is alive, and is not to be killed; a probe calls it by an address or a name of its own, so that
        # the Host header is not looked at either: that a process lives tells a stranger nothing
        if scope["path"].endswith(LIVE) and not head.length:
            await self._app(scope, receive, send)
            return
        if problem := self._admission.refusal(head):
            await problem.response()(scope, receive, send)
            return
        if scope["type"] == "websocket":  # a socket stays for hours, and counts as a connection
            await self._app(scope, receive, send)
            return
        with self._admission.inside():
            await self._answer(scope, head, receive, _secured(scope, send))

    async def _answer(self, scope: Scope, head: Head, receive: Receive, send: Send) -> None:
        problem: Problem | None = None
        if head.length:
            try:
                async with asyncio.timeout(self._admission.patience):
                    receive = await whole_body(receive, self._admission.limit)
            except TimeoutError:
                problem = HALF
            except BodyTooLarge:
                problem = self._admission.too_large()
            except Gone:
                return
        await (problem.response() if problem else self._app)(scope, receive, send)


def head_of(scope: Scope) -> Head:
    """What an ASGI scope says before the body."""
    host, origin, length = "", None, 0
    for name, value in scope["headers"]:
        if name == b"host":
            host = value.decode("latin-1")
        elif name == b"origin":
            origin = value.decode("latin-1")
        elif name == b"content-length" and length != UNSAID:
            length = int(value) if value.isdigit() else UNSAID
        elif name == b"transfer-encoding":
            length = UNSAID
    client = scope.get("client")
    return Head(client[0] if client else "", host, origin, length)


def _secured(scope: Scope, send: Send) -> Send:
    """Cookies that a client got over TLS come back over TLS alone."""
    if scope["scheme"] != "https":
        return send

    async def secured(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                (name, value + b"; secure")
                if name.lower() == b"set-cookie" and b"; secure" not in value.lower()
                else (name, value)
                for name, value in message["headers"]
            ]
        await send(message)

    return secured
