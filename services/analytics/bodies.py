"""What commands take."""

from typing import Annotated

from pydantic import AfterValidator, Field

from contracts.analytics import Span
from contracts.common import Category, Frozen, Identifier, Instant, Place, ZoneName
from services.analytics.domain.alert_commands import Feedback
from services.analytics.domain.figure_commands import Amount, MeasuredIn, Positions
from services.chassis.http.texts import seen


class AcknowledgementBody(Frozen):
    """Nothing more than who sends it."""


class ClosureBody(Frozen):
    """Whether the alert was right. note: more, sealed under the alert's key."""

    feedback: Feedback
    note: Annotated[str, Field(min_length=1, max_length=4000)] | None = None


class IndicatorBody(Frozen):
    """A reported figure; another value for a span that was reported before corrects it."""

    indicator: Annotated[Identifier, Field(examples=["building-security-cost"])]
    source: Annotated[Identifier, Field(examples=["security-wanda-a"])]
    place: Annotated[Place, Field(examples=["yinchuan/jinfeng/beijing-zhonglu/wanda"])]
    span: Span
    value: Annotated[Amount, Field(examples=[148_000])]
    unit: Annotated[MeasuredIn, AfterValidator(seen), Field(examples=["CNY"])]
    effective_at: Instant | None = None


class ReleaseBody(Frozen):
    """A reported figure that waits. value: what the supervisor has looked at; another one is not released."""

    indicator: Annotated[Identifier, Field(examples=["building-security-cost"])]
    source: Annotated[Identifier, Field(examples=["security-wanda-a"])]
    place: Annotated[Place, Field(examples=["yinchuan/jinfeng/beijing-zhonglu/wanda"])]
    span: Span
    value: Annotated[Amount, Field(examples=[148_000])]


class CoverageBody(Frozen):
    """What a source covers. complete_at: positions of the logs that hold all of it, from Maple-Position; figures of
    these days are compared once they have been read. continues: the source that told of this place before."""

    source: Annotated[Identifier, Field(examples=["vancouver-crime"])]
    place: Annotated[Place, Field(examples=["vancouver"])]
    categories: Annotated[tuple[Category, ...], Field(max_length=100)] = ()
    span: Span
    gaps: Annotated[tuple[Span, ...], Field(max_length=1000)] = ()
    zone: ZoneName | None = None
    complete_at: Annotated[Positions, Field(default_factory=dict, examples=[{"incidents": 479819}])]
    continues: Annotated[Identifier | None, Field(examples=["yinchuan-110"])] = None
    effective_at: Instant | None = None
