"""What analytics answers about the present: floors, feed, alerts, problems; and how rows become that."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict

from contracts.catalogue import CATALOGUE
from contracts.common import Actor, EventRef, Point
from services.analytics import words
from services.analytics.rules.rule import AnyRule
from services.analytics.views import feed
from services.chassis.eventstore.types import Recorded

Row = Mapping[str, Any]
Colour = Literal["hotel", "studio", "rental", "owner-occupied", "vacant"]
COLOURS: tuple[Colour, ...] = ("hotel", "studio", "rental", "owner-occupied", "vacant")


class Answer(BaseModel):
    """Something that is answered."""

    model_config = ConfigDict(frozen=True)


class Pair(Answer):
    """One sentence in both languages."""

    zh: str
    en: str


class Cell(Answer):
    """A unit in its tower. marks: what an officer should look at there."""

    id: str
    number: str
    label: str
    colour: Colour
    use_class: str | None
    operator: str | None
    tenancies: int
    category: str | None
    marks: list[Literal["to-verify", "overdue", "differs"]]


class FloorAnswer(Answer):
    """A floor, its units by number."""

    floor: int
    units: list[Cell]


class Tower(Answer):
    """A building as a stack of floors, highest first."""

    id: str
    name: str
    place: str
    location: Point | None
    lowest_floor: int
    highest_floor: int
    counts: dict[Colour, int]
    floors: list[FloorAnswer]


class Milestone(Answer):
    """A day that the time slider names."""

    at: datetime
    words: Pair


class Towers(Answer):
    """Buildings as they stood at ``as_of``.

    Attributes:
        next: the cursor of the next page of them. first_at: the first moment anything is known of.
    """

    items: list[Tower]
    next: str | None = None
    first_at: datetime | None
    milestones: list[Milestone]
    as_of: datetime
    position: dict[str, int]


class TowerAnswer(Tower):
    """One building as it stood at ``as_of``."""

    as_of: datetime
    position: dict[str, int]


class Line(Answer):
    """Something that happened. at: when it was true; recorded_at: when it was known."""

    id: str
    source: str
    position: int
    type: str
    at: datetime
    recorded_at: datetime
    place: str
    unit: str | None
    building: str | None
    label: str | None
    words: Pair
    detail: Pair | None = None


class AlertAnswer(Answer):
    """An alert as it stands. state ``settled``: nothing of what was found is left."""

    id: str
    rule: str
    rule_version: int
    severity: str
    key: str
    unit: str | None
    label: str | None
    place: str
    words: Pair
    detail: Pair | None = None
    raised_at: datetime
    recorded_at: datetime
    reopened_at: datetime | None
    due_at: datetime | None
    state: Literal["raised", "acknowledged", "closed", "settled"]
    by: str | None
    acknowledged_at: datetime | None
    escalated_to: str | None
    escalated_at: datetime | None
    closed_at: datetime | None
    feedback: str | None
    count: int
    window_from: datetime
    window_to: datetime
    evidence: list[EventRef]
    version: int


class Step(Answer):
    """One event of an alert's history."""

    id: str
    type: str
    version: int
    effective_at: datetime
    recorded_at: datetime
    actor: Actor
    words: Pair


class Attempt(Answer):
    """Where the delivery of a notice over one channel stands, after so many attempts.

    Attributes:
        kind, about: what it tells of. alert: the same, where it is one. words: as they were sent.
        to: the person; None where nobody is named for the place.
    """

    id: str
    kind: Literal["alert", "escalation", "assignment", "promise"]
    about: str
    alert: str | None
    place: str
    words: Pair
    body: Pair
    channel: str
    to: str | None
    attempt: int
    state: Literal["waiting", "sent", "failed", "given-up"]
    at: datetime
    next_at: datetime | None
    seconds: float | None
    error: str | None


class AlertInFull(AlertAnswer):
    """An alert with the events that are its evidence, what became of it, and who was told."""

    evidence: list[Line]  # type: ignore[assignment]
    history: list[Step]
    deliveries: list[Attempt]


class Problem(Answer):
    """A pain point, an item or an open incident, where it is."""

    id: str
    kind: str
    title: str | None
    category: str
    place: str
    building: str | None
    floor: int | None
    unit: str | None
    label: str | None
    phase: str
    raised_at: datetime
    resolved_at: datetime | None
    location: Point | None


class ProblemBuilding(Answer):
    """A building, where it is, and how many problems it has."""

    id: str
    name: str
    place: str
    location: Point | None
    open: int
    resolved: int


class ProblemMap(Answer):
    """Problems by place, and the 500 buildings with the most open ones of ``buildings_total``."""

    items: list[Problem]
    buildings: list[ProblemBuilding]
    buildings_total: int
    as_of: datetime
    position: dict[str, int]


class Overview(Answer):
    """What the wall shows in a few numbers."""

    incidents: dict[str, Any]
    alerts: dict[str, int]
    ledger: dict[str, int]
    items: dict[str, float | int | None]
    pain_points: dict[str, float | int | None]
    as_of: datetime
    position: dict[str, int]


class Positions(Answer):
    """How far the logs and the read models are. total: events in all logs."""

    as_of: datetime
    total: int
    logs: dict[str, int]
    read: dict[str, dict[str, int]]


class Cities(Answer):
    """The first segments of the places that are known: of buildings, and of what imported sources cover."""

    items: list[str]


class BuildingName(Answer):
    """What a building is registered as, by its place; ``zone``: where its days are counted, once that is read."""

    place: str
    name: str
    zone: str | None


class BuildingNames(Answer):
    """The buildings that are registered at some places, or above them."""

    items: list[BuildingName]


def pair(said: words.Words) -> Pair:
    """Words as they are answered."""
    return Pair(zh=said.zh, en=said.en)


def location(row: Row) -> Point | None:
    """Where it is, where that is known."""
    if row["longitude"] is None:
        return None
    return Point(longitude=row["longitude"], latitude=row["latitude"], system=row["system"])


def tower(building: Row, units: Sequence[Row]) -> Tower:
    """A building from its row and the rows of its units, highest floor first."""
    counts = dict.fromkeys(COLOURS, 0)
    for unit in units:
        counts[unit["colour"]] += 1
    floors = groupby(units, key=lambda unit: unit["floor"])
    return Tower(
        **{name: building[name] for name in ("id", "name", "place", "lowest_floor", "highest_floor")},
        location=location(building),
        counts=counts,
        floors=[FloorAnswer(floor=floor, units=[cell(unit) for unit in there]) for floor, there in floors],
    )


def consolidation(row: Row) -> Milestone:
    """The day on which operators had moved together."""
    said = words.milestone("consolidation", {"operators": row["operators"], "rooms": f"{row['rooms']:,}"})
    return Milestone(at=row["at"], words=Pair(**said._asdict()))


def cell(unit: Row) -> Cell:
    """A unit from its row."""
    marks: list[Literal["to-verify", "overdue", "differs"]] = []
    if unit["to_verify"]:
        marks.append("to-verify")
    if unit["overdue"]:
        marks.append("overdue")
    if unit["differs"]:
        marks.append("differs")
    names = ("id", "number", "colour", "use_class", "operator", "tenancies", "category")
    label = f"{unit['building'].rpartition('-')[2].upper()}-{unit['number']}"
    return Cell(**{name: unit[name] for name in names}, label=label, marks=marks)


def line(row: Row) -> Line:
    """A line of the feed from its row, or from an event that was told anew."""
    said = words.line(CATALOGUE.today(row["type"]), orjson.loads(row["said"]))  # a row may be older than the version
    names = ("id", "source", "position", "type", "at", "recorded_at", "place", "unit", "building")
    return Line(**{name: row[name] for name in names}, label=words.label(row["unit"]), words=pair(said))


def evidence(recorded: Recorded) -> Line:
    """An event as a line."""
    return line(feed.told(recorded))


def alert(row: Row, rules: Mapping[str, AnyRule]) -> dict[str, Any]:
    """The fields of an alert's answer from its row."""
    names = AlertAnswer.model_fields.keys() - {"unit", "label", "words", "detail", "evidence", "state"}
    state = "settled" if row["count"] == 0 and row["state"] != "closed" else row["state"]
    return {name: row[name] for name in names} | {
        "unit": row["key"],
        "label": words.label(row["key"]),
        "words": pair(headline(row, rules)),
        "evidence": orjson.loads(row["evidence"]),
        "state": state,
    }


def headline(row: Row, rules: Mapping[str, AnyRule]) -> words.Words:
    """What an alert says."""
    rule = rules.get(row["rule"])
    if rule is None:
        return words.name(row["rule"])
    return words.template(rule.words, {"label": words.label(row["key"]) or row["key"], "count": row["count"]})


def step(recorded: Recorded) -> Step:
    """One event of an alert's history."""
    said = words.line(recorded.type, feed.values(recorded.event))
    return Step(
        id=str(recorded.id),
        type=recorded.type,
        version=recorded.version,
        effective_at=recorded.effective_at,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        words=pair(said),
    )


def problem(row: Row) -> Problem:
    """A problem from its row."""
    names = Problem.model_fields.keys() - {"label", "location"}
    return Problem(**{name: row[name] for name in names}, label=words.label(row["unit"]), location=location(row))


def problem_building(row: Row) -> ProblemBuilding:
    """A building of the problem map from its row."""
    names = ProblemBuilding.model_fields.keys() - {"location"}
    return ProblemBuilding(**{name: row[name] for name in names}, location=location(row))
