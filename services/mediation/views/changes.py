"""What each event changes in the rows of the docket; pure, so that a batch is folded in memory."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from contracts.common import Event
from contracts.mediation import (
    AgreementReached,
    AttendanceRecorded,
    CommitmentFulfilled,
    CommitmentMade,
    CommitmentMissed,
    DisputeLogged,
    DisputeReopened,
    DisputeResolved,
    IssueRaised,
    IssueResolved,
    IssueTitleReleased,
    ItemPlacedOnAgenda,
    MediatorAssigned,
    ResolutionConfirmed,
    ResolutionDisputed,
    SessionAnnounced,
    SessionClosed,
    SessionHeld,
)

Row = dict[str, Any]
Key = tuple[str, ...]
Rows = defaultdict[str, dict[Key, Row]]
"""Rows by table and primary key."""


def _logged(rows: Rows, event: DisputeLogged) -> None:
    rows["disputes"][event.dispute,] = {
        "dispute": event.dispute,
        "place": event.place,
        "category": event.category,
        "phase": "logged",
        "mediator": None,
        "source_unit": event.source_unit,
        "parties": [party.subject for party in event.parties],
        "incident": event.incident,
        "sessions": 0,
        "outcome": None,
        "logged_at": event.effective_at,
        "resolved_at": None,
    }


def _assigned(rows: Rows, event: MediatorAssigned) -> None:
    row = rows["disputes"][event.dispute,]
    row["mediator"] = event.mediator
    if row["phase"] in {"logged", "reopened"}:
        row["phase"] = "assigned"


def _held(rows: Rows, event: SessionHeld) -> None:
    row = rows["disputes"][event.dispute,]
    row["sessions"] += 1
    if row["phase"] != "agreed":
        row["phase"] = "mediating"


def _agreed(rows: Rows, event: AgreementReached) -> None:
    rows["disputes"][event.dispute,]["phase"] = "agreed"


def _ended(rows: Rows, event: DisputeResolved) -> None:
    change = {"phase": "resolved", "outcome": event.outcome, "resolved_at": event.effective_at}
    rows["disputes"][event.dispute,].update(change)


def _reopened(rows: Rows, event: DisputeReopened) -> None:
    rows["disputes"][event.dispute,].update({"phase": "reopened", "outcome": None, "resolved_at": None})


def _raised(rows: Rows, event: IssueRaised) -> None:
    rows["issues"][event.issue,] = {
        "issue": event.issue,
        "kind": event.kind.value,
        "title": event.title,
        "title_withheld": event.title_withheld,
        "place": event.place,
        "category": event.category,
        "building": event.building,
        "floor": event.floor,
        "raised_by": event.raised_by,
        "phase": "raised",
        "times_disputed": 0,
        "raised_at": event.effective_at,
        "resolved_at": None,
        "answered_at": None,
    }


def _released(rows: Rows, event: IssueTitleReleased) -> None:
    rows["issues"][event.issue,].update({"title": event.title, "title_withheld": False})


def _promised(rows: Rows, event: CommitmentMade) -> None:
    rows["issues"][event.issue,]["phase"] = "committed"
    rows["commitments"][event.issue, event.commitment] = {
        "issue": event.issue,
        "commitment": event.commitment,
        "place": event.place,
        "owner": event.owner,
        "promise": event.promise,
        "due_on": event.due_on,
        "made_at": event.effective_at,
        "fulfilled_at": None,
        "late_days": None,
        "missed_at": None,
    }


def _fulfilled(rows: Rows, event: CommitmentFulfilled) -> None:
    change = {"fulfilled_at": event.effective_at, "late_days": event.late_days}
    rows["commitments"][event.issue, event.commitment].update(change)


def _missed(rows: Rows, event: CommitmentMissed) -> None:
    rows["commitments"][event.issue, event.commitment]["missed_at"] = event.effective_at


def _resolved(rows: Rows, event: IssueResolved) -> None:
    change = {"phase": "resolved", "resolved_at": event.effective_at, "answered_at": None}
    rows["issues"][event.issue,].update(change)


def _confirmed(rows: Rows, event: ResolutionConfirmed) -> None:
    rows["issues"][event.issue,].update({"phase": "confirmed", "answered_at": event.effective_at})


def _disputed(rows: Rows, event: ResolutionDisputed) -> None:
    row = rows["issues"][event.issue,]
    row.update({"phase": "disputed", "resolved_at": None, "answered_at": event.effective_at})
    row["times_disputed"] += 1


def _announced(rows: Rows, event: SessionAnnounced) -> None:
    rows["sessions"][event.session,] = {
        "session": event.session,
        "kind": event.kind.value,
        "place": event.place,
        "starts_at": event.starts_at,
        "venue": event.venue,
        "agenda": [],
        "organisations": [],
        "residents": None,
        "closed_at": None,
    }


def _placed(rows: Rows, event: ItemPlacedOnAgenda) -> None:
    row = rows["sessions"][event.session,]
    row["agenda"] = [*row["agenda"], event.issue]


def _attended(rows: Rows, event: AttendanceRecorded) -> None:
    change = {"organisations": list(event.organisations), "residents": event.residents}
    rows["sessions"][event.session,].update(change)


def _closed(rows: Rows, event: SessionClosed) -> None:
    rows["sessions"][event.session,]["closed_at"] = event.effective_at


CHANGES: Mapping[type[Event], Callable[[Rows, Any], None]] = {
    DisputeLogged: _logged,
    MediatorAssigned: _assigned,
    SessionHeld: _held,
    AgreementReached: _agreed,
    DisputeResolved: _ended,
    DisputeReopened: _reopened,
    IssueRaised: _raised,
    IssueTitleReleased: _released,
    CommitmentMade: _promised,
    CommitmentFulfilled: _fulfilled,
    CommitmentMissed: _missed,
    IssueResolved: _resolved,
    ResolutionConfirmed: _confirmed,
    ResolutionDisputed: _disputed,
    SessionAnnounced: _announced,
    ItemPlacedOnAgenda: _placed,
    AttendanceRecorded: _attended,
    SessionClosed: _closed,
}
