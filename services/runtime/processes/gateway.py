"""The one port in front: each service at its name, the pages at everything else; websockets too."""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import AsyncIterator
from http import HTTPStatus

import aiohttp
import structlog
from aiohttp import WSMsgType, web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from services.chassis.http.problems import Problem
from services.chassis.settings import SettingMalformed, Settings
from services.runtime.admission import HALF, UNSAID, Admission, Head
from services.runtime.web import GRACE, LARGEST_MESSAGE, SIGNALS, listening

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


FORWARDED = ("X-Forwarded-Proto", "X-Forwarded-Prefix")
"""What a proxy says of the request as it came; anybody can write it."""


class Unfinished(Exception):
    """A body did not arrive in time."""


class AddressesMissing(LookupError):
    """The gateway was not told where to go."""

    def __init__(self, name: str) -> None:
        super().__init__(f"MAPLEBRIDGE_ADDRESSES does not say where {name} answers: add it.")


class Gateway:
    """Passes requests on.

    Args:
        settings: where each service answers (``addresses``), by the first segment of its paths, ``pages`` takes what is
            left; and what clients may bring.

    Raises:
        AddressesMissing: the pages have no address.
    """

    def __init__(self, settings: Settings) -> None:
        if PAGES not in settings.addresses:
            raise AddressesMissing(PAGES)
        self._addresses = {name: URL(address) for name, address in settings.addresses.items()}
        self._admission = Admission(settings, edge=True)
        self._proxies = Proxies(settings.trusted_proxies)
        self._session: aiohttp.ClientSession | None = None

    def app(self) -> web.Application:
        """As an application of aiohttp."""
        app = web.Application(client_max_size=self._admission.limit)
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
        if not request.raw_path.startswith("/"):
            return _said(MALFORMED)
        if problem := self._admission.refusal(self._head(request)):
            return _said(problem)
        return await self._passed_on(request, self._name(request.raw_path))

    async def _passed_on(self, request: web.Request, name: str) -> web.StreamResponse:
        try:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self._websocket(request, name)
            with self._admission.inside():
                return await self._request(request, name)
        except aiohttp.ConnectionTimeoutError as error:
            return _away(name, error)
        except TimeoutError as error:
            logger.warning("service_timed_out", service=name, error=type(error).__name__)
            return _said(_slow(name))
        except aiohttp.ClientError as error:
            return _away(name, error)

    def _head(self, request: web.Request) -> Head:
        length = UNSAID if request.content_length is None and request.can_read_body else request.content_length or 0
        return Head(
            self._proxies.client(request), request.headers.get("Host", ""), request.headers.get("Origin"), length
        )

    async def _body(self, request: web.Request) -> bytes | None:
        """All of it, which is small: a client that sends it slowly holds no service up.

        Raises:
            HTTPRequestEntityTooLarge: it is not small. Unfinished: it did not arrive in time.
        """
        if not request.can_read_body:
            return None
        try:
            async with asyncio.timeout(self._admission.patience):
                return await request.read()
        except TimeoutError:
            raise Unfinished from None

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
        try:
            body = await self._body(request)
        except web.HTTPRequestEntityTooLarge:
            return _said(self._admission.too_large())
        except Unfinished:
            return _said(HALF)
        headers = self._onwards(request)
        async with self._opened().request(
            request.method, self._to(request, name), headers=headers, data=body, allow_redirects=False
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
        headers = self._onwards(request)
        for each in (*HANDSHAKE, "sec-websocket-protocol"):
            headers.popall(each, None)
        async with self._opened().ws_connect(
            self._to(request, name), headers=headers, protocols=protocols, max_msg_size=0, autoping=False
        ) as behind:
            chosen = [behind.protocol] if behind.protocol else []
            before = web.WebSocketResponse(protocols=chosen, max_msg_size=LARGEST_MESSAGE, autoping=False)
            await before.prepare(request)
            await _both_ways(before, behind)
            return before

    def _onwards(self, request: web.Request) -> Headers:
        """What goes on, with who asked and how; what a client says of that is believed of known proxies alone."""
        headers = _end_to_end(request.headers)
        proxied = self._proxies.trusts(request.remote or "")
        before = ", ".join(headers.popall("X-Forwarded-For", ())) if proxied else ""
        for name in ("X-Forwarded-For", "X-Forwarded-Host", *(() if proxied else FORWARDED)):
            headers.popall(name, None)
        asker = request.remote or "unknown"
        headers["X-Forwarded-For"] = f"{before}, {asker}" if before else asker
        headers.setdefault("X-Forwarded-Proto", request.scheme)
        return headers


class Proxies:
    """Whose word on the client's address is taken.

    Args:
        trusted: addresses and networks, commas between; ``*`` for anybody's.

    Raises:
        SettingMalformed: it is something else.
    """

    def __init__(self, trusted: str) -> None:
        named = [each.strip() for each in trusted.split(",") if each.strip()]
        self._all = "*" in named
        try:
            self._networks = [ipaddress.ip_network(each) for each in named if each != "*"]
        except ValueError:
            raise SettingMalformed("trusted_proxies", "addresses and networks, commas between, or *") from None

    def trusts(self, address: str) -> bool:
        """Whether an address is that of a proxy."""
        try:
            here = ipaddress.ip_address(address)
        except ValueError:
            return self._all
        return self._all or any(here in network for network in self._networks)

    def client(self, request: web.Request) -> str:
        """The address of the client: the last one that is no proxy's."""
        address = request.remote or ""
        named = ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")
        while named and self.trusts(address) and (before := named.pop().strip()):
            address = before
        return address


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
        logger.warning("service_lost_during_answer", error=type(error).__name__)
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


def _away(name: str, error: Exception) -> web.Response:
    logger.warning("service_unreachable", service=name, error=type(error).__name__)
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
    response = web.Response(status=answer.status_code, body=answer.body, headers=dict(answer.headers))
    if "Connection" in problem.headers:
        response.force_close()
    return response


async def pass_on(settings: Settings, descriptor: int | None = None) -> None:
    """Answers until SIGINT or SIGTERM, at the host and port of the settings or on a socket that listens already.

    Raises:
        AddressesMissing: the pages have no address. PortTaken: somebody else listens there.
    """
    stop = asyncio.Event()
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with _socket(settings, descriptor) as listener:
        runner = web.AppRunner(
            Gateway(settings).app(),
            access_log=None,
            shutdown_timeout=GRACE,
            keepalive_timeout=settings.half_request_seconds,  # also of a connection whose request does not begin
            lingering_time=1.0,
        )
        await runner.setup()
        try:
            await web.SockSite(runner, listener).start()
            await stop.wait()
        finally:
            await runner.cleanup()


def _socket(settings: Settings, descriptor: int | None) -> contextlib.AbstractContextManager[socket.socket]:
    return listening(settings.host, settings.port) if descriptor is None else socket.socket(fileno=descriptor)
