"""What the registry answers, as far as the pages read it."""

from datetime import datetime

from pydantic import Field

from services.analytics.pages.shapes import Shape


class Occupant(Shape):
    """Somebody who lives in a unit, as a subject id."""

    subject: str
    due_at: datetime | None = None
    verified_at: datetime | None = None
    overdue: bool = False


class Tenancy(Shape):
    """A tenancy of a unit."""

    tenancy: str
    category: str = ""
    since: datetime
    ended_at: datetime | None = None
    occupants: tuple[Occupant, ...] = ()


class Unit(Shape):
    """A unit with its tenancies."""

    id: str
    building: str
    building_name: str = ""
    number: str
    label: str = ""
    floor: int
    place: str = ""
    capacity: int = 1
    use_class: str | None = None
    colour: str = "vacant"
    class_since: datetime | None = None
    operator: str | None = None
    observed_use: str | None = None
    organisation: str | None = None
    observed_at: datetime | None = None
    differs: bool = False
    to_verify: int = 0
    overdue: int = 0
    version: int | None = None
    tenancies_held: tuple[Tenancy, ...] = ()


class CityReading(Shape):
    """One reading of the city's figures. purpose: of an export; None where its log was read, behind ``after``."""

    id: str
    by: dict[str, str] = Field(default_factory=dict)
    place: str = ""
    purpose: str | None = None
    after: int | None = None
    at: int = 0
    when: datetime


class Access(Shape):
    """One opening of a person's record."""

    id: str
    at: datetime
    subject: str
    place: str = ""
    purpose: str = ""
    task: str | None = None
    fields: tuple[str, ...] = ()
    actor: dict[str, str] = Field(default_factory=dict)
