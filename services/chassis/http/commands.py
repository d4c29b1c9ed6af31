"""A command over HTTP: who sends it, what they saw, and what became of it."""

import hashlib
import time
from typing import Annotated, Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

import orjson
from fastapi import Depends, Request
from pydantic import BaseModel, Field

from contracts.refusals import Refused
from services.chassis.access.principal import Principal
from services.chassis.decider import Decider
from services.chassis.eventstore.types import CommandRecord, KeyReused, VersionConflict
from services.chassis.handler import Allowed, CommandContext, Handled, anybody
from services.chassis.http.conditions import etag, expected_version, idempotency_key, trace_of
from services.chassis.http.guard import CORRELATION
from services.chassis.http.positions import history, token
from services.chassis.service import ServiceContext
from services.chassis.telemetry import traceparent


class EventMade(BaseModel):
    """An event that the command led to."""

    id: str
    type: Annotated[str, Field(examples=["registry.use-observed.v1"])]


class CommandAnswer(BaseModel):
    """What a command led to; a repeat of it gets the same."""

    stream: Annotated[str, Field(examples=["unit-wanda-a-1812"])]
    version: Annotated[int, Field(description="The stream's version after it; also in the ETag.", examples=[7])]
    position: Annotated[int, Field(description="How far the log has come with it.", examples=[1234])]
    events: Annotated[list[EventMade], Field(description="In order; empty where nothing had to happen.")]
    id: Annotated[str | None, Field(description="Of what it made, where it made something.")] = None
    repeated: Annotated[bool, Field(description="It had been applied before.")] = False


Answer = TypeVar("Answer", bound=CommandAnswer)


class CommandCall:
    """The request that carries a command.

    Attributes:
        correlation_id: shared by all that this request causes. key: its Idempotency-Key. expected: its If-Match.
        status, headers: of the answer, once it is known.
    """

    def __init__(
        self, context: ServiceContext, request: Request, body: bytes, key: str | None, expected: int | None
    ) -> None:
        self._service = context
        self._body = canonical(body)
        self.status = 201
        self.headers: dict[str, str] = {}
        self._target = f"{request.method} {request.scope['path'].removeprefix(request.scope.get('root_path', ''))}"
        self._trace = trace_of(request.headers.get("traceparent"))
        self.correlation_id: str = request.scope[CORRELATION]
        self.key = key
        self.expected = expected

    def made(self, principal: Principal, what: str) -> str:
        """A new id; the same for each repeat of a request, so that a repeat answers the same and makes nothing twice.

        Args:
            principal: who sends it. what: tells apart what one request makes.
        """
        if self.key is None:
            return str(self._service.new_id())
        return str(uuid5(NAMESPACE_URL, f"{principal.role.value} {principal.id} {self.key} {what}"))

    def context(self, principal: Principal, part: str = "") -> CommandContext:
        """What the decider's handler is told about the sender.

        Args:
            principal: who. part: which of several commands of this request; each has a key of its own.
        """
        record = None
        if self.key is not None:
            digest = self._service.vault.fingerprint(f"{self._target}\n{part}\n".encode() + self._body)
            actor = f"{principal.role.value}:{principal.id}"
            # no key that a sender gives has a blank in it, so a part's key is never another request's
            record = CommandRecord(actor, f"{self.key} {part}" if part else self.key, digest)
        return CommandContext(
            actor=principal.actor,
            correlation_id=self.correlation_id,
            traceparent=traceparent() or self._trace,
            command=record,
            expected=None if part else self.expected,
        )

    async def handle(
        self,
        decider: Decider[Any],
        aggregate: str,
        command: object,
        principal: Principal,
        part: str = "",
        allowed: Allowed = anybody,
    ) -> Handled:
        """Applies a command once, counted and traced; raises what ``CommandHandler.handle`` raises."""
        name, outcome, started = type(command).__name__, "failed", time.perf_counter()
        telemetry = self._service.telemetry
        try:
            with telemetry.span(f"command {name}"):
                context = self.context(principal, part)
                handled = await self._service.handler.handle(decider, aggregate, command, context, allowed)
            outcome = "repeated" if handled.repeated else "applied" if handled.events else "unchanged"
        except (Refused, KeyReused):
            outcome = "refused"
            raise
        except VersionConflict:
            outcome = "conflict"
            raise
        finally:
            telemetry.command(name, outcome, time.perf_counter() - started)
        return handled

    async def apply(
        self,
        decider: Decider[Any],
        aggregate: str,
        command: object,
        principal: Principal,
        *,
        id: str | None = None,  # noqa: A002 - the answer's field
        allowed: Allowed = anybody,
    ) -> CommandAnswer:
        """Applies the one command of this request and answers; ``id`` names what it made."""
        return self.answer(await self.handle(decider, aggregate, command, principal, allowed=allowed), id=id)

    def answer(self, handled: Handled, *, id: str | None = None) -> CommandAnswer:  # noqa: A002 - the answer's field
        """The answer, with Maple-Position and ETag, and 200 instead of 201 where nothing new happened."""
        return self.answer_as(CommandAnswer, handled, id=id)

    def answer_as(self, kind: type[Answer], handled: Handled, **more: Any) -> Answer:
        """The same as an answer that says more."""
        if handled.repeated or not handled.events:
            self.status = 200
        source, within = self._service.store.source, history(handled.lineage)
        position = token(source, handled.position, within, handled.stream)
        self.headers |= {"ETag": etag(handled.version), "Maple-Position": position}
        return kind(
            stream=handled.stream,
            version=handled.version,
            position=handled.position,
            events=[EventMade(id=event, type=kind_) for event, kind_ in handled.events],
            repeated=handled.repeated,
            **more,
        )


def canonical(body: bytes) -> bytes:
    """JSON in one form, so that a repeat may differ in spaces and order; anything else as its digest."""
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS) if body else b""
    except orjson.JSONDecodeError:
        return hashlib.sha256(body).digest()


async def service_context(request: Request) -> ServiceContext:
    """What the service was built with; async, since FastAPI sends what is not to a thread."""
    context: ServiceContext = request.app.state.context
    return context


Context = Annotated[ServiceContext, Depends(service_context)]


async def correlation_id(request: Request) -> str:
    """What ties together all that this request causes."""
    found: str = request.scope[CORRELATION]
    return found


CorrelationId = Annotated[str, Depends(correlation_id)]


def called(context: ServiceContext, request: Request, body: bytes) -> CommandCall:
    """The headers and body of a request that carries a command.

    Raises:
        HeaderMalformed: one of them has a form that it may not have.
    """
    key = idempotency_key(request.headers.get("idempotency-key"))
    expected = expected_version(request.headers.get("if-match"))
    return CommandCall(context, request, body, key, expected)


def once(context: ServiceContext, request: Request, body: bytes) -> CommandCall:
    """A request that is a command each time it is sent, whatever its headers say."""
    return CommandCall(context, request, body, None, None)
