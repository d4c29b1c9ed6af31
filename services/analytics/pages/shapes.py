"""What the services answer, as far as the pages read it. Fields that are not read are let pass."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Pair = Mapping[str, str]
"""Words in both languages: ``{zh, en}``."""


class Shape(BaseModel):
    """An answer, read leniently: the services may say more."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, coerce_numbers_to_str=True)


Item = TypeVar("Item", bound=Shape)


class Listing(Shape, Generic[Item]):
    """A page of a list. next: the cursor of the page after it; position: how far the read model has read."""

    items: tuple[Item, ...] = ()
    next: str | None = None
    as_of: datetime | None = None
    position: Mapping[str, int] = Field(default_factory=dict)

    @property
    def more(self) -> bool:
        """Whether the list goes on: then its length is no total."""
        return self.next is not None


class Positions(Shape):
    """How far the logs and the read models are. total: events in all logs; read: by read model and log."""

    as_of: datetime
    total: int = 0
    logs: Mapping[str, int] = Field(default_factory=dict)
    read: Mapping[str, Mapping[str, int]] = Field(default_factory=dict)


class Cell(Shape):
    """A unit in its tower. colour: by use class, or vacant; marks: to-verify, overdue, differs."""

    id: str
    number: str
    label: str
    colour: str
    marks: tuple[str, ...] = ()
    use_class: str | None = None
    operator: str | None = None


class Floor(Shape):
    """A floor of a tower, its units from left to right."""

    floor: int
    units: tuple[Cell, ...] = ()


class Tower(Shape):
    """A building as a stack of floors, highest first."""

    id: str
    name: str
    place: str = ""
    lowest_floor: int = 1
    highest_floor: int = 1
    counts: Mapping[str, int] = Field(default_factory=dict)
    floors: tuple[Floor, ...] = ()


class Milestone(Shape):
    """A day that the time slider names. words: in both languages."""

    at: datetime
    words: Pair | str


class PlaceSums(Shape):
    """What the ledger of a place comes to. building, name: where it is a building; counts: units by colour."""

    place: str = ""
    building: str | None = None
    name: str | None = None
    counts: Mapping[str, int] = Field(default_factory=dict)
    units: int = 0
    noted: int = 0
    occupants: int = 0
    to_verify: int = 0
    overdue: int = 0


class Level(Shape):
    """A place and those right below it, at a moment. next: the cursor of the next page of them."""

    place: str | None = None
    total: PlaceSums = PlaceSums()
    items: tuple[PlaceSums, ...] = ()
    next: str | None = None
    first_at: datetime | None = None
    as_of: datetime | None = None


class Floors(Shape):
    """The towers of a place at a moment. first_at: the first moment anything is known of."""

    items: tuple[Tower, ...] = ()
    next: str | None = None
    first_at: datetime | None = None
    milestones: tuple[Milestone, ...] = ()
    as_of: datetime | None = None
    position: Mapping[str, int] = Field(default_factory=dict)


class Happening(Shape):
    """An event as the feed and the evidence tell it. at: when it was true; recorded_at: when it was known."""

    id: str
    source: str = ""
    position: int = 0
    type: str = ""
    at: datetime
    recorded_at: datetime | None = None
    place: str = ""
    unit: str | None = None
    building: str | None = None
    label: str | None = None
    category: str | None = None
    words: Pair | str = ""
    detail: Pair | str | None = None


class Alert(Shape):
    """An alert and what became of it. state: raised, acknowledged, closed."""

    id: str
    rule: str
    rule_version: int = 1
    severity: str = "attention"
    unit: str | None = None
    label: str | None = None
    place: str = ""
    words: Pair | str = ""
    detail: Pair | str | None = None
    raised_at: datetime
    reopened_at: datetime | None = None
    due_at: datetime | None = None
    state: str = "raised"
    by: str | None = None
    acknowledged_at: datetime | None = None
    escalated_to: str | None = None
    escalated_at: datetime | None = None
    closed_at: datetime | None = None
    feedback: str | None = None
    count: int = 1
    window_from: datetime | None = None
    window_to: datetime | None = None
    evidence: tuple[dict[str, Any], ...] = ()
    version: int | None = None

    @property
    def asks_since(self) -> datetime:
        """Since when it asks for an officer."""
        return self.reopened_at or self.raised_at


class Delivery(Shape):
    """One message to a person. about: what it tells of; to: None where nobody is named for the place."""

    id: str
    kind: str = "alert"
    about: str = ""
    alert: str | None = None
    place: str = ""
    words: Pair | str = ""
    body: Pair | str | None = None
    channel: str = ""
    to: str | None = None
    attempt: int = 1
    state: str = "sent"
    at: datetime
    next_at: datetime | None = None
    error: str | None = None


class Span(Shape):
    """Days, both inclusive."""

    first: date
    last: date


class Series(Shape):
    """The months of both spans, like for like."""

    value: tuple[float, ...] = ()
    previous: tuple[float, ...] = ()


class MovedHoliday(Shape):
    """A holiday that takes up more days of one span than of the other."""

    name: Pair | str = ""
    days: int = 0
    previous_days: int = 0


class Figure(Shape):
    """A figure and the one it is held against.

    Attributes:
        interval: of the change in percent, 95 %; its upper end is None where nothing bounds it.
        change_of: the rate per day, or the totals. left_out: sources that do not cover both spans.
    """

    id: str
    name: Pair | str = ""
    label: str = ""
    source: str | None = None
    unit: str = "count"
    place: str | None = None
    category: str | None = None
    period: str = ""
    span: Span | None = None
    previous_span: Span | None = None
    basis: str = "year"
    value: float | None = None
    previous: float | None = None
    change_percent: float | None = None
    change_digits: int = 1
    change_of: str = "rate"
    moved_holidays: tuple[MovedHoliday, ...] = ()
    left_out: tuple[str, ...] = ()
    withheld: bool = False
    interval: tuple[float | None, float | None] | None = Field(None, alias="interval_percent")
    may_be_chance: bool | None = None
    series: Series | None = None


class FigurePlace(Shape):
    """A place that has figures. sources: whose; first and last: the days that are covered."""

    place: str
    sources: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None


class WaitingReport(Shape):
    """A reported figure that does not count yet. usual: the last of its source that counts."""

    indicator: str
    source: str
    place: str
    span: Span
    value: float
    unit: str = ""
    usual: float | None = None


class Incident(Shape):
    """An incident as it stands. phase: reported, triaged, dispatched, en-route, arrived, resolved, reopened."""

    id: str
    category: str
    place: str
    label: str | None = None
    source_unit: str | None = None
    phase: str = "reported"
    phase_since: datetime | None = None
    priority: str | None = None
    officers: tuple[str, ...] = ()
    channel: str | None = None
    reported_at: datetime
    dispatched_at: datetime | None = None
    arrived_at: datetime | None = None
    waited_seconds: int | None = None
    wait_measured: bool | None = None
    resolved_at: datetime | None = None
    drill: bool = False
    version: int | None = None


class OpenPlace(Shape):
    """What is open at a place: how many, and those that come first."""

    place: str
    count: int = 0
    cases: tuple[Incident, ...] = ()


class OpenIncidents(Shape):
    """What is open, place by place. total: how many, exercises left out; drills: how many exercises."""

    items: tuple[OpenPlace, ...] = ()
    total: int = 0
    drills: int = 0

    @property
    def cases(self) -> tuple[Incident, ...]:
        """Those that are told of."""
        return tuple(case for place in self.items for case in place.cases)


class Task(Shape):
    """An open incident that an officer was sent to."""

    incident: str
    category: str = ""
    place: str = ""
    phase: str = ""


class Duty(Shape):
    """An officer on duty. on: what they were sent to; elsewhere: how many incidents the viewer may not see."""

    officer: str
    place: str = ""
    since: datetime | None = None
    until: datetime | None = None
    on: tuple[Task, ...] = ()
    elsewhere: int = 0

    @property
    def busy(self) -> bool:
        """Whether they were sent anywhere."""
        return bool(self.on or self.elsewhere)


class Commitment(Shape):
    """A promise of an organisation."""

    id: str
    owner: str
    promise: str
    due_on: date
    fulfilled_at: datetime | None = None
    missed_at: datetime | None = None
    overdue: bool = False


class NextSession(Shape):
    """When an item will be talked about."""

    id: str
    starts_at: datetime
    venue: str = ""


class Issue(Shape):
    """An item of the teahouse or a pain point of a building."""

    id: str
    kind: str = "agenda-item"
    title: str
    title_withheld: bool = False
    place: str
    building: str | None = None
    floor: int | None = None
    category: str = ""
    phase: str = "raised"
    raised_at: datetime
    resolved_at: datetime | None = None
    answered_at: datetime | None = None
    awaits: str | None = None
    commitments: tuple[Commitment, ...] = ()
    next_session: NextSession | None = None
    version: int | None = None


class Rates(Shape):
    """Both rates of a place. unanswered: done for two weeks and no word; pending: done lately and no word yet."""

    raised: int = 0
    resolved: int = 0
    confirmed: int = 0
    unanswered: int = 0
    pending: int = 0
    disputed: int = 0
    open: int = 0
    resolved_percent: float | None = None
    confirmed_percent: float | None = None


class Step(Shape):
    """One event in the history of a thing. effective_at: true when; recorded_at: known when."""

    id: str
    type: str = ""
    version: int = 0
    effective_at: datetime
    recorded_at: datetime | None = None
    actor: dict[str, str] | None = None
    words: Pair | str = ""
    text: str | None = None


class History(Shape):
    """A page of a history."""

    items: tuple[Step, ...] = ()
    next: str | None = None


class IssueDetail(Issue):
    """An issue with its whole chain."""

    raised_by: str | None = None
    history: tuple[Step, ...] = ()


class Owed(Shape):
    """What an organisation has yet to do."""

    owner: str
    open: int = 0
    overdue: int = 0
    next_due_on: date | None = None


class Session(Shape):
    """A meeting that is called."""

    id: str
    kind: str = "teahouse"
    place: str = ""
    starts_at: datetime
    venue: str = ""
    agenda: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    closed_at: datetime | None = None


class BuildingName(Shape):
    """What a building is registered as, and where its days are counted."""

    place: str
    name: str
    zone: str | None = None


class Problem(Shape):
    """A point of the problem map. kind: pain-point, agenda-item, incident."""

    id: str
    kind: str = "pain-point"
    title: str | None = None
    category: str = ""
    place: str = ""
    building: str | None = None
    floor: int | None = None
    label: str | None = None
    phase: str = "raised"
    raised_at: datetime | None = None


class ProblemBuilding(Shape):
    """A building on the problem map."""

    id: str
    name: str
    place: str = ""
    location: dict[str, Any] | None = None
    open: int = 0
    resolved: int = 0


class ProblemMap(Shape):
    """What is wrong, and where."""

    items: tuple[Problem, ...] = ()
    buildings: tuple[ProblemBuilding, ...] = ()
    buildings_total: int = 0
