"""What a request to mediation may say; free text stands here in plain words and nowhere after."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.common import Category, Frozen, Identifier, Instant, Place
from contracts.mediation import IssueKind, SessionKind
from contracts.registry import Floor
from services.chassis.http.texts import VisibleHeadline, VisibleLabel
from services.mediation.domain.dispute import DisputePhase
from services.mediation.domain.dispute_commands import Outcome, Parties, Present
from services.mediation.domain.issue import IssuePhase

Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 1, 1))]
FreeText = Annotated[str, StringConstraints(min_length=1, max_length=8000)]
"""What somebody wrote; sealed under the case's key before anything else happens to it."""


def _example(**said: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [said]})


class Happened(Frozen):
    """When it became true; left out: now, by the service's clock."""

    effective_at: Instant | None = None


# disputes


class DisputeBody(Happened):
    """Who disagrees about what. Left out: ``dispute``, an id is made."""

    model_config = _example(
        category="dispute/deposit",
        place="yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a/1812",
        source_unit="wanda-a-1812",
        parties=[{"subject": "subject-gu", "household": "wanda-a-1812"}, {"subject": "subject-shan"}],
        summary="退租后押金未退。",
    )
    dispute: Identifier | None = None
    category: Category
    place: Place
    source_unit: Identifier | None = None
    parties: Parties
    summary: FreeText | None = None
    incident: Identifier | None = None


class MediatorBody(Frozen):
    """Who takes the case; their household and subject id where they are known, for the rule of neutrality."""

    model_config = _example(mediator="mediator-guo", household="wanda-a-1905")
    mediator: Identifier
    subject: Identifier | None = None
    household: Identifier | None = None


class HeldSessionBody(Happened):
    """Who met the mediator, and what was said; ``sealed_from`` left out: the parties who were not there."""

    model_config = _example(present=["subject-gu"], minutes="单独听取意见。", sealed_from=["subject-shan"])
    present: Present
    minutes: FreeText | None = None
    sealed_from: Annotated[tuple[Identifier, ...], Field(max_length=20)] | None = None


class AgreementBody(Happened):
    """What the parties agreed on."""

    model_config = _example(terms="七日内退还押金的八成。")
    terms: FreeText | None = None


class EndBody(Happened):
    """How the dispute ended."""

    model_config = _example(outcome="agreement-kept")
    outcome: Outcome


class ReopeningBody(Frozen):
    """Why it was not over."""

    model_config = _example(reason="押金仍未退还。")
    reason: FreeText | None = None


# issues


class IssueBody(Happened):
    """A resident's item or a building's pain point; the title stands on the notice board and names nobody.

    Attributes:
        issue: its id; one is made where it is left out. raised_by: the resident, as a subject id; of a resident
            always themselves.
    """

    model_config = _example(
        kind="agenda-item",
        title="湖边步道路灯不亮",
        place="yinchuan/helan/xigang/tianehu",
        category="facilities/lighting",
        raised_by="subject-gu",
        description="从东门到亭子一段，晚上看不见路。",
    )
    issue: Identifier | None = None
    kind: IssueKind
    title: VisibleHeadline
    place: Place
    category: Category
    building: Identifier | None = None
    floor: Floor | None = None
    raised_by: Identifier | None = None
    description: FreeText | None = None


class TitleBody(Frozen):
    """The public title of a resident's item; it names nobody."""

    model_config = _example(title="湖边步道路灯不亮")
    title: VisibleHeadline


class CommitmentBody(Frozen):
    """Which organisation promises what by which day. Left out: ``commitment``, an id is made."""

    model_config = _example(owner="org-lights", promise="更换十二盏路灯", due_on="2024-07-15")
    commitment: Identifier | None = None
    owner: Identifier
    promise: VisibleHeadline
    due_on: Day


class FulfilmentBody(Happened):
    """What was promised is done."""

    model_config = _example(effective_at="2024-07-12T16:00:00+08:00")


class DoneBody(Happened):
    """All that was promised is done."""

    model_config = _example(effective_at="2024-07-12T16:30:00+08:00")


class ConfirmationBody(Happened):
    """The resident's word; ``by`` where staff write it down for a resident who is not on record.

    Of a pain point that no resident raised: left out, the caller has looked at the spot.
    """

    model_config = _example(by="subject-gu")
    by: Identifier | None = None


class ObjectionBody(ConfirmationBody):
    """The resident says that it is not done, and why."""

    model_config = _example(by="subject-gu", reason="亭子旁边的两盏还是不亮。")
    reason: FreeText | None = None


# sessions


class SessionBody(Frozen):
    """A meeting that is called. Left out: ``session``, an id is made."""

    model_config = _example(
        kind="teahouse",
        place="yinchuan/helan/xigang/tianehu",
        starts_at="2024-07-01T15:00:00+08:00",
        venue="天鹅湖社区民生茶馆",
    )
    session: Identifier | None = None
    kind: SessionKind
    place: Place
    starts_at: Instant
    venue: VisibleLabel


class AgendaBody(Frozen):
    """What will be talked about."""

    model_config = _example(issue="0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e")
    issue: Identifier


class AttendanceBody(Happened):
    """Which organisations came, and how many residents."""

    model_config = _example(organisations=["org-lights", "org-property"], residents=9)
    organisations: Annotated[tuple[Identifier, ...], Field(max_length=100)]
    residents: Annotated[int, Field(ge=0, le=10000)] = 0


class ClosingBody(Happened):
    """The end of a meeting."""

    model_config = _example(minutes="路灯由照明所七月十五日前更换。")
    minutes: FreeText | None = None


# questions


class DisputeQuery(BaseModel):
    """Which disputes are asked for; what is left out does not matter."""

    state: Literal["open", "resolved", "all"] = "all"
    phase: DisputePhase | None = None
    category: Annotated[Category | None, Field(description="This category and those below it.")] = None
    place: Annotated[Place | None, Field(description="This place and those inside it.")] = None
    mediator: Identifier | None = None
    mine: Annotated[bool, Field(description="Only those that the caller was assigned to.")] = False
    source_unit: Annotated[Identifier | None, Field(description="The unit it comes from.")] = None
    since: Annotated[Instant | None, Field(alias="from", description="Began then or later.")] = None
    until: Annotated[Instant | None, Field(alias="to", description="Began before then.")] = None


class IssueQuery(BaseModel):
    """Which issues are asked for; what is left out does not matter."""

    kind: IssueKind | None = None
    state: Annotated[
        Literal["open", "waiting", "done", "all"],
        Field(description="Open; waiting for the resident's word; done, whether confirmed or not; all."),
    ] = "all"
    phase: IssuePhase | None = None
    category: Annotated[Category | None, Field(description="This category and those below it.")] = None
    place: Annotated[Place | None, Field(description="This place and those inside it.")] = None
    building: Identifier | None = None
    floor: Floor | None = None
    owner: Annotated[Identifier | None, Field(description="An organisation that has promised something.")] = None


class PromiseQuery(BaseModel):
    """Which commitments are asked for; what is left out does not matter."""

    state: Literal["open", "overdue", "fulfilled", "all"] = "all"
    owner: Annotated[Identifier | None, Field(description="The organisation that promised.")] = None
    place: Annotated[Place | None, Field(description="This place and those inside it.")] = None


class SessionQuery(BaseModel):
    """Which sessions are asked for; what is left out does not matter."""

    kind: SessionKind | None = None
    state: Annotated[
        Literal["upcoming", "past", "closed", "all"], Field(description="Ahead, the soonest first; begun; closed; all.")
    ] = "all"
    place: Annotated[Place | None, Field(description="This place and those inside it.")] = None
