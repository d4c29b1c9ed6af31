"""What mediation answers to questions; lists hold no text that anybody wrote under a seal."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from contracts.common import Actor
from contracts.mediation import Party
from services.mediation.examples import DISPUTE, ISSUE, ITEM, RATES, SAID, SESSION, example

Row = Mapping[str, Any]
ASK = "What was written is left out: POST a purpose to …/openings to open it; the reading goes on record."


class Answer(BaseModel):
    """Something that is answered."""

    model_config = ConfigDict(frozen=True)


class HistoryAnswer(Answer):
    """An event: when it was true, when it was known, what it says, and what somebody wrote.

    Attributes:
        text: what somebody wrote, opened. sealed: there is text that is not opened here: nobody asked, it is kept
            from this reader, or it was lost with its key.
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


class DisputeAnswer(Answer):
    """A dispute as it stands; ``parties`` and ``sessions`` are numbers."""

    model_config = example(DISPUTE)
    id: str
    category: str
    place: str
    label: str | None
    phase: str
    mediator: str | None
    source_unit: str | None
    parties: int
    incident: str | None
    sessions: int
    outcome: str | None
    logged_at: datetime
    resolved_at: datetime | None
    version: int


class DisputeStateAnswer(DisputeAnswer):
    """A dispute with its parties, as subject ids, and all that happened, the oldest first.

    Attributes:
        ask: how to have text opened, where there is text that the reader may open.
    """

    model_config = example(
        DISPUTE,
        {
            "party_subjects": [{"subject": "subject-gu", "household": "wanda-a-1812"}, {"subject": "subject-shan"}],
            "history": [
                SAID
                | {
                    "version": 3,
                    "type": "mediation.session-held.v1",
                    "words": {"zh": "单独调解，1 方到场", "en": "Private session, 1 present"},
                    "text": None,
                    "sealed": True,
                }
            ],
        },
    )
    party_subjects: list[Party]
    history: list[HistoryAnswer]
    ask: str | None = None


class PromiseAnswer(Answer):
    """A commitment; ``overdue``: its day has passed and it is not kept."""

    id: str
    owner: str
    promise: str
    due_on: date
    made_at: datetime
    fulfilled_at: datetime | None
    late_days: int | None
    missed_at: datetime | None
    overdue: bool


class OwedPromiseAnswer(PromiseAnswer):
    """A commitment with the issue that it is about."""

    issue: str
    kind: str
    title: str
    place: str


class NextSessionAnswer(Answer):
    """When and where an issue will be talked about."""

    id: str
    starts_at: datetime
    venue: str


class IssueAnswer(Answer):
    """An issue as it stands.

    Attributes:
        answered_at: when it was last said whether it is done. awaits: whose word, where it was called done: the
        resident's, or of who looks at the spot, where no resident raised it. title_withheld: a
        resident's own title waits for its release.
    """

    model_config = example(ISSUE)
    id: str
    kind: str
    title: str
    title_withheld: bool
    place: str
    category: str
    building: str | None
    floor: int | None
    phase: str
    times_disputed: int
    raised_at: datetime
    resolved_at: datetime | None
    answered_at: datetime | None
    awaits: Literal["resident", "check"] | None
    commitments: list[PromiseAnswer]
    next_session: NextSessionAnswer | None
    version: int


class IssueStateAnswer(IssueAnswer):
    """An issue with all that happened, ``raised_by`` is a subject id, ``ask`` as of a dispute."""

    model_config = example(
        ISSUE,
        {
            "raised_by": "subject-gu",
            "history": [
                SAID
                | {
                    "version": 1,
                    "type": "mediation.issue-raised.v1",
                    "words": {"zh": "提出议题：湖边步道路灯不亮", "en": "Item raised: 湖边步道路灯不亮"},
                    "text": None,
                    "sealed": True,
                }
            ],
        },
    )
    raised_by: str | None
    history: list[HistoryAnswer]
    ask: str | None = None


class RatesAnswer(Answer):
    """Two rates that are never one: called done, and confirmed by the resident.

    Attributes:
        raised: all. resolved: called done, confirmed or not. confirmed: the resident said so.
        unanswered: called done more than 14 days ago, and not a word. pending: called done since, the word may come.
        disputed: open again, the resident says it is not done. open: not called done, the disputed ones among them.
        resolved_percent: of those raised. confirmed_percent: of those resolved. None where the whole is nothing.
    """

    model_config = example(RATES)
    raised: int
    resolved: int
    confirmed: int
    unanswered: int
    pending: int
    disputed: int
    open: int
    resolved_percent: float | None
    confirmed_percent: float | None


class OwnerAnswer(Answer):
    """What an organisation owes."""

    owner: str
    open: int
    overdue: int
    next_due_on: date


class PainPointAnswer(Answer):
    """A pain point on the map."""

    id: str
    title: str
    category: str
    phase: str
    raised_at: datetime


class FloorAnswer(Answer):
    """A floor of the problem map; no floor: the building as a whole. ``categories``: how many are open of each."""

    building: str
    floor: int | None
    raised: int
    open: int
    resolved: int
    confirmed: int
    disputed: int
    categories: dict[str, int]
    issues: list[PainPointAnswer]


class SessionAnswer(Answer):
    """A session; ``agenda``: issue ids. ``organisations``: who came. ``residents``: how many, once recorded."""

    model_config = example(SESSION)
    id: str
    kind: str
    place: str
    starts_at: datetime
    venue: str
    agenda: list[str]
    organisations: list[str]
    residents: int | None
    closed_at: datetime | None
    version: int


class ItemAnswer(Answer):
    """An issue on the agenda."""

    id: str
    title: str
    phase: str


class SessionStateAnswer(SessionAnswer):
    """A session with what it talks about, and all that happened; ``ask``: as of a dispute."""

    model_config = example(
        SESSION,
        {
            "items": [ITEM],
            "history": [
                SAID
                | {
                    "version": 4,
                    "type": "mediation.session-closed.v1",
                    "words": {"zh": "民生茶馆结束", "en": "Teahouse closed"},
                    "text": None,
                    "sealed": True,
                }
            ],
        },
    )
    items: list[ItemAnswer]
    history: list[HistoryAnswer]
    ask: str | None = None


def ask(readable: Mapping[int, Any]) -> str | None:
    """How to have text opened, where there is text that the reader may open."""
    return ASK if readable else None


def label(unit: str | None) -> str | None:
    """A unit's short name: the tower's last word and the door, such as A-1812 of wanda-a-1812."""
    words = (unit or "").split("-")
    return "-".join(words[-2:]).upper() if len(words) > 1 else unit


def _named(answer: type[Answer], row: Row) -> dict[str, Any]:
    return {name: row[name] for name in answer.model_fields if name in row}


def dispute(row: Row) -> DisputeAnswer:
    """A dispute from a row of ``views.disputes``."""
    return DisputeAnswer(**_dispute(row))


def _dispute(row: Row) -> dict[str, Any]:
    counted = {"id": row["dispute"], "label": label(row["source_unit"]), "parties": len(row["parties"])}
    return _named(DisputeAnswer, row) | counted


def dispute_state(
    row: Row, parties: Iterable[Party], history: list[HistoryAnswer], ask: str | None
) -> DisputeStateAnswer:
    """A dispute with its parties and its history; ``ask``: how to have text opened."""
    return DisputeStateAnswer(**_dispute(row), party_subjects=list(parties), history=history, ask=ask)


def promise(row: Row, today: date) -> PromiseAnswer:
    """A commitment from a row of ``views.promises``."""
    return PromiseAnswer(**_promise(PromiseAnswer, row, today))


def owed_promise(row: Row, today: date) -> OwedPromiseAnswer:
    """A commitment with its issue from a row of ``views.promises``."""
    return OwedPromiseAnswer(**_promise(OwedPromiseAnswer, row, today))


def _promise(answer: type[Answer], row: Row, today: date) -> dict[str, Any]:
    overdue = row["fulfilled_at"] is None and row["due_on"] < today
    return _named(answer, row) | {"id": row["commitment"], "overdue": overdue}


def issue(row: Row, promises: Iterable[Row], meeting: Row | None, today: date) -> IssueAnswer:
    """An issue from rows of ``views.issues``."""
    return IssueAnswer(**_issue(row, promises, meeting, today))


def issue_state(
    row: Row,
    promises: Iterable[Row],
    meeting: Row | None,
    today: date,
    history: list[HistoryAnswer],
    ask: str | None,
) -> IssueStateAnswer:
    """An issue with its history; ``ask``: how to have text opened."""
    said = _issue(row, promises, meeting, today)
    return IssueStateAnswer(**said, raised_by=row["raised_by"], history=history, ask=ask)


def _awaits(row: Row) -> str | None:
    if row["phase"] != "resolved":
        return None
    return "check" if row["kind"] == "pain-point" and row["raised_by"] is None else "resident"


def _issue(row: Row, promises: Iterable[Row], meeting: Row | None, today: date) -> dict[str, Any]:
    return _named(IssueAnswer, row) | {
        "id": row["issue"],
        "awaits": _awaits(row),
        "commitments": [promise(made, today) for made in promises if made["issue"] == row["issue"]],
        "next_session": NextSessionAnswer(id=meeting["session"], **_named(NextSessionAnswer, meeting))
        if meeting
        else None,
    }


def rates(row: Row) -> RatesAnswer:
    """The two rates from the counts of ``views.issues``; one decimal."""
    return RatesAnswer(
        **row,
        resolved_percent=_percent(row["resolved"], row["raised"]),
        confirmed_percent=_percent(row["confirmed"], row["resolved"]),
    )


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def problem_map(rows: Iterable[Row]) -> list[FloorAnswer]:
    """Pain points gathered by floor, in the order of the rows."""
    floors: dict[tuple[str, int | None], list[Row]] = {}
    for row in rows:
        floors.setdefault((row["building"], row["floor"]), []).append(row)
    return [_floor(building, floor, points) for (building, floor), points in floors.items()]


def _floor(building: str, floor: int | None, points: list[Row]) -> FloorAnswer:
    phases = [point["phase"] for point in points]
    done = phases.count("resolved") + phases.count("confirmed")
    open_categories = [point["category"] for point in points if point["phase"] not in {"resolved", "confirmed"}]
    return FloorAnswer(
        building=building,
        floor=floor,
        raised=len(points),
        open=len(points) - done,
        resolved=done,
        confirmed=phases.count("confirmed"),
        disputed=phases.count("disputed"),
        categories={category: open_categories.count(category) for category in sorted(set(open_categories))},
        issues=[PainPointAnswer(id=point["issue"], **_named(PainPointAnswer, point)) for point in points],
    )


def session(row: Row) -> SessionAnswer:
    """A session from a row of ``views.meetings``."""
    return SessionAnswer(id=row["session"], **_named(SessionAnswer, row))


def session_state(row: Row, items: Iterable[Row], history: list[HistoryAnswer], ask: str | None) -> SessionStateAnswer:
    """A session with its agenda, in order, and its history; ``ask``: how to have text opened."""
    known = {item["issue"]: item for item in items}
    placed = [known[name] for name in row["agenda"] if name in known]
    return SessionStateAnswer(
        id=row["session"],
        **_named(SessionAnswer, row),
        items=[ItemAnswer(id=item["issue"], **_named(ItemAnswer, item)) for item in placed],
        history=history,
        ask=ask,
    )
