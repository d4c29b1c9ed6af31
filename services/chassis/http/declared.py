"""Commands declared once: the model, the address, the permission and the rule of a command stand together, and its
route, the form of its body, its document and every check at the door follow from them.

A route is FastAPI's for its address and its document; the request is answered here, by what was worked out when the
service was made (FastAPI's documented ``get_route_handler``), since taking a function apart at each request takes
longer than the command.
"""

import contextlib
import dataclasses
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import NoneType
from typing import Annotated, Any, Generic, TypeVar, get_args

import orjson
from fastapi import APIRouter, Path
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError, create_model
from starlette.requests import Request
from starlette.responses import Response

from contracts.common import Frozen, Identifier, Sealed
from services.chassis.access.permissions import Permission, Scope
from services.chassis.access.permit import authenticated, granted, permit
from services.chassis.access.principal import Principal
from services.chassis.access.refusals import AccessRefused
from services.chassis.decider import Decider
from services.chassis.handler import anybody
from services.chassis.http.bodies import require_once, surely_once
from services.chassis.http.commands import CommandAnswer, CommandCall, called, once
from services.chassis.http.parameters import only_known
from services.chassis.http.positions import PositionVector
from services.chassis.http.reads import reached
from services.chassis.http.refusals import MalformedJson, MediaTypeNotJson
from services.chassis.service import ServiceContext

FreeText = Annotated[str, StringConstraints(min_length=1, max_length=8000)]
"""What somebody wrote; sealed under the case's key before anything else happens to it."""
JSON = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;|$)", re.ASCII | re.IGNORECASE)
PARAMETER = re.compile(r"{(\w+)}", re.ASCII)
Body = TypeVar("Body", bound=BaseModel)
FORMS: dict[type[BaseModel], list[type[BaseModel]]] = {}
"""The forms of requests that were made of each command."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for what, and when.

    Attributes:
        principal: who. permission: what they want to do. now: the service's time.
    """

    principal: Principal
    permission: Permission
    now: datetime

    @property
    def scope(self) -> Scope:
        """What bounds the permission for somebody of this role."""
        return self.permission.scope(self.principal.role)


Rule = Callable[[Caller, Any], None]
"""Lets a command through to the state that it is decided on, or the request through that makes something; raises where
the caller may not do this."""


@dataclass(frozen=True, slots=True)
class Asked(Generic[Body]):
    """A request that carries a command.

    Attributes:
        body: what it says. path: what its address says, by the parameter's name. aggregate: the id of what it is
            about; of what it makes, where the request gives one or the server has made one.
        caller: who sends it. call: its headers. service: what the service was built with. declared: the command.
    """

    body: Body
    path: Mapping[str, str]
    aggregate: str
    caller: Caller
    call: CommandCall
    service: ServiceContext
    declared: "DeclaredCommand"

    @property
    def principal(self) -> Principal:
        """Who sends it."""
        return self.caller.principal

    async def state(self) -> Any:
        """The state of what the command is about, where the caller may do this to it; raises what the rule raises."""
        state, _ = await self.service.handler.state(self.declared.noun.decider, self.aggregate)
        self.declared.rule(self.caller, state)
        return state

    async def seal(self, text: str) -> Sealed:
        """A text under the key of what the command is about."""
        key = self.declared.noun.key
        if key is None:
            raise TypeError(f"{self.declared.model.__name__} holds sealed text and its noun names no key")
        return await self.service.vault.seal(key(self.aggregate), text)

    async def apply(self, command: object) -> CommandAnswer:
        """Applies a command to what the address names, under the rule of the declaration."""
        return await self.declared.apply(self, self.aggregate, command)


Completes = Callable[[Asked[Any]], Awaitable[Mapping[str, Any]]]
"""The fields of a command that the request does not say, or says otherwise; by their names."""
Responds = Callable[[Asked[Any]], Awaitable[CommandAnswer]]
"""What a request leads to, where it is more than one command."""


def within_places(caller: Caller, about: Any) -> None:
    """Lets a command pass that makes something in the caller's places; raises OutsideScope."""
    caller.principal.require(about.place)


def ruled_below(_: Caller, __: Any) -> None:
    """Lets everything pass: who may do it is looked at by the function that stands below the declaration."""


@dataclass(frozen=True)
class Noun:
    """One kind of aggregate over HTTP; its commands are declared with ``command`` and ``creation``.

    Attributes:
        decider: decides. path: address of one, such as ``/cases/{incident}``. router: takes the routes.
        rule: who may do something to one of them. key: the name of the key under which free text about one is sealed.
        named: the field of the command that makes one which holds its id, where it is not the address's parameter.
        aggregate: the id of what a command makes or changes, where it is made of several of its fields.
        example: an id of one, for the document; examples: of other parameters of an address. tags: of the document.
    """

    decider: Decider[Any]
    path: str
    router: APIRouter
    rule: Rule
    key: Callable[[str], str] | None = None
    named: str = ""
    aggregate: Callable[[Any], str] | None = None
    example: str = "0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e"
    tags: tuple[str, ...] = ()
    examples: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def parameter(self) -> str:
        """The name of its id in addresses."""
        return str(PARAMETER.findall(self.path)[0])

    @property
    def field(self) -> str:
        """The name of its id in the command that makes one."""
        return self.named or self.parameter

    def command(
        self,
        model: type[BaseModel],
        address: str,
        permission: Permission,
        *,
        summary: str,
        rule: Rule | None = None,
        **more: Any,
    ) -> "DeclaredCommand":
        """Declares a command to one that is there.

        Args:
            model: of the command; its docstring is the description. address: below that of the noun.
            permission: what the caller must hold. summary: for the document.
            rule: who may do this to it, where that is not the noun's rule. more: see ``DeclaredCommand``.
        """
        return self._declared(model, f"{self.path}/{address}", permission, summary, rule or self.rule, False, more)

    def creation(
        self,
        model: type[BaseModel],
        permission: Permission,
        *,
        summary: str,
        rule: Rule = within_places,
        address: str | None = None,
        **more: Any,
    ) -> "DeclaredCommand":
        """Declares the command that makes one; the same arguments, and its rule looks at what the request says.

        Its id may be left out of the request: one is made then, the same for each repeat.
        """
        path = self.path.rpartition("/")[0] if address is None else address
        return self._declared(model, path, permission, summary, rule, True, more)

    def _declared(
        self,
        model: type[BaseModel],
        path: str,
        permission: Permission,
        summary: str,
        rule: Rule,
        creates: bool,
        more: Mapping[str, Any],
    ) -> "DeclaredCommand":
        declared = DeclaredCommand(self, model, path, permission, summary, rule, creates, **more)
        self.router.add_api_route(
            path,
            declared,
            methods=["POST"],
            status_code=201,
            response_model=declared.answer,
            tags=list(self.tags),
            summary=summary,
            description=declared.description,
            name=_snake(model.__name__),
            route_class_override=CommandRoute,
        )
        return declared


@dataclass
class DeclaredCommand:
    """A command and its edges.

    Attributes:
        noun, model, path, permission, summary, rule: as declared. creates: whether it makes what it is about.
        given: fields of the model that no request may say. takes: type of a field in a request where it differs from
            the model's; one that may be None may be left out. body: the whole form of a request, where it is another.
        example: of a request. describes: the description, where it is not the model's docstring.
        answer: what it is answered with. answers: the field of the command that the answer's ``id`` tells.
        after: read models that its function asks: they have read what was written before the request.
        repeatable: whether a repeat is recognised by its Idempotency-Key; each reading on record is a reading.
    """

    noun: Noun
    model: type[BaseModel]
    path: str
    permission: Permission
    summary: str
    rule: Rule
    creates: bool
    given: Sequence[str] = ()
    takes: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    body: type[BaseModel] | None = None
    example: Mapping[str, Any] | None = None
    describes: str = ""
    answer: type[CommandAnswer] = CommandAnswer
    answers: str = ""
    after: Sequence[str] = ()
    repeatable: bool = True

    def __post_init__(self) -> None:
        self.completes: Completes | None = None
        self.responds: Responds = self.applied
        names: list[str] = PARAMETER.findall(self.path)
        self.parameters = {name: Annotated[Identifier, _path(self.noun, name)] for name in names}
        self._adapters = {name: TypeAdapter[str](Identifier) for name in names}
        self.said = self.body or self._form()
        self._adapter = TypeAdapter(self.said)
        self._sealed = [name for name, info in self.model.model_fields.items() if _is_sealed(info.annotation)]
        required = self.model.model_fields.get("effective_at")
        self._dated = required is not None and required.is_required()
        # what FastAPI reads to write the document
        self.__signature__ = inspect.Signature(
            [
                *(_parameter(name, annotation) for name, annotation in self.parameters.items()),
                _parameter("body", self.said),
                _parameter("principal", Annotated[Principal, permit(self.permission)]),
            ]
        )

    @property
    def description(self) -> str:
        """For the document."""
        told = inspect.cleandoc(self.describes or self.model.__doc__ or self.summary)
        return told.partition("\n\nAttributes:")[0]

    def completed(self, function: Completes) -> Completes:
        """Takes the function that gives the fields which a request does not say."""
        self.completes = function
        return function

    def answered(self, function: Responds) -> Responds:
        """Takes the function that does it all, where a request is more than one command."""
        self.responds = function
        return function

    async def __call__(self) -> None:
        """Never called: a request is answered by ``respond``."""

    async def respond(self, request: Request) -> Response:
        """Answers a request."""
        principal = await authenticated(request)
        granted(self.permission, principal)
        await only_known(request)
        content = await request.body()
        path, body = self._read(request, content)
        service: ServiceContext = request.app.state.context
        call = called(service, request, content) if self.repeatable else once(service, request, content)
        for read_model in self.after:
            head = await service.store.head()
            await reached(service, read_model, PositionVector({service.store.source: head.position}))
        aggregate = path.get(self.noun.parameter) if not self.creates else getattr(body, self.noun.field, None)
        caller = Caller(principal, self.permission, service.clock.now())
        made = aggregate or call.made(principal, self.noun.field)
        answer = await self.responds(Asked(body, path, made, caller, call, service, self))
        return Response(answer.model_dump_json(), call.status, call.headers, "application/json")

    async def applied(self, asked: Asked[Any]) -> CommandAnswer:
        """Makes the command of a request and applies it."""
        if self.creates:
            self.rule(asked.caller, asked.body)
        command = await self.made(asked)
        return await self.apply(asked, self._about(asked, command), command)

    def _about(self, asked: Asked[Any], command: BaseModel) -> str:
        if self.noun.aggregate is not None:
            return self.noun.aggregate(command)
        return str(getattr(command, self.noun.field)) if self.creates else asked.aggregate

    async def apply(self, asked: Asked[Any], aggregate: str, command: object) -> CommandAnswer:
        """Applies a command and answers; what it made or was about stands in the answer's ``id``."""
        allowed = anybody if self.creates else partial(self.rule, asked.caller)
        handled = await asked.call.handle(self.noun.decider, aggregate, command, asked.principal, allowed=allowed)
        # a repeat that is known by what it says may name another id, or none: what counts is the first
        first = handled.stream.removeprefix(f"{self.noun.decider.prefix}-")
        ident = first if self.creates else list(asked.path.values())[-1]
        return asked.call.answer(handled, id=getattr(command, self.answers) if self.answers else ident)

    async def made(self, asked: Asked[Any]) -> BaseModel:
        """The command of a request: what it says, what its address says, what only the service knows; then sealed."""
        told = dict(asked.body) | {name: value for name, value in asked.path.items() if name in self.model.model_fields}
        if self.creates:
            told[self.noun.field] = asked.aggregate
        if self._dated and told.get("effective_at") is None:
            told["effective_at"] = asked.caller.now
        given = dict(await self.completes(asked)) if self.completes else {}
        written = [name for name in self._sealed if name not in given and told.get(name) is not None]
        if written and not self.creates:
            # nothing is sealed about what is not there; whether the caller may is looked at when it is decided, where a
            # repeat is recognised that was allowed before what it did itself
            with contextlib.suppress(AccessRefused):
                await asked.state()
        for name in written:
            told[name] = await asked.seal(told[name])
        return self.model(**(told | given))

    def _read(self, request: Request, content: bytes) -> tuple[dict[str, str], Any]:
        """What the address and the body say.

        Raises:
            RequestValidationError: they say what they may not. MediaTypeNotJson, MalformedJson: the body is no JSON.
            FieldTwice: it names a field twice.
        """
        errors: list[Any] = []
        path = {}
        for name, adapter in self._adapters.items():
            try:
                path[name] = adapter.validate_python(request.path_params[name])
            except ValidationError as error:
                errors += _located(error, ("path", name))
        body = None
        if not content:
            errors.append({"type": "missing", "loc": ("body",), "msg": "Field required", "input": None})
        elif not JSON.match(request.headers.get("content-type", "")):
            raise MediaTypeNotJson
        else:
            try:
                body = self._adapter.validate_python(_parsed(content))
            except ValidationError as error:
                errors += _located(error, ("body",))
        if errors:
            raise RequestValidationError(errors)
        return path, body

    def _form(self) -> type[BaseModel]:
        """The form of a request: the model's fields, but for those that the address or the service gives."""
        given = {*self.given, *self.parameters}
        fields: dict[str, Any] = {}
        for name, info in self.model.model_fields.items():
            if name in given:
                continue
            kind: Any = (info.annotation, info)
            if name in self.takes:
                kind = (self.takes[name], None if _may_be_none(self.takes[name]) else ...)
            elif _is_sealed(info.annotation):
                kind = (FreeText | None, None) if _may_be_none(info.annotation) else (FreeText, ...)
            elif (name == "effective_at" or (self.creates and name == self.noun.field)) and info.is_required():
                kind = (info.rebuild_annotation() | None, None)
            fields[name] = kind
        config = ConfigDict(json_schema_extra={"examples": [dict(self.example)]} if self.example else {})
        base = type("Form", (Frozen,), {"model_config": config, "__module__": __name__})
        made: type[BaseModel] = create_model(self.model.__name__, __base__=base, __doc__=self.model.__doc__, **fields)
        # one form of one name, wherever the same is declared of several nouns
        known = FORMS.setdefault(self.model, [])
        shape = made.model_json_schema()
        for other in known:
            if other.model_json_schema() == shape:
                return other
        known.append(made)
        return made


class CommandRoute(APIRoute):
    """A route of a declared command."""

    @property
    def declared(self) -> DeclaredCommand:
        """The command."""
        if not isinstance(self.endpoint, DeclaredCommand):
            raise TypeError(f"{self.path} is no declared command")
        return self.endpoint

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Answers by the declaration instead of FastAPI's analysis of a function."""
        return self.declared.respond


def _parsed(content: bytes) -> Any:
    try:
        told = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise MalformedJson from error
    if not surely_once(content, told):
        require_once(content)
    return told


def _located(error: ValidationError, place: tuple[str, ...]) -> list[Any]:
    found = error.errors(include_url=False, include_input=False)
    return [{**each, "loc": (*place, *each["loc"]), "input": None} for each in found]


def _may_be_none(annotation: Any) -> bool:
    return NoneType in get_args(annotation)


def _is_sealed(annotation: Any) -> bool:
    return annotation is Sealed or Sealed in get_args(annotation)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _parameter(name: str, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation)


def _path(noun: Noun, name: str) -> Any:
    return Path(examples=[noun.example if name == noun.parameter else noun.examples.get(name, noun.example)])
