"""The policy: which counts may leave, how fine, how small; a file that allows more than may ever leave is refused."""

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.city import CRS, LEAST_MINIMUM, Area, AreaLevel, Centre, Grain, Measure
from contracts.common import Frozen, ZoneName, told
from contracts.zones import is_zone
from services.chassis.access import covers

HERE = Path(__file__).parent
KINDS = (
    *("incident", "dispute", "agenda-item", "agenda-item-resolved", "agenda-item-confirmed"),
    *("pain-point", "pain-point-resolved", "pain-point-confirmed"),
)


class PolicyRefused(Exception):
    """The file is no policy, or allows what may not leave; one sentence that says what to change."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path.name} is refused as a policy of what may leave for the city: {why}.")


class CitySettings(BaseSettings):
    """Settings of what leaves, from ``MAPLEBRIDGE_CITY_...``.

    Attributes:
        policy: the file; the one that ships where unset.
    """

    model_config = SettingsConfigDict(env_prefix="MAPLEBRIDGE_CITY_", extra="ignore", frozen=True)

    policy: Path | None = None


class Asked(Measure):
    """A measure as a file asks for it."""

    @field_validator("area", mode="before")
    @classmethod
    def _not_finer_than_a_community(cls, area: Any) -> Any:
        if area not in list(AreaLevel):
            raise ValueError(
                f"the area {area!r} is not one of city, district, station, community; nothing finer leaves"
            )
        return area

    @field_validator("period", mode="before")
    @classmethod
    def _not_shorter_than_a_day(cls, period: Any) -> Any:
        if period not in list(Grain):
            raise ValueError(f"the period {period!r} is not one of year, month, day; nothing shorter leaves")
        return period

    @field_validator("kind")
    @classmethod
    def _is_counted(cls, kind: str) -> str:
        if kind not in KINDS:
            raise ValueError(f"the kind {kind!r} is not one of {', '.join(KINDS)}")
        return kind


class Policy(Frozen):
    """What may leave.

    Attributes:
        minimum: no smaller count is told. fewest_places: a count that comes from fewer places is not told.
        settle_days: so many days after its end a period is told. zone: whose days are counted.
        crs: the coordinate system of centres. measures: what is counted, by which areas and periods.
        centres: about where areas lie.
    """

    minimum: Annotated[int, Field(le=1000)]
    fewest_places: Annotated[int, Field(le=100)]
    settle_days: Annotated[int, Field(ge=0, le=366)]
    zone: ZoneName
    crs: CRS
    measures: Annotated[tuple[Asked, ...], Field(min_length=1, max_length=100)]
    centres: Mapping[Area, Centre] = {}

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        if not is_zone(zone):
            raise ValueError(f"{zone} is no time zone of a place: use an IANA name such as Asia/Shanghai")
        return zone

    @field_validator("minimum")
    @classmethod
    def _large_enough(cls, minimum: int) -> int:
        if minimum < LEAST_MINIMUM:
            raise ValueError(f"a minimum of {minimum} tells of single people; {LEAST_MINIMUM} is the least")
        return minimum

    @field_validator("fewest_places")
    @classmethod
    def _more_than_one_door(cls, places: int) -> int:
        if places < 2:
            raise ValueError("with fewest_places below 2 a count may be that of one door; 2 is the least")
        return places

    @model_validator(mode="after")
    def _counts_everything_once(self) -> Self:
        for one, other in combinations(self.measures, 2):
            if one.id == other.id:
                raise ValueError(f"two measures are called {one.id}")
            if _of(one.kind) == _of(other.kind) and _overlap(one.category, other.category):
                raise ValueError(
                    f"{one.id} and {other.id} count the same, and the difference of the two would tell what neither "
                    "does; keep one of them"
                )
        return self


def _of(kind: str) -> str:
    """What is counted: of so many items so many were resolved, and the difference is the few that were not."""
    return kind.removesuffix("-resolved").removesuffix("-confirmed")


def _overlap(one: str | None, other: str | None) -> bool:
    """Whether two categories have something in common; none given is all there are."""
    return one is None or other is None or covers(one, other) or covers(other, one)


def policy(settings: CitySettings) -> Policy:
    """The policy in force.

    Raises:
        PolicyRefused: the file cannot be read, is no policy, or allows what may not leave.
    """
    path = settings.policy or HERE / "policy.yaml"
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PolicyRefused(path, f"it cannot be read as YAML ({type(error).__name__})") from error
    try:
        return Policy.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "/".join(str(part) for part in first["loc"])
        what = told(first)
        raise PolicyRefused(path, f"{where}: {what}" if where else what) from error
