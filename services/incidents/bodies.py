"""What a request to incidents may say; free text stands here in plain words and nowhere after."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from contracts.common import PRINTABLE, Category, Frozen, Identifier, Instant, Place, Point, ZoneName
from contracts.incidents import Channel, Officers, Priority
from services.chassis.http.texts import seen
from services.incidents.domain.incident import Phase
from services.incidents.domain.incident_commands import Outcome

FreeText = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
"""What somebody wrote; sealed under the case's key before anything else happens to it."""
SourceWord = Annotated[
    str,
    StringConstraints(min_length=1, max_length=120, pattern=PRINTABLE),
    AfterValidator(seen),
]


def _example(**said: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [said]})


class Happened(Frozen):
    """When it became true; left out: now, by the service's clock."""

    effective_at: Instant | None = None


class OccurredBody(Frozen):
    """When it happened, as exactly as it is known.

    Attributes:
        latest: left out: at ``earliest`` exactly. zone: where its day is counted; left out: that of the place.
    """

    earliest: Instant
    latest: Instant | None = None
    zone: ZoneName | None = None


class ReportBody(Frozen):
    """What was told. Left out: ``incident``, an id is made, of source and source_id where there is a source_id, so that
    the same report is recognised when it comes again; ``occurred``, it happens now.

    Attributes:
        source_unit: the unit it comes from. caller_unit: whence it was told. caller: who, as a subject id;
            of a resident always themselves. drill: an exercise.
        source, source_id, source_category: for an integrator, whose system it comes from and what that calls it.
    """

    model_config = _example(
        category="noise/neighbours",
        place="yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a/1812",
        occurred={"earliest": "2024-06-30T22:10:00+08:00"},
        channel="phone-110",
        source_unit="wanda-a-1812",
        caller_unit="wanda-a-1811",
        description="楼上装修，夜里十点以后仍在施工。",
    )
    incident: Identifier | None = None
    category: Category
    place: Place
    occurred: OccurredBody | None = None
    channel: Channel
    source_unit: Identifier | None = None
    caller_unit: Identifier | None = None
    caller: Identifier | None = None
    description: FreeText | None = None
    location: Point | None = None
    drill: bool = False
    source: Identifier = "live"
    source_id: SourceWord | None = None
    source_category: SourceWord | None = None


class TriageBody(Frozen):
    """How soon somebody must be there; ``category`` where it turned out to be another."""

    model_config = _example(priority="urgent", category="noise/construction")
    priority: Priority
    category: Category | None = None


class DispatchBody(Happened):
    """Who is sent; ``effective_at`` where it was done earlier, such as during an outage."""

    model_config = _example(officers=["officer-li", "officer-ma"])
    officers: Officers


class RecallBody(Frozen):
    """Who is recalled."""

    model_config = _example(officers=["officer-ma"])
    officers: Officers


class DutyBody(Frozen):
    """Who comes on duty where.

    Attributes:
        officer: left out, the caller; only the desk names others. place: left out, the first of the caller's places.
    """

    model_config = _example(place="yinchuan/jinfeng/beijing-zhonglu/wanda")
    officer: Identifier | None = None
    place: Place | None = None


class DutyEndBody(Frozen):
    """Who goes off duty; left out, the caller; only the desk names others."""

    model_config = _example(officer="officer-li")
    officer: Identifier | None = None


class MovementBody(Happened):
    """An officer who sets out or arrives; left out: the officer who says so."""

    model_config = _example(officer="officer-li", effective_at="2024-06-30T22:21:00+08:00")
    officer: Identifier | None = None


class ResolutionBody(Happened):
    """How it ended."""

    model_config = _example(outcome="settled", note="双方约定晚八点后不再施工。")
    outcome: Outcome
    note: FreeText | None = None


class ReopeningBody(Frozen):
    """Why it was not over."""

    model_config = _example(reason="当晚十一点又开始施工。")
    reason: FreeText | None = None


class CaseQuery(BaseModel):
    """Which incidents are asked for; what is left out does not matter."""

    state: Annotated[Literal["open", "resolved", "all"], Field(description="What an import brought is never open.")] = (
        "all"
    )
    phase: Phase | None = None
    category: Annotated[Category | None, Field(description="This category and those below it.")] = None
    place: Annotated[Place | None, Field(description="This place and those inside it.")] = None
    since: Annotated[Instant | None, Field(alias="from", description="Happened then or later.")] = None
    until: Annotated[Instant | None, Field(alias="to", description="Happened before then.")] = None
    officer: Annotated[Identifier | None, Field(description="Sent there.")] = None
    mine: Annotated[bool, Field(description="Only those that the caller was sent to.")] = False
    source_unit: Annotated[Identifier | None, Field(description="The unit it comes from.")] = None
    source: Annotated[Identifier | None, Field(description="Whose figures it belongs to.")] = None
    drill: Annotated[bool | None, Field(description="Exercises only, or none of them.")] = None
