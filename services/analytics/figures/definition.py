"""A figure as data: what is counted, where, over which span, against which."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Annotated, Literal

import yaml
from pydantic import Field, model_validator

from contracts.analytics import Span
from contracts.common import Category, Frozen, Identifier, NamedPlace
from services.analytics.statistics.days import Days

Basis = Literal["year", "before-after"]
ChangeOf = Literal["rate", "total"]


class Definition(Frozen):
    """One figure.

    Attributes:
        id, name: for programs and for people. kinds, category: what is counted, with all categories below; or
        indicator: which reported figure is summed up. place: where, with all inside. span: over which days.
        previous: against which. basis: whether that is the year before, or the time before something began.
        change: of the rate per day, or of the totals, where that is how the figure was published.
        unit: of the value. scale: what a sum is divided by to be in that unit. digits: after the point of the change.
    """

    id: Identifier
    name: Mapping[Literal["zh", "en"], str]
    kinds: tuple[str, ...] = ()
    category: Category | None = None
    indicator: Identifier | None = None
    place: NamedPlace
    basis: Basis
    span: Span
    previous: Span
    change: ChangeOf = "rate"
    unit: str = "count"
    scale: Annotated[float, Field(gt=0)] = 1
    digits: Annotated[int, Field(ge=0, le=2)] = 1

    @model_validator(mode="after")
    def _counts_one_thing(self) -> "Definition":
        if bool(self.kinds) == bool(self.indicator):
            raise ValueError(f"{self.id} must either count kinds or sum up an indicator")
        return self

    @property
    def spans(self) -> tuple[Days, Days]:
        """The span, and the one that it is held against."""
        return Days(self.span.first, self.span.last), Days(self.previous.first, self.previous.last)


class _Document(Frozen):
    figures: tuple[Definition, ...]


@cache
def case() -> Sequence[Definition]:
    """The figures of the case, in the order of the wall."""
    text = (resources.files("services.analytics.figures") / "case.yaml").read_text("utf-8")
    return _Document.model_validate(yaml.safe_load(text)).figures
