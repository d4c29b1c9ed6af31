"""Events of the city's log: what may leave for its data platform. No person, no unit, no building, no small count."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from contracts.analytics import Span
from contracts.common import Category, Event, Frozen, Identifier, ZoneName, form

LEAST_MINIMUM = 3
"""No count below it leaves, whatever a policy says."""

CENTRE_STEP = 0.01
"""Degrees, about a kilometre: no position leaves that is finer."""

AREA: Final = form(
    r"^[a-z0-9_-]{1,80}(/[a-z0-9_-]{1,80}){0,3}$",
    "area",
    "It must be the path of a place no finer than a community: 1 to 4 segments of lower-case letters, digits, hyphens "
    "and underscores joined by /.",
)
CITY: Final = form(
    r"^[a-z0-9_-]{1,80}$",
    "city",
    "It must be the first segment of the city's places: lower-case letters, digits, hyphens and underscores.",
)
Area = Annotated[str, StringConstraints(pattern=AREA)]
"""A place no finer than a community: city/district/station/community; there is no way to write a building."""

City = Annotated[str, StringConstraints(pattern=CITY)]
"""The first segment of its places."""

Minimum = Annotated[int, Field(ge=LEAST_MINIMUM, le=1000)]

CRS = Literal["urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4490"]
"""The coordinate system of positions, longitude before latitude: WGS 84, or CGCS2000."""


class AreaLevel(StrEnum):
    """How large an area is, from the largest."""

    CITY = "city"
    DISTRICT = "district"
    STATION = "station"
    COMMUNITY = "community"

    @property
    def depth(self) -> int:
        """How many segments its paths have."""
        return list(AreaLevel).index(self) + 1


class Grain(StrEnum):
    """How long a period is, from the longest."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"


def _coarse(degrees: float) -> float:
    if abs(degrees / CENTRE_STEP - round(degrees / CENTRE_STEP)) > 1e-6:
        raise ValueError(f"a centre has at most two digits after the point, about a kilometre; {degrees} has more")
    return degrees


Degrees = Annotated[float, Field(ge=-180, le=180), AfterValidator(_coarse)]


class Centre(Frozen):
    """About where an area lies.

    Attributes:
        longitude: degrees east, to a hundredth. latitude: degrees north, to a hundredth.
    """

    longitude: Degrees
    latitude: Annotated[Degrees, Field(ge=-90, le=90)]


class Measure(Frozen):
    """What is counted, by which areas and periods.

    Attributes:
        id: its name. kind: of happenings, such as incident or agenda-item. category: which of them, with all below;
            all of the kind where there is none. area: the areas that are told apart. period: the periods that are.
    """

    id: Identifier
    kind: Identifier
    category: Category | None = None
    area: AreaLevel
    period: Grain


class Cell(Frozen):
    """The count of one area.

    Attributes:
        area: which one, as a path. count: how many there were, never fewer than the minimum of its event.
        centre: about where it lies, where somebody has said so.
    """

    area: Area
    count: Annotated[int, Field(ge=LEAST_MINIMUM)]
    centre: Centre | None = None


class PolicyAdopted(Event):
    """From now on this is what may leave; everything that happens is counted in one measure at most, and once.

    Attributes:
        minimum: no smaller count is told. fewest_places: a count that comes from fewer places is not told.
        settle_days: so many days after its end a period is told. measures: what is counted, by which areas and periods.
        zone: whose days are counted. crs: the coordinate system of centres. since: the first day that is counted under
            it; none where no policy was in force before.
    """

    type: ClassVar[str] = "city.policy-adopted.v1"
    minimum: Minimum
    fewest_places: Annotated[int, Field(ge=2, le=100)]
    settle_days: Annotated[int, Field(ge=0, le=366)]
    measures: Annotated[tuple[Measure, ...], Field(min_length=1, max_length=100)]
    zone: ZoneName
    crs: CRS
    since: date | None = None


class FiguresPublished(Event):
    """How many there were of one measure in each area of a city in one period; a later one for the same replaces it.

    Attributes:
        city: whose areas they are. measure, kind, category: what was counted. source: whose figures these are.
        area: how large the areas are. period: how long the period is. span: the days that it holds. zone: whose days
            these are. minimum: an area without a cell had fewer than this, perhaps none.
        crs: the coordinate system of centres. within: the areas that the source covers in the whole period; there are
            cells of these alone. cells: the counts, by area.
    """

    type: ClassVar[str] = "city.figures-published.v1"
    city: City
    measure: Identifier
    kind: Identifier
    category: Category | None
    source: Identifier
    area: AreaLevel
    period: Grain
    span: Span
    zone: ZoneName
    minimum: Minimum
    crs: CRS
    within: Annotated[tuple[Area, ...], Field(min_length=1, max_length=5000)]
    cells: Annotated[tuple[Cell, ...], Field(max_length=5000)]

    @model_validator(mode="after")
    def _tells_no_more_than_it_may(self) -> Self:
        for cell in self.cells:
            if cell.count < self.minimum:
                raise ValueError(f"{cell.area} has {cell.count}, fewer than the minimum of {self.minimum}")
            if cell.area.count("/") + 1 != self.area.depth:
                raise ValueError(f"{cell.area} is no {self.area.value}")
        if len({cell.area for cell in self.cells}) < len(self.cells):
            raise ValueError("an area has two cells")
        return self


EVENTS: tuple[type[Event], ...] = (PolicyAdopted, FiguresPublished)
