"""What incidents answers to questions; lists hold no text that anybody wrote."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from contracts.common import Actor, Occurred, Point
from contracts.incidents import DUTY_LASTS
from services.chassis.http import CommandAnswer

Row = Mapping[str, Any]


class Answer(BaseModel):
    """Something that is answered."""

    model_config = ConfigDict(frozen=True)


CASE = {
    "id": "0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e",
    "category": "noise/neighbours",
    "place": "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a/1812",
    "label": "A-1812",
    "phase": "arrived",
    "phase_since": "2024-06-30T14:14:14Z",
    "priority": "urgent",
    "channel": "phone-110",
    "occurred": {"earliest": "2024-06-30T14:10:00Z", "latest": "2024-06-30T14:10:00Z", "zone": "Asia/Shanghai"},
    "source_unit": "wanda-a-1812",
    "caller_unit": "wanda-a-1811",
    "officers": ["officer-li"],
    "outcome": None,
    "drill": False,
    "source": "live",
    "source_id": None,
    "location": None,
    "reported_at": "2024-06-30T14:12:00Z",
    "dispatched_at": "2024-06-30T14:12:40Z",
    "arrived_at": "2024-06-30T14:14:14Z",
    "waited_seconds": 134,
    "wait_measured": True,
    "resolved_at": None,
    "version": 4,
}
ARRIVAL = {
    "id": "0190a7c2-9a10-7c55-9d0e-0b1c2d3e4f50",
    "version": 4,
    "type": "incidents.officers-arrived.v1",
    "effective_at": "2024-06-30T14:14:14Z",
    "recorded_at": "2024-06-30T14:14:15Z",
    "actor": {"role": "officer", "id": "officer-li"},
    "words": {"zh": "officer-li 到场，用时 2 分 14 秒", "en": "officer-li arrived after 2 min 14 s"},
    "text": None,
    "sealed": False,
}
DUTY = {
    "officer": "officer-li",
    "place": "yinchuan/jinfeng/beijing-zhonglu/wanda",
    "since": "2024-06-30T09:00:00Z",
    "until": "2024-06-30T21:00:00Z",
    "on": [{"incident": CASE["id"], "category": CASE["category"], "place": CASE["place"], "phase": "arrived"}],
    "elsewhere": 0,
}
OPENING = {
    "id": 1234,
    "at": "2024-06-30T14:13:00Z",
    "incident": CASE["id"],
    "place": CASE["place"],
    "purpose": "response",
    "own_task": True,
    "fields": ["description"],
    "actor": {"role": "officer", "id": "officer-li"},
}
ASK = "What was written is left out: POST a purpose to …/openings to open it; the reading goes on record."


def _example(said: Mapping[str, Any]) -> ConfigDict:
    return ConfigDict(frozen=True, json_schema_extra={"examples": [dict(said)]})


class CaseAnswer(Answer):
    """An incident as it stands.

    Attributes:
        label: the unit it comes from, for people, such as A-1812. phase_since: when it got into this phase.
        officers: who was sent. waited_seconds: until the first of them was there, from when the platform learned of it
        or, reopened, from then. wait_measured: false where it was entered after the fact, and is no response time.
    """

    model_config = _example(CASE)
    id: str
    category: str
    place: str
    label: str | None
    phase: str
    phase_since: datetime
    priority: str | None
    channel: str
    occurred: Occurred
    source_unit: str | None
    caller_unit: str | None
    officers: list[str]
    outcome: str | None
    drill: bool
    source: str
    source_id: str | None
    location: Point | None
    reported_at: datetime
    dispatched_at: datetime | None
    arrived_at: datetime | None
    waited_seconds: int | None
    wait_measured: bool | None
    resolved_at: datetime | None
    version: int


class HistoryAnswer(Answer):
    """An event of an incident: when it was true, when it was known, what it says, and what somebody wrote.

    Attributes:
        text: what somebody wrote, opened. sealed: there is text that is not opened here.
    """

    id: str
    version: int
    type: str
    effective_at: datetime
    recorded_at: datetime
    actor: Actor
    words: dict[Literal["zh", "en"], str]
    text: str | None = None
    sealed: bool = False


class CaseStateAnswer(CaseAnswer):
    """An incident with all that happened, the oldest first, without what was written; ``caller`` is a subject id.

    Attributes:
        ask: how to have text opened, where there is text that the reader may open.
    """

    model_config = _example({**CASE, "caller": "subject-gu", "history": [ARRIVAL], "ask": None})
    caller: str | None
    history: list[HistoryAnswer]
    ask: str | None = None


class CaseOpenedAnswer(CommandAnswer):
    """All that happened, the oldest first, with what was written; the event has the reading on record."""

    history: list[HistoryAnswer]


class TaskAnswer(Answer):
    """An open incident that an officer was sent to."""

    incident: str
    category: str
    place: str
    phase: str


class DutyAnswer(Answer):
    """An officer on duty.

    Attributes:
        place: where the officer is posted. until: when the duty is over, unless it is ended before.
        on: what the officer was sent to in the reader's places. elsewhere: how many incidents outside of them.
    """

    model_config = _example(DUTY)
    officer: str
    place: str
    since: datetime
    until: datetime
    on: list[TaskAnswer]
    elsewhere: int


class OpeningAnswer(Answer):
    """One reading of what was written about an incident: who, which, why, what.

    Attributes:
        own_task: the reader had been sent there, or had reported it. fields: what was shown.
    """

    model_config = _example(OPENING)
    id: int
    at: datetime
    incident: str
    place: str
    purpose: str
    own_task: bool
    fields: list[str]
    actor: Actor


class OpenPlaceAnswer(Answer):
    """What is open at a place.

    Attributes:
        unjudged: nobody has judged how soon. unassigned: nobody was sent. oldest_at: since when one has waited.
        cases: those that come first.
    """

    place: str
    count: int
    emergency: int
    urgent: int
    routine: int
    unjudged: int
    unassigned: int
    oldest_at: datetime
    cases: list[CaseAnswer]


class OpenAnswer(Answer):
    """What is open, place by place; exercises are counted apart."""

    items: list[OpenPlaceAnswer]
    total: int
    drills: int
    as_of: datetime
    position: dict[str, int]


def label(unit: str | None) -> str | None:
    """A unit's short name: the tower's last word and the door, such as A-1812 of wanda-a-1812."""
    words = (unit or "").split("-")
    return "-".join(words[-2:]).upper() if len(words) > 1 else unit


def _fields(row: Row, *, text: bool) -> dict[str, Any]:
    names = CaseAnswer.model_fields.keys() - {"id", "label", "occurred", "location"}
    where = {name: row[name] for name in ("longitude", "latitude", "system")}
    return {name: row[name] for name in names} | {
        "id": row["incident"],
        "label": label(row["source_unit"]),
        "occurred": {name: row[name] for name in ("earliest", "latest", "zone")},
        "location": where if row["longitude"] is not None else None,
        # who complains about whom is nobody's business but that of who deals with it
        "caller_unit": row["caller_unit"] if text else None,
    }


def case(row: Row, *, text: bool) -> CaseAnswer:
    """An incident from a row of ``views.cases``; ``text``: the reader may know whence it was told."""
    return CaseAnswer(**_fields(row, text=text))


def case_state(row: Row, history: list[HistoryAnswer], *, text: bool) -> CaseStateAnswer:
    """An incident with its history; ``text``: the reader may know whence it was told, and open what was written."""
    caller = row["caller"] if text else None
    ask = ASK if text and any(each.sealed for each in history) else None
    return CaseStateAnswer(**_fields(row, text=text), caller=caller, history=history, ask=ask)


def opening(row: Row) -> OpeningAnswer:
    """A line of the access log from a row of ``views.openings``."""
    return OpeningAnswer(
        **{name: row[name] for name in ("incident", "place", "purpose", "own_task", "fields")},
        id=row["position"],
        at=row["effective_at"],
        actor=Actor(role=row["actor_role"], id=row["actor_id"]),
    )


def on_duty(row: Row, tasks: Iterable[Row], sees: Callable[[str], bool]) -> DutyAnswer:
    """An officer on duty from a row of ``views.roster``, with those of the tasks that are theirs."""
    own = [task for task in tasks if row["officer"] in task["officers"]]
    seen = [task for task in own if sees(task["place"])]
    return DutyAnswer(
        officer=row["officer"],
        place=row["place"],
        since=row["since"],
        until=row["since"] + DUTY_LASTS,
        on=[TaskAnswer(**{name: task[name] for name in TaskAnswer.model_fields}) for task in seen],
        elsewhere=len(own) - len(seen),
    )


def open_places(places: list[Row], cases: list[Row], *, text: bool) -> list[OpenPlaceAnswer]:
    """Counts and rows, put together by place."""
    rows: dict[str, list[CaseAnswer]] = {}
    for row in cases:
        rows.setdefault(row["at"], []).append(case(row, text=text))
    counts = OpenPlaceAnswer.model_fields.keys() - {"place", "cases"}
    return [
        OpenPlaceAnswer(place=place["at"], cases=rows.get(place["at"], []), **{name: place[name] for name in counts})
        for place in places
    ]
