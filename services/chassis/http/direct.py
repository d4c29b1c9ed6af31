"""Commands past the framework: what a route needs is worked out when the service is made, not at each request.

FastAPI's own analysis of a route is what is used, and its routes, documents and errors stay its own: whatever is not
plainly in order is handed to it, as it came. So there is one way in which a request can be wrong.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.access.permit import Permit, Public
from services.chassis.http.bodies import WITH_BODY, require_once, surely_once
from services.chassis.http.commands import command_call

Key = tuple[str, int, str]
"""A method, how many segments a path has, and the last of them."""
JSON = b"application/json"


class Reply(Response):
    """What the functions that a route depends on say of the answer."""

    def __init__(self) -> None:
        self.raw_headers: list[tuple[bytes, bytes]] = []
        self.status_code = 0


class WholeRequest(Request):
    """A request whose body has been read."""

    def __init__(self, scope: Scope, body: bytes) -> None:
        super().__init__(scope)
        self._whole = body

    async def body(self) -> bytes:
        """As it came."""
        return self._whole


@dataclass(frozen=True, slots=True)
class Step:
    """A function that a route depends on.

    Attributes:
        name: of the endpoint's parameter; None where its answer is not wanted. call: the function.
        request, reply: names of its parameters, where it has them.
    """

    name: str | None
    call: Callable[..., Awaitable[Any]]
    request: str | None
    reply: str | None


@dataclass(frozen=True, slots=True)
class DirectCommand:
    """A route, taken apart.

    Attributes:
        context: FastAPI's view of it, for who asks which route it was. segments: of its path; None for a parameter.
        path: field of each parameter in the path, and its segment. body: the field of the body.
        steps: what it depends on, in order. endpoint: what is called. status: of the answer. answer: its field.
    """

    context: RouteContext
    segments: tuple[str | None, ...]
    path: tuple[tuple[Any, int], ...]
    body: Any
    steps: tuple[Step, ...]
    endpoint: Callable[..., Awaitable[Any]]
    status: int
    answer: Any

    def arguments(self, segments: list[str], scope: Scope, body: bytes) -> dict[str, Any] | None:
        """What the path and the body say to the endpoint; None where FastAPI has to look at it."""
        for wanted, found in zip(self.segments, segments, strict=True):
            if found != wanted if wanted is not None else not found:
                return None
        found_all: dict[str, Any] = {}
        for field, segment in self.path:
            found_all[field.name], errors = field.validate(segments[segment])
            if errors:
                return None
        if self.body is not None:
            if not _says_json(scope):
                return None
            try:
                told = orjson.loads(body)
            except orjson.JSONDecodeError:
                return None
            found_all[self.body.name], errors = self.body.validate(told)
            if errors or not surely_once(body, told):
                return None
        return found_all

    async def run(self, request: Request, arguments: dict[str, Any]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Status, headers and body of the answer; raises what its functions raise."""
        reply = Reply()
        for step in self.steps:
            given: dict[str, Any] = {}
            if step.request is not None:
                given[step.request] = request
            if step.reply is not None:
                given[step.reply] = reply
            value = await step.call(**given)
            if step.name is not None:
                arguments[step.name] = value
        content = self.answer.serialize_json(await self.endpoint(**arguments))
        length = (b"content-length", str(len(content)).encode())
        return reply.status_code or self.status, [length, (b"content-type", JSON), *reply.raw_headers], content


class DirectCommands:
    """ASGI middleware, within the one that makes problems of errors and has read the body.

    Args:
        app: FastAPI's own way. commands: those that may go past it, by their keys; filled once the routes are there.
    """

    def __init__(self, app: ASGIApp, commands: dict[Key, tuple[DirectCommand, ...]]) -> None:
        self._app = app
        self._commands = commands

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] not in WITH_BODY:
            await self._app(scope, receive, send)
            return
        segments = _path(scope).split("/")
        candidates = self._commands.get((scope["method"], len(segments), segments[-1]), ())
        message = await receive()
        body = message.get("body", b"")
        for command in candidates:
            arguments = command.arguments(segments, scope, body)
            if arguments is not None:
                scope["route"] = command.context
                status, headers, content = await command.run(WholeRequest(scope, body), arguments)
                await send({"type": "http.response.start", "status": status, "headers": headers})
                await send({"type": "http.response.body", "body": content})
                return
        require_once(body)
        await self._app(scope, _again(message, receive), send)


def direct_commands(routes: Iterable[BaseRoute]) -> dict[Key, tuple[DirectCommand, ...]]:
    """The commands among these routes that need nothing but what can be worked out before."""
    found: dict[Key, tuple[DirectCommand, ...]] = {}
    earlier: list[tuple[str | None, ...]] = []
    for context in iter_route_contexts(list(routes)):
        path = context.path or ""
        if not isinstance(context.original_route, Route) or ":" in path:
            break  # it may take any path that begins as its own
        segments = _segments(path)
        command = _taken_apart(context, segments)
        # FastAPI takes the first route that fits
        if command is not None and not any(_overlap(segments, other) for other in earlier):
            for method in context.methods or ():
                key = (method, len(segments), segments[-1] or "")
                found[key] = (*found.get(key, ()), command)
        earlier.append(segments)
    return found


def _taken_apart(context: RouteContext, segments: tuple[str | None, ...]) -> DirectCommand | None:
    if not isinstance(context.original_route, APIRoute) or segments[-1] is None:
        return None
    dependant: Dependant = context.dependant
    steps = [_step(each) for each in dependant.dependencies]
    functions = [each.call for each in dependant.dependencies]
    if command_call not in functions or len(set(map(id, functions))) < len(functions):
        return None
    if _asks_more(dependant) or len(dependant.body_params) > 1 or not _plain(context):
        return None
    body = dependant.body_params[0] if dependant.body_params else None
    places = {name.strip("{}"): number for number, name in enumerate((context.path or "").split("/"))}
    if (body is not None and not body.field_info.is_required()) or None in steps:
        return None
    return DirectCommand(
        context,
        segments,
        tuple((field, places[field.alias]) for field in dependant.path_params),
        body,
        tuple(step for step in steps if step is not None),
        context.original_route.endpoint,
        context.status_code or 200,
        context.response_field,
    )


def _plain(context: RouteContext) -> bool:
    """Whether an answer is written as it is."""
    left_out = (
        context.response_model_include,
        context.response_model_exclude,
        context.response_model_exclude_unset,
        context.response_model_exclude_defaults,
        context.response_model_exclude_none,
        context._embed_body_fields,  # noqa: SLF001 - FastAPI's routes hand it to each other
    )
    asynchronous = inspect.iscoroutinefunction(context.endpoint)
    return asynchronous and context.response_field is not None and context.response_model_by_alias and not any(left_out)


def _step(dependant: Dependant) -> Step | None:
    call = dependant.call
    asynchronous = inspect.iscoroutinefunction(call) or isinstance(call, Permit | Public)
    more = dependant.dependencies or dependant.path_params or dependant.body_params or _asks_more(dependant)
    both = dependant.request_param_name and dependant.http_connection_param_name
    if call is None or not asynchronous or more or both:
        return None
    request = dependant.request_param_name or dependant.http_connection_param_name
    return Step(dependant.name, call, request, dependant.response_param_name)


def _asks_more(dependant: Dependant) -> bool:
    """Whether it takes what only FastAPI gives; a function that a route depends on may see request and answer."""
    return bool(
        dependant.query_params
        or dependant.header_params
        or dependant.cookie_params
        or dependant.background_tasks_param_name
        or dependant.security_scopes_param_name
        or dependant.websocket_param_name
    )


def _segments(path: str) -> tuple[str | None, ...]:
    return tuple(None if "{" in segment else segment for segment in path.split("/"))


def _overlap(one: tuple[str | None, ...], other: tuple[str | None, ...]) -> bool:
    return len(one) == len(other) and all(
        mine is None or theirs is None or mine == theirs for mine, theirs in zip(one, other, strict=True)
    )


def _path(scope: Scope) -> str:
    """The path within the service; where it is mounted is not part of it."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(f"{root}/") else path


def _says_json(scope: Scope) -> bool:
    return next((value for name, value in scope["headers"] if name == b"content-type"), b"") == JSON


def _again(message: Message, receive: Receive) -> Receive:
    waiting: Iterator[Message] = iter((message,))

    async def replay() -> Message:
        for first in waiting:
            return first
        return await receive()

    return replay
