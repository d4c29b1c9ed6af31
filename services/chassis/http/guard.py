"""Around every request: its size, its trace, one line in the log, and a problem where anything fails."""

import time
from http import HTTPStatus

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.access.permit import PRINCIPAL
from services.chassis.access.principal import Principal
from services.chassis.http.bodies import WITH_BODY, Gone, whole_body
from services.chassis.http.conditions import correlation_id, trace_of
from services.chassis.http.parameters import route_of
from services.chassis.http.problems import Problem, Statuses, problem_of, unforeseen
from services.chassis.http.refusals import BodyTooLarge, TextUnstorable
from services.chassis.ids import NewId
from services.chassis.logs import described
from services.chassis.postgres import AWAY, caused_by
from services.chassis.telemetry import Telemetry

logger = structlog.get_logger(__name__)
CORRELATION = "maplebridge.correlation"
QUIET = ("/health/", "/metrics", "/docs")


class Guard:
    """ASGI middleware of a service.

    Args:
        app: what it guards. telemetry: counts requests. statuses: of the service's own errors.
        limit: largest body in bytes. new_id: makes correlation ids.
    """

    def __init__(self, app: ASGIApp, telemetry: Telemetry, statuses: Statuses, limit: int, new_id: NewId) -> None:
        self._app = app
        self._telemetry = telemetry
        self._statuses = statuses
        self._limit = limit
        self._new_id = new_id
        self._lines = logger.bind(service=telemetry.service)  # made once, not for each line

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        trace = trace_of(headers.get("traceparent"))
        scope[CORRELATION] = correlation_id(headers.get("x-correlation-id"), trace, self._new_id())
        answer = _Answer(send, scope[CORRELATION])
        started = time.perf_counter()
        bound = structlog.contextvars.bind_contextvars(correlation_id=scope[CORRELATION])
        with self._telemetry.span(f"{scope['method']} request", trace) as span:
            try:
                await self._answer(scope, headers, receive, answer)
            except Gone:
                return
            finally:
                route = template(scope)
                span.update_name(f"{scope['method']} {route}")
                self._note(scope, route, answer.status, time.perf_counter() - started)
                structlog.contextvars.reset_contextvars(**bound)

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive, answer: "_Answer") -> None:
        try:
            if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
                raise TextUnstorable  # noqa: TRY301 - answered in one place
            if scope["method"] in WITH_BODY:
                declared = headers.get("content-length", "")
                if declared.isdecimal() and int(declared) > self._limit:
                    raise BodyTooLarge(self._limit)  # noqa: TRY301 - answered in one place
                receive = await whole_body(receive, self._limit)
            await self._app(scope, receive, answer)
        except Gone:
            raise
        except Exception as error:
            problem = problem_of(error, self._statuses, conditional="if-match" in headers)
            await self._tell(problem, error)
            if answer.status:
                raise  # too late to say anything else
            response = (problem or unforeseen()).response(scope[CORRELATION])
            await response(scope, receive, answer)

    async def _tell(self, problem: Problem | None, error: Exception) -> None:
        if problem is None:
            await logger.aerror("request_crashed", exception=described(error))
        elif not problem.expected:
            await logger.awarning("request_failed", problem=problem.name, cause=_cause(error))

    def _note(self, scope: Scope, route: str, status: int, seconds: float) -> None:
        self._telemetry.request(scope["method"], route, status, seconds)
        if route.startswith(QUIET):
            return
        principal: Principal | None = scope.get(PRINCIPAL)
        # not ainfo: a thread for each line costs more than the request; of failures there is one line a second
        line = self._lines.warning if status >= HTTPStatus.INTERNAL_SERVER_ERROR else self._lines.info
        line(
            "Answered.",
            method=scope["method"],
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 1),
            role=principal.role.value if principal else None,
        )


def _cause(error: BaseException) -> str:
    """The type of what an error came of, and its code where PostgreSQL gave one."""
    cause = caused_by(error, AWAY) or error
    code = getattr(cause, "sqlstate", None)
    return type(cause).__name__ + (f" (SQLSTATE {code})" if code else "")


class _Answer:
    """What is sent, with the headers that every answer has."""

    def __init__(self, send: Send, correlation: str) -> None:
        self._send = send
        self._correlation = correlation
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            headers: list[tuple[bytes, bytes]] = list(message["headers"])
            headers += ((b"x-correlation-id", self._correlation.encode()), (b"x-content-type-options", b"nosniff"))
            if not any(name == b"cache-control" for name, _ in headers):
                headers.append((b"cache-control", b"no-store"))
            message["headers"] = headers
        await self._send(message)


def template(scope: Scope) -> str:
    """The route's template, such as /units/{unit}; an id in a path is nobody's business in a log."""
    route = route_of(scope)
    return str(getattr(route, "path_format", None) or getattr(route, "path", None) or "no such route")
