"""What the registry answers to questions; labels are ready to be shown, personal fields are in none but one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from contracts.common import Actor, Point
from contracts.registry import DueCalendar
from services.chassis.eventstore.types import Recorded
from services.chassis.http import CommandAnswer
from services.registry import examples
from services.registry.views.moment import Moment
from services.registry.words import said

Colour = Literal["hotel", "studio", "rental", "owner-occupied", "vacant"]
Row = Mapping[str, Any]


class Answer(BaseModel):
    """Something that is answered."""

    model_config = ConfigDict(frozen=True)


class UnitAnswer(Answer):
    """A unit as of the moment asked for.

    Attributes:
        label: for people, such as A-1812. colour: its class, or vacant without a running tenancy and an operator.
        differs: somebody saw another use than it is registered for. tenancies, occupants: how many there are.
        to_verify, overdue: how many of the occupants are not verified yet, and how many of those are late.
        version: of the unit's stream now, for If-Match.
    """

    model_config = examples.shown(examples.UNIT)
    id: str
    label: str
    building: str
    number: str
    floor: int
    place: str
    capacity: int
    use_class: str | None
    class_since: datetime | None
    colour: Colour
    operator: str | None
    observed_use: str | None
    organisation: str | None
    observed_at: datetime | None
    differs: bool
    tenancies: int
    occupants: int
    to_verify: int
    overdue: int
    version: int


class FloorAnswer(Answer):
    """A storey and its units, in the order of their numbers."""

    floor: int
    units: list[UnitAnswer]


class BuildingAnswer(Answer):
    """A building with the sums of its units as of the moment asked for.

    Attributes:
        counts: units in each colour. occupied: units that are not vacant. findings: units used otherwise than
            registered.
    """

    model_config = examples.shown(examples.BUILDING)
    id: str
    name: str
    place: str
    zone: str
    location: Point | None
    lowest_floor: int
    highest_floor: int
    units: int
    counts: dict[Colour, int]
    occupied: int
    occupants: int
    to_verify: int
    overdue: int
    findings: int


class FloorsAnswer(BuildingAnswer):
    """A building floor by floor, the highest first."""

    model_config = examples.shown(examples.FLOORS)
    as_of: datetime
    known_at: datetime | None
    position: dict[str, int]
    floors: list[FloorAnswer]


class AttemptAnswer(Answer):
    """A verification that did not succeed."""

    at: datetime
    reason: str


class OccupantAnswer(Answer):
    """An occupant, as an id; who it is, is asked for with a purpose, while the person is not erased."""

    subject: str
    due_at: datetime | None
    verified_at: datetime | None
    method: str | None
    overdue: bool
    attempts: list[AttemptAnswer]
    erased_at: datetime | None


class TenancyAnswer(Answer):
    """A household of a unit; ``registered_by`` is the role of who registered it, or corrected it last."""

    tenancy: str
    category: str
    since: datetime
    ended_at: datetime | None
    lease_filing: str | None
    registered_by: str
    occupants: list[OccupantAnswer]


class UnitStateAnswer(UnitAnswer):
    """A unit with its tenancies, the latest first."""

    model_config = examples.shown(examples.UNIT_STATE)
    building_name: str
    as_of: datetime
    known_at: datetime | None
    position: dict[str, int]
    tenancies_held: list[TenancyAnswer]


class HistoryAnswer(Answer):
    """An event of a unit: when it was true, when it was known, what it says."""

    model_config = examples.shown(examples.HISTORY)
    id: str
    version: int
    type: str
    effective_at: datetime
    recorded_at: datetime
    actor: Actor
    words: dict[Literal["zh", "en"], str]


class TaskAnswer(Answer):
    """A verification task.

    Attributes:
        tenancy: also names the task when a record is opened. calendar: official where the notices of holidays were
            known when the due time was computed, weekdays where one was not, null where that is not on record.
            last_met_at: when somebody last opened at a visit.
        version: of the unit's stream, for If-Match.
    """

    model_config = examples.shown(examples.TASK)
    unit: str
    label: str
    building: str
    building_name: str
    number: str
    floor: int
    place: str
    colour: Colour
    tenancy: str
    subject: str
    category: str
    moved_in_at: datetime
    due_at: datetime
    overdue: bool
    verified_at: datetime | None
    method: str | None
    calendar: DueCalendar | None
    lease_filed: bool
    registered_by: str
    attempts: list[AttemptAnswer]
    last_met_at: datetime | None
    version: int


class RoundAnswer(Answer):
    """A visit round; the counts are there once it is closed."""

    model_config = examples.shown(examples.ROUND)
    id: str
    place: str
    officer: str
    day_part: Literal["day", "evening"]
    doors_count: int
    effective_at: datetime
    closed_at: datetime | None
    visited: int | None
    met: int | None
    version: int


class DoorAnswer(Answer):
    """A door of a round: what it met this time, and when somebody last opened on any round."""

    unit: str
    label: str
    number: str
    floor: int
    colour: Colour
    outcome: str | None
    at: datetime | None
    last_met_at: datetime | None
    to_verify: int


class RoundStateAnswer(RoundAnswer):
    """A round door by door, in its own order."""

    model_config = examples.shown(examples.ROUND_STATE)
    doors: list[DoorAnswer]


class RecordAnswer(CommandAnswer):
    """A person's own fields, opened for a purpose; the event has the reading on record."""

    model_config = examples.shown(examples.RECORD)
    place: str
    purpose: str
    name: str | None = None
    phone: str | None = None
    document: str | None = None


class OpeningAnswer(Answer):
    """One reading of personal fields: who, whose, why, which."""

    model_config = examples.shown(examples.OPENING)
    id: int
    at: datetime
    subject: str
    place: str
    purpose: str
    task: str | None
    fields: list[str]
    actor: Actor


def label(building: str, number: str) -> str:
    """A unit's short name: the tower's last word and the door, such as A-1812."""
    return f"{building.rpartition('-')[2].upper()}-{number}"


def unit(row: Row) -> UnitAnswer:
    """A unit from a row of ``views.units``."""
    return UnitAnswer(label=label(row["building"], row["number"]), **row)


def building(row: Row, summed: Row | None) -> dict[str, Any]:
    """The fields of a building's answer from its row and the sums of its units, both of ``views.buildings``."""
    held = summed or {}
    counts = {colour: held.get(colour, 0) for colour in ("hotel", "studio", "rental", "owner-occupied", "vacant")}
    sums = {name: held.get(name, 0) for name in ("units", "occupants", "to_verify", "overdue", "findings")}
    own = {name: row[name] for name in ("id", "name", "place", "zone", "lowest_floor", "highest_floor")}
    located = row["longitude"] is not None
    location = {name: row[name] for name in ("longitude", "latitude", "system")} if located else None
    return {**own, **sums, "counts": counts, "occupied": sums["units"] - counts["vacant"], "location": location}


def occupant(row: Row, as_of: datetime) -> OccupantAnswer:
    """An occupant from a row of ``views.households``."""
    open_until = row["due_at"] if row["verified_at"] is None and row["erased_at"] is None else None
    late = open_until is not None and open_until < as_of
    return OccupantAnswer(
        **{name: row[name] for name in ("subject", "due_at", "verified_at", "method", "erased_at")},
        overdue=late,
        attempts=row["attempts"] or [],
    )


def task(row: Row, as_of: datetime) -> TaskAnswer:
    """A task from a row of ``views.verifications``."""
    return TaskAnswer(
        **{**row, "attempts": row["attempts"] or [], "colour": row["colour"] or "vacant"},
        label=label(row["building"], row["number"]),
        overdue=row["verified_at"] is None and row["due_at"] < as_of,
    )


def unit_state(
    row: Row, lived: Sequence[Row], people: Sequence[Row], moment: Moment, position: dict[str, int]
) -> UnitStateAnswer:
    """A unit with its households, from rows of ``views.units`` and ``views.households``."""
    return UnitStateAnswer(
        **row,
        label=label(row["building"], row["number"]),
        as_of=moment.as_of,
        known_at=moment.known_at,
        position=position,
        tenancies_held=[
            TenancyAnswer(
                **each,
                occupants=[occupant(who, moment.as_of) for who in people if who["tenancy"] == each["tenancy"]],
            )
            for each in lived
        ],
    )


def history(recorded: Recorded) -> HistoryAnswer:
    """An event of a unit in words."""
    return HistoryAnswer(
        id=str(recorded.id),
        version=recorded.version,
        type=recorded.type,
        effective_at=recorded.effective_at,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        words=said(recorded.event)._asdict(),
    )


def visit_round(row: Row) -> RoundAnswer:
    """A round from a row of ``views.rounds``."""
    names = ("id", "place", "officer", "day_part", "effective_at", "closed_at", "visited", "met", "version")
    return RoundAnswer(**{name: row[name] for name in names}, doors_count=len(row["units"]))


def door(row: Row, knock: Row | None, met_at: datetime | None) -> DoorAnswer:
    """A door of a round, from its unit, the latest knock and when somebody last opened."""
    return DoorAnswer(
        **{name: row[name] for name in ("number", "floor", "colour", "to_verify")},
        unit=row["id"],
        label=label(row["building"], row["number"]),
        outcome=knock["outcome"] if knock else None,
        at=knock["effective_at"] if knock else None,
        last_met_at=met_at,
    )


def opening(row: Row) -> OpeningAnswer:
    """A line of the access log from a row of ``views.people``."""
    return OpeningAnswer(
        **{name: row[name] for name in ("subject", "place", "purpose", "task", "fields")},
        id=row["position"],
        at=row["effective_at"],
        actor=Actor(role=row["actor_role"], id=row["actor_id"]),
    )
