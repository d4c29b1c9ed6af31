"""The one port in front: each service at its name, the pages at everything else; websockets too."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus

import aiohttp
import structlog
from aiohttp import WSMsgType, web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from services.chassis.http.problems import Problem
from services.chassis.settings import Settings
from services.runtime.web import GRACE, SIGNALS, listening

logger = structlog.get_logger(__name__)
PAGES = "pages"
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 60.0
"""Longest silence of a service in the middle of an answer; the longest wait for a position is shorter."""

HOP_BY_HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    }
)
"""Headers that mean one connection and not the next (RFC 9110, 7.6.1), and those that ``Connection`` names."""

HANDSHAKE = frozenset({"sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions"})
Headers = CIMultiDict[str]


class AddressesMissing(LookupError):
    """The gateway was not told where to go."""

    def __init__(self, name: str) -> None:
        super().__init__(f"MAPLEBRIDGE_ADDRESSES does not say where {name} answers: add it.")


class Gateway:
    """Passes requests on.

    Args:
        addresses: where each service answers, by the first segment of its paths; ``pages`` takes what is left.

    Raises:
        AddressesMissing: the pages have no address.
    """

    def __init__(self, addresses: Mapping[str, str]) -> None:
        if PAGES not in addresses:
            raise AddressesMissing(PAGES)
        self._addresses = {name: URL(address) for name, address in addresses.items()}
        self._session: aiohttp.ClientSession | None = None

    def app(self) -> web.Application:
        """As an application of aiohttp."""
        app = web.Application()
        app.router.add_get("/health/live", _live)
        app.router.add_route("*", "/{path:.*}", self._handle)
        app.cleanup_ctx.append(self._client)
        app.on_response_prepare.append(_nameless)
        return app

    async def _client(self, _: web.Application) -> AsyncIterator[None]:
        # no cookies of ours, no body decoded, as many connections as there are askers
        async with aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=15),
            timeout=aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS, sock_read=ANSWER_SECONDS, total=None),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        ) as session:
            self._session = session
            yield

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        name = self._name(request.raw_path)
        if not request.raw_path.startswith("/"):
            return _said(MALFORMED)
        try:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self._websocket(request, name)
            return await self._request(request, name)
        except aiohttp.ConnectionTimeoutError as error:
            return _away(name, error)
        except TimeoutError as error:
            logger.warning("A service did not answer in time.", service=name, error=type(error).__name__)
            return _said(_slow(name))
        except aiohttp.ClientError as error:
            return _away(name, error)

    def _name(self, path: str) -> str:
        first = path[1:].partition("?")[0].partition("/")[0]
        return first if first in self._addresses and first != PAGES else PAGES

    def _to(self, request: web.Request, name: str) -> URL:
        base = self._addresses[name]
        path, _, query = request.raw_path.partition("?")
        # built from parts: a path cannot name another host
        return URL.build(
            scheme=base.scheme, host=base.host or "", port=base.port, path=path, query_string=query, encoded=True
        )

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("The gateway is asked before it has started.")
        return self._session

    async def _request(self, request: web.Request, name: str) -> web.StreamResponse:
        body = request.content if request.can_read_body else None
        async with self._opened().request(
            request.method, self._to(request, name), headers=_onwards(request), data=body, allow_redirects=False
        ) as answer:
            response = web.StreamResponse(
                status=answer.status, reason=answer.reason, headers=_end_to_end(answer.headers)
            )
            if "Content-Length" not in answer.headers and request.version >= aiohttp.HttpVersion11:
                response.enable_chunked_encoding()
            await response.prepare(request)
            await _copied(request, answer, response)
            return response

    async def _websocket(self, request: web.Request, name: str) -> web.StreamResponse:
        protocols = [
            each.strip() for each in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if each.strip()
        ]
        headers = _onwards(request)
        for each in (*HANDSHAKE, "sec-websocket-protocol"):
            headers.popall(each, None)
        async with self._opened().ws_connect(
            self._to(request, name), headers=headers, protocols=protocols, max_msg_size=0, autoping=False
        ) as behind:
            chosen = [behind.protocol] if behind.protocol else []
            before = web.WebSocketResponse(protocols=chosen, max_msg_size=0, autoping=False)
            await before.prepare(request)
            await _both_ways(before, behind)
            return before


async def _live(_: web.Request) -> web.StreamResponse:
    return web.json_response({"status": "live"})


async def _nameless(_: web.Request, response: web.StreamResponse) -> None:
    """Nobody is told which program answers."""
    response.headers.popall("Server", None)


async def _copied(request: web.Request, answer: aiohttp.ClientResponse, response: web.StreamResponse) -> None:
    try:
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
        await response.write_eof()
    except aiohttp.ClientConnectionResetError:
        return  # who asked has gone
    except (aiohttp.ClientError, TimeoutError) as error:
        # the head of the answer is out: all that is left is to cut it short where everybody sees it
        logger.warning("A service went away in the middle of an answer.", error=type(error).__name__)
        if request.transport is not None:
            request.transport.abort()


async def _both_ways(before: web.WebSocketResponse, behind: aiohttp.ClientWebSocketResponse) -> None:
    """Until either side closes; the other is then closed with the same code."""
    ways = [asyncio.create_task(_one_way(before, behind)), asyncio.create_task(_one_way(behind, before))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
    code = behind.close_code or before.close_code or 1001
    with contextlib.suppress(aiohttp.ClientError, ConnectionError):
        await behind.close(code=_sendable(code))
        await before.close(code=_sendable(code))


Socket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse


async def _one_way(source: Socket, target: Socket) -> None:
    while True:
        message = await source.receive()
        match message.type:
            case WSMsgType.TEXT:
                await target.send_str(message.data)
            case WSMsgType.BINARY:
                await target.send_bytes(message.data)
            case WSMsgType.PING:
                await target.ping(message.data)
            case WSMsgType.PONG:
                await target.pong(message.data)
            case _:
                return


def _sendable(code: int) -> int:
    """1005, 1006 and 1015 tell of an end without a code; nobody may send them."""
    return code if 1000 <= code < 5000 and code not in {1004, 1005, 1006, 1015} else 1001


def _end_to_end(headers: CIMultiDictProxy[str]) -> Headers:
    named = {each.strip().lower() for line in headers.getall("Connection", []) for each in line.split(",")}
    kept: Headers = CIMultiDict()
    for name, value in headers.items():
        if name.lower() not in HOP_BY_HOP and name.lower() not in named:
            kept.add(name, value)
    return kept


def _onwards(request: web.Request) -> Headers:
    """What goes on, with who asked, at what name and how."""
    headers = _end_to_end(request.headers)
    before = headers.get("X-Forwarded-For")
    asker = request.remote or "unknown"
    headers["X-Forwarded-For"] = f"{before}, {asker}" if before else asker
    headers.setdefault("X-Forwarded-Proto", request.scheme)
    headers.setdefault("X-Forwarded-Host", request.host)
    return headers


def _away(name: str, error: Exception) -> web.Response:
    logger.warning("A service is away.", service=name, error=type(error).__name__)
    sentence = f"The part that answers for {name} is away for a moment: send it again shortly, with the same key."
    return _said(_unavailable("service-away", "Service away", sentence))


def _slow(name: str) -> Problem:
    sentence = f"The part that answers for {name} did not answer in time: send it again shortly, with the same key."
    return _unavailable("service-slow", "Service slow", sentence)


def _unavailable(name: str, title: str, sentence: str) -> Problem:
    return Problem(name, HTTPStatus.SERVICE_UNAVAILABLE, title, sentence, headers={"Retry-After": "1"}, expected=False)


MALFORMED = Problem(
    "bad-request", HTTPStatus.BAD_REQUEST, "Bad request", "The address must begin with a slash: correct it."
)


def _said(problem: Problem) -> web.Response:
    answer = problem.response()
    return web.Response(status=answer.status_code, body=answer.body, headers=dict(answer.headers))


async def pass_on(settings: Settings, descriptor: int | None = None) -> None:
    """Answers until SIGINT or SIGTERM, at the host and port of the settings or on a socket that listens already.

    Raises:
        AddressesMissing: the pages have no address. PortTaken: somebody else listens there.
    """
    stop = asyncio.Event()
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with _socket(settings, descriptor) as listener:
        runner = web.AppRunner(Gateway(settings.addresses).app(), access_log=None, shutdown_timeout=GRACE)
        await runner.setup()
        try:
            await web.SockSite(runner, listener).start()
            await stop.wait()
        finally:
            await runner.cleanup()


def _socket(settings: Settings, descriptor: int | None) -> contextlib.AbstractContextManager[socket.socket]:
    return listening(settings.host, settings.port) if descriptor is None else socket.socket(fileno=descriptor)
