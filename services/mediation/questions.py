"""What a question to mediation may ask."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from contracts.common import Category, Identifier, Instant, Place
from contracts.mediation import IssueKind, SessionKind
from contracts.registry import Floor
from services.mediation.domain.dispute import DisputePhase
from services.mediation.domain.issue import IssuePhase


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
