"""Errors as problem+json (RFC 9457): a stable type, a sentence for people, and where it is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated

import asyncpg
import orjson
from pydantic import BaseModel, Field
from sqlalchemy.exc import TimeoutError as EnginesBusy
from starlette.exceptions import HTTPException
from starlette.responses import Response

from contracts.refusals import Conflicting, Gone, Mistaken, NotAllowed, Unknown
from services.chassis.access.jwks import KeysAway
from services.chassis.access.places import PlaceMalformed
from services.chassis.access.refusals import OutsideScope, RateExceeded, RoleRefused, ScopeMissing, TokenRefused
from services.chassis.eventstore.types import EventTooLarge, EventUnreadable, KeyReused, Overloaded, VersionConflict
from services.chassis.http import refusals
from services.chassis.postgres import AWAY, caused_by, causes
from services.chassis.projections.checkpoints import NotReadYet, ReaderStopped, SetAside
from services.chassis.vault.refusals import Erased, ErasureUnrecorded

MEDIA_TYPE = "application/problem+json"
Statuses = Mapping[type[Exception], HTTPStatus]

KNOWN: Statuses = {
    Mistaken: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unknown: HTTPStatus.NOT_FOUND,
    Conflicting: HTTPStatus.CONFLICT,
    NotAllowed: HTTPStatus.FORBIDDEN,
    Gone: HTTPStatus.GONE,
    TokenRefused: HTTPStatus.UNAUTHORIZED,
    RateExceeded: HTTPStatus.TOO_MANY_REQUESTS,
    RoleRefused: HTTPStatus.FORBIDDEN,
    ScopeMissing: HTTPStatus.FORBIDDEN,
    OutsideScope: HTTPStatus.FORBIDDEN,
    PlaceMalformed: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.NotFound: HTTPStatus.NOT_FOUND,
    refusals.MalformedJson: HTTPStatus.BAD_REQUEST,
    refusals.ParameterUnknown: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.FieldTwice: HTTPStatus.BAD_REQUEST,
    refusals.HeaderMalformed: HTTPStatus.BAD_REQUEST,
    refusals.PositionAhead: HTTPStatus.BAD_REQUEST,
    refusals.PositionLost: HTTPStatus.BAD_REQUEST,
    refusals.CursorBroken: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.MediaTypeNotJson: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    refusals.BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    refusals.TextUnstorable: HTTPStatus.UNPROCESSABLE_ENTITY,
    VersionConflict: HTTPStatus.CONFLICT,
    KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    EventTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Erased: HTTPStatus.GONE,
    EventUnreadable: HTTPStatus.INTERNAL_SERVER_ERROR,
    ErasureUnrecorded: HTTPStatus.SERVICE_UNAVAILABLE,
    Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    NotReadYet: HTTPStatus.SERVICE_UNAVAILABLE,
    SetAside: HTTPStatus.SERVICE_UNAVAILABLE,
    ReaderStopped: HTTPStatus.SERVICE_UNAVAILABLE,
    refusals.LogReplaced: HTTPStatus.SERVICE_UNAVAILABLE,
    KeysAway: HTTPStatus.SERVICE_UNAVAILABLE,
}
SENTENCES: Mapping[type[Exception], str] = {
    VersionConflict: "Somebody else has changed this in the meantime: read it again and decide anew.",
    KeyReused: "The Idempotency-Key was used for another command: use a new key for a new command.",
    Overloaded: "More is being written than the database takes: send it again in a moment.",
    NotReadYet: "What you have just written is not in this answer yet: ask again in a moment.",
    ReaderStopped: "This picture is no longer kept up to date, so what you have just written may not be in it: an "
    "operator is needed.",
    SetAside: "What you have just written could not be taken into this picture yet: an operator is needed.",
}
UNSTORABLE = (
    asyncpg.CharacterNotInRepertoireError,
    asyncpg.UntranslatableCharacterError,
    asyncpg.NumericValueOutOfRangeError,
    asyncpg.DatetimeFieldOverflowError,
)


class Fault(BaseModel):
    """One thing that is wrong."""

    detail: str
    rule: Annotated[str, Field(description="Stable name of the constraint that is broken.", examples=["place"])]
    pointer: Annotated[str | None, Field(description="JSON pointer into the body.")] = None
    parameter: Annotated[str | None, Field(description="Name of the parameter or header.")] = None


class ProblemDocument(BaseModel):
    """What went wrong, and what to do."""

    type: Annotated[
        str, Field(description="Stable name of this kind of problem.", examples=["/problems/tenancy-overlaps"])
    ]
    title: Annotated[str, Field(examples=["Tenancy overlaps"])]
    status: Annotated[int, Field(ge=400, le=599, examples=[409])]
    detail: Annotated[str, Field(description="A sentence for people: what is wrong and what to do.")]
    pointer: Annotated[str | None, Field(description="JSON pointer of the field, where there is one.")] = None
    parameter: Annotated[str | None, Field(description="Name of the parameter or header, where it is one.")] = None
    rule: Annotated[
        str | None, Field(description="Stable name of the constraint that the field breaks, where it is one.")
    ] = None
    errors: Annotated[list[Fault] | None, Field(description="All that is wrong, where it is more than one thing.")] = (
        None
    )
    correlation_id: Annotated[str | None, Field(description="Name it when you ask for help.")] = None


@dataclass(frozen=True)
class Problem:
    """A problem before it is written.

    Attributes:
        name: what ``type`` ends with. status, title, detail, pointer, parameter, rule, errors: as in the document.
        headers: to send with it. expected: whether it is somebody's mistake or state, and no failure of ours.
    """

    name: str
    status: HTTPStatus
    title: str
    detail: str
    pointer: str = ""
    parameter: str = ""
    rule: str = ""
    errors: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    expected: bool = True

    def response(self, correlation: str | None = None) -> Response:
        """As an HTTP answer."""
        document = ProblemDocument(
            type=f"/problems/{self.name}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            pointer=self.pointer or None,
            parameter=self.parameter or None,
            rule=self.rule or None,
            errors=list(self.errors) if len(self.errors) > 1 else None,
            correlation_id=correlation,
        )
        content = orjson.dumps(document.model_dump(exclude_none=True))
        return Response(content, self.status, dict(self.headers), MEDIA_TYPE)


def named(error: type[Exception]) -> tuple[str, str]:
    """The stable name and the title of a class of errors: ``tenancy-overlaps`` and ``Tenancy overlaps``."""
    words = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+", error.__name__)
    lower = [word.lower() for word in words]
    return "-".join(lower), " ".join(lower).capitalize()


def problem_of(error: Exception, statuses: Statuses, *, conditional: bool = False) -> Problem | None:
    """The problem that an error is; None where nobody has foreseen it.

    Args:
        error: what was raised. statuses: of the service's own errors. conditional: the request had an If-Match.
    """
    if isinstance(error, HTTPException):
        return _of_http(error)
    if (status := status_of(type(error), statuses)) is not None:
        return _of_known(error, status, conditional)
    if any(isinstance(cause, UNSTORABLE) or _out_of_range(cause) for cause in causes(error)):
        return _of_known(refusals.TextUnstorable(), HTTPStatus.UNPROCESSABLE_ENTITY, conditional=False)
    if caused_by(error, (*AWAY, EnginesBusy)):
        return Problem(
            "database-away",
            HTTPStatus.SERVICE_UNAVAILABLE,
            "Database away",
            "The database does not answer, is full or is busy: send it again in a moment, with the same key.",
            headers={"Retry-After": "2"},
            expected=False,
        )
    return None


def unforeseen() -> Problem:
    """What somebody is told about a failure of ours."""
    return Problem(
        "unforeseen",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Unforeseen",
        "Something failed here that nobody has foreseen. It is on record: name the correlation id to who helps you.",
        expected=False,
    )


def status_of(kind: type[Exception], statuses: Statuses) -> HTTPStatus | None:
    """The status of a class of errors, by a service's own and by those that all know; None where nobody foresaw it."""
    for each in kind.__mro__:
        if status := statuses.get(each) or KNOWN.get(each):
            return status
    return None


def _of_known(error: Exception, status: HTTPStatus, conditional: bool) -> Problem:
    name, title = named(type(error))
    headers: dict[str, str] = {}
    if isinstance(error, VersionConflict) and conditional:
        status = HTTPStatus.PRECONDITION_FAILED
    if isinstance(error, TokenRefused):
        headers["WWW-Authenticate"] = 'Bearer realm="maplebridge"'
    if isinstance(error, RateExceeded):
        headers["Retry-After"] = str(error.retry_after)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "30" if isinstance(error, (SetAside, ReaderStopped)) else "1"
    return Problem(
        name,
        status,
        title,
        SENTENCES.get(type(error)) or getattr(error, "sentence", None) or str(error),
        pointer=getattr(error, "pointer", ""),
        parameter=getattr(error, "parameter", ""),
        headers=headers,
        expected=status is not HTTPStatus.INTERNAL_SERVER_ERROR,
    )


def _of_http(error: HTTPException) -> Problem:
    status = HTTPStatus(error.status_code)
    advice = {
        HTTPStatus.NOT_FOUND: "There is nothing at this address: look at /docs for those that there are.",
        HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method: the Allow header names those it takes.",
        HTTPStatus.BAD_REQUEST: "The body cannot be read: correct it and send it again.",
    }
    name = status.phrase.lower().replace(" ", "-").replace("'", "")
    detail = advice.get(status, f"{status.phrase}: {status.description or 'look at /docs'}.")
    return Problem(name, status, status.phrase.capitalize(), detail, headers=dict(error.headers or {}))


def _out_of_range(error: BaseException) -> bool:
    """Whether the driver refused a number that its column cannot hold, before PostgreSQL saw it."""
    return isinstance(error, asyncpg.DataError) and isinstance(error.__cause__, OverflowError)
