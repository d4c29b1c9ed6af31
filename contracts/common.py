"""Words that every contract shares: identifiers, places, categories, times, sealed text."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Literal, NamedTuple

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)


class Form(NamedTuple):
    """What a pattern asks for, as people are told. rule: a stable name. sentence: what to write."""

    rule: str
    sentence: str


FORMS: Final[dict[str, Form]] = {}
"""By pattern; people who are refused by one read its sentence, never the pattern."""
UNKNOWN_FORM: Final = Form("form", "It is not written in the form that this field has: see its description.")


def form(pattern: str, rule: str, sentence: str) -> str:
    """The pattern, with what people are told where a text does not fit it."""
    FORMS[pattern] = Form(rule, sentence)
    return pattern


def form_of(error: Mapping[str, Any]) -> Form | None:
    """The form that a text did not have, from an error of pydantic; None where the error is another."""
    if error["type"] != "string_pattern_mismatch":
        return None
    return FORMS.get(error["ctx"]["pattern"], UNKNOWN_FORM)


def told(error: Mapping[str, Any]) -> str:
    """What an error of pydantic says, without its end; a pattern is told by its sentence."""
    wanted = form_of(error)
    return (wanted.sentence if wanted else str(error["msg"]).removeprefix("Value error, ")).rstrip(".")


def _as_utc(moment: datetime) -> datetime:
    if EARLIEST.year - 1 <= moment.year <= LATEST.year + 1:  # nothing else can come to lie between
        moment = moment.astimezone(UTC)
    if not EARLIEST.year <= moment.year <= LATEST.year:
        raise ValueError(f"the year must lie between {EARLIEST.year} and {LATEST.year} in UTC")
    return moment


Instant = Annotated[AwareDatetime, AfterValidator(_as_utc)]
"""A moment with a zone, kept in UTC."""

IDENTIFIER: Final = form(
    r"^[a-z0-9][a-z0-9._-]{0,79}$",
    "identifier",
    "It must be an id: lower-case letters, digits, dots, hyphens and underscores, at most 80 of them.",
)
Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER)]
"""Lower-case letters, digits, dot, hyphen and underscore; at most 80 characters."""

PLACE: Final = form(
    r"^[a-z0-9_-]{1,80}(/[a-z0-9_-]{1,80}){0,9}$",
    "place",
    "It must be the path of a place: 1 to 10 segments of lower-case letters, digits, hyphens and underscores joined "
    "by /, such as yinchuan/jinfeng.",
)
Place = Annotated[str, StringConstraints(pattern=PLACE)]
"""A path from the city inwards: city/district/station/community/building/unit, matched on whole segments."""

NAMED_PLACE: Final = re.compile(r"[_-]*[a-z0-9][a-z0-9_-]*(/[_-]*[a-z0-9][a-z0-9_-]*)*")


def named(place: str) -> str:
    """The path as it is. Raises ValueError where a segment is signs alone, such as ``-``."""
    if not NAMED_PLACE.fullmatch(place):
        raise ValueError(
            "It must be the path of a place whose segments each have a letter or a digit, such as yinchuan/jinfeng: "
            "signs alone, such as -, name nothing"
        )
    return place


NamedPlace = Annotated[Place, AfterValidator(named)]
"""A place as commands, settings and mappings take it. Events keep the wider form, which released ones may have."""

CATEGORY: Final = form(
    r"^[a-z0-9-]{1,60}(/[a-z0-9-]{1,60}){0,4}$",
    "category",
    "It must be a category: 1 to 5 words of lower-case letters, digits and hyphens joined by /, such as "
    "noise/neighbours.",
)
Category = Annotated[str, StringConstraints(pattern=CATEGORY)]
"""A path from the general to the particular, such as crime/theft/from-vehicle; a figure rolls up on segments."""

ZONE: Final = form(r"^[A-Za-z0-9_+/-]{1,64}$", "zone", "It must be the name of a time zone, such as Asia/Shanghai.")
ZoneName = Annotated[str, StringConstraints(pattern=ZONE)]
"""An IANA time zone, such as Asia/Shanghai."""
HOME_ZONE = "Asia/Shanghai"
"""What released events mean where they name no zone."""

PRINTABLE: Final = form(
    r"^[^\x00-\x1f\x7f]*$", "printable", "It must have no control characters, such as line ends and tabs."
)
"""No control characters: they mean nothing to a reader, and PostgreSQL's text refuses one of them."""

Headline = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True, pattern=PRINTABLE)]
"""A short public title, written for a notice board; it must name nobody."""

Label = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True, pattern=PRINTABLE)]
"""A name of a place, an organisation or a category, never of a person."""


LARGEST = 2**53 - 1
"""The largest whole number that is taken: a bigint of PostgreSQL and a number of every JSON reader hold it exactly."""

Count = Annotated[int, Field(ge=0, le=LARGEST)]
"""How many, or a position in a log."""


class Frozen(BaseModel):
    """An immutable value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_timedelta="iso8601")


class Role(StrEnum):
    """Who somebody is to the platform; the verbs that a role grants stand in each service's permissions."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    DISPATCHER = "dispatcher"
    MEDIATOR = "mediator"
    AUXILIARY = "auxiliary"
    PATROL = "patrol"
    PROPERTY_MANAGER = "property-manager"
    OPERATOR = "operator"
    PARTNER = "partner"
    RESIDENT = "resident"
    ANALYST = "analyst"
    INTEGRATOR = "integrator"
    DATA_PLATFORM = "data-platform"
    OVERSEER = "overseer"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


def _known_to_readers(role: Role) -> Role:
    if role is Role.DATA_PLATFORM:
        raise ValueError("released readers of envelopes do not know this role: it acts as an integrator")
    return role


ActingRole = Annotated[
    Role,
    AfterValidator(_known_to_readers),
    WithJsonSchema({"type": "string", "enum": [role.value for role in Role if role is not Role.DATA_PLATFORM]}),
]
"""A role as envelopes name it: the city's data platform came later, and is one of the systems outside."""


class Actor(Frozen):
    """Who acted: a role and an identifier, never a name."""

    role: ActingRole
    id: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=PRINTABLE)]


KEY_NAME: Final = form(
    r"^(subject|case):[a-z0-9][a-z0-9._-]{0,79}$",
    "key-name",
    "It must be the name of a key: subject: or case: and an id.",
)


class Sealed(Frozen):
    """Text under a key of its own: readable while the key lives, noise after the key is destroyed.

    Attributes:
        key: name of the key, ``subject:<id>`` for a person's fields, ``case:<id>`` for free text.
        text: base64 of a 96-bit nonce followed by AES-256-GCM ciphertext and tag; the key's name is
            authenticated with it.
    """

    key: Annotated[str, StringConstraints(pattern=KEY_NAME)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=65536)]


ErasureGround = Literal["resident-request", "retention-ended", "written-in-error"]
"""Why what was written about a case may and must be erased."""


class Occurred(Frozen):
    """When something happened, as exactly as it is known.

    Attributes:
        earliest: not before this moment.
        latest: not after this moment; equal to ``earliest`` where the moment itself is known.
        zone: where the calendar day is counted.
    """

    earliest: Instant
    latest: Instant
    zone: ZoneName = HOME_ZONE


SYSTEM: Final = form(r"^(WGS84|GCJ-02|CGCS2000)$", "coordinate-system", "It must be WGS84, GCJ-02 or CGCS2000.")


class Point(Frozen):
    """A position on the earth.

    Attributes:
        longitude: degrees east. latitude: degrees north.
        system: coordinate system; GCJ-02 is what Chinese map services use, and differs by up to 700 m.
    """

    longitude: Annotated[float, Field(ge=-180, le=180)]
    latitude: Annotated[float, Field(ge=-90, le=90)]
    system: Annotated[str, StringConstraints(pattern=SYSTEM)] = "WGS84"


class EventRef(Frozen):
    """Points at one event of one log.

    Attributes:
        source: the service whose log it is. position: its place in that log, from 1. id: the event's id.
    """

    source: Identifier
    position: Annotated[int, Field(ge=1)]
    id: Annotated[str, StringConstraints(min_length=1, max_length=80)]


class Event(Frozen):
    """A fact in the past tense.

    Attributes:
        effective_at: when it became true; when it became known is the envelope's ``recorded_at``.
    """

    type: ClassVar[str]
    effective_at: Instant


def names_of(models: Iterable[type[Event]]) -> frozenset[str]:
    """Today's type names of events."""
    return frozenset(model.type for model in models)
