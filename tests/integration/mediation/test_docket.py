"""The docket holds disputes, issues, commitments and sessions as they stand, however their events arrive."""

from datetime import UTC, date, datetime, timedelta

from contracts.mediation import (
    AgreementReached,
    AttendanceRecorded,
    CommitmentFulfilled,
    CommitmentMade,
    CommitmentMissed,
    DisputeLogged,
    DisputeReopened,
    DisputeResolved,
    IssueKind,
    IssueRaised,
    IssueResolved,
    ItemPlacedOnAgenda,
    MediatorAssigned,
    Party,
    ResolutionConfirmed,
    ResolutionDisputed,
    SessionAnnounced,
    SessionClosed,
    SessionHeld,
    SessionKind,
)
from services.mediation.views.docket import DOCKET
from tests.integration.folding import batches, recorded, rows

NOON = datetime(2024, 6, 30, 4, 0, tzinfo=UTC)
PLACE = "yinchuan/helan/xigang/tianehu"
DUE = date(2024, 7, 9)


def dispute(number):
    common = {"dispute": f"d-{number}", "place": PLACE, "effective_at": NOON + timedelta(hours=number)}
    parties = (Party(subject="s-wang", household="home-1"), Party(subject="s-liu"))
    return [
        DisputeLogged(**common, category="dispute/deposit", parties=parties),
        MediatorAssigned(**common, mediator="mediator-guo"),
        SessionHeld(**common, present=("s-wang",), sealed_from=("s-liu",)),
        SessionHeld(**common, present=("s-wang", "s-liu")),
        AgreementReached(**common),
        SessionHeld(**common, present=("s-wang", "s-liu")),
        DisputeResolved(**common, outcome="agreement-kept"),
        DisputeReopened(**common),
    ]


def issue(number):
    common = {"issue": f"q-{number}", "place": PLACE, "effective_at": NOON + timedelta(hours=number)}
    kind = IssueKind.AGENDA_ITEM
    promise = {"owner": "org-lights", "promise": "New lamps", "due_on": DUE}
    return [
        IssueRaised(**common, kind=kind, title="Lamps", category="facilities", raised_by="s-ding"),
        CommitmentMade(**common, commitment="c-1", **promise),
        CommitmentMade(**common, commitment="c-2", **promise),
        CommitmentFulfilled(**common, commitment="c-1", late_days=0),
        CommitmentMissed(**common, commitment="c-2", owner="org-lights"),
        CommitmentFulfilled(**common, commitment="c-2", late_days=3),
        IssueResolved(**common, kind=kind),
        ResolutionDisputed(**common, kind=kind, by="s-ding"),
        IssueResolved(**common, kind=kind),
        ResolutionConfirmed(**common, kind=kind, by="s-ding"),
    ]


def session(number):
    common = {"session": f"m-{number}", "place": PLACE, "effective_at": NOON + timedelta(hours=number)}
    return [
        SessionAnnounced(**common, kind=SessionKind.TEAHOUSE, starts_at=NOON, venue="Pavilion"),
        ItemPlacedOnAgenda(**common, issue="q-1"),
        ItemPlacedOnAgenda(**common, issue="q-2"),
        AttendanceRecorded(**common, organisations=("org-fire",), residents=9),
        AttendanceRecorded(**common, organisations=("org-fire", "org-lights"), residents=8),
        SessionClosed(**common, kind=SessionKind.TEAHOUSE),
    ]


def everything(count):
    lives = {"dispute-d": dispute, "issue-q": issue, "session-m": session}
    return [
        (f"{prefix}-{number}", event)
        for number in range(1, count + 1)
        for prefix, life in lives.items()
        for event in life(number)
    ]


async def test_the_rows_show_everything_as_it_stands(database):
    tables = await rows(DOCKET, database, [recorded("mediation", everything(1))], "docket")
    (dispute_row,), (issue_row,), (session_row,) = tables["disputes"], tables["issues"], tables["sessions"]
    assert (dispute_row["phase"], dispute_row["mediator"], dispute_row["sessions"]) == ("reopened", "mediator-guo", 3)
    assert (dispute_row["parties"], dispute_row["outcome"], dispute_row["version"]) == (["s-wang", "s-liu"], None, 8)
    assert (issue_row["phase"], issue_row["times_disputed"], issue_row["version"]) == ("confirmed", 1, 10)
    assert [(made["commitment"], made["late_days"], made["missed_at"] is None) for made in tables["commitments"]] == [
        ("c-1", 0, True),
        ("c-2", 3, False),
    ]
    assert (session_row["agenda"], session_row["organisations"]) == (["q-1", "q-2"], ["org-fire", "org-lights"])
    assert (session_row["residents"], session_row["closed_at"]) == (8, NOON + timedelta(hours=1))


async def test_the_rows_are_the_same_however_the_log_is_cut_and_mixed(database):
    log = recorded("mediation", everything(3))
    whole = await rows(DOCKET, database, [log], "whole")
    assert {name: len(found) for name, found in whole.items()} == {
        "disputes": 3,
        "issues": 3,
        "commitments": 6,
        "sessions": 3,
    }
    one_by_one = await rows(DOCKET, database, [[event] for event in log], "one_by_one")
    assert one_by_one == whole
    for seed in range(4):
        assert await rows(DOCKET, database, batches(log, seed), f"mixed_{seed}") == whole
