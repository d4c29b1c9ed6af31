"""Every event of mediation can be said, with every word that it may hold."""

from datetime import UTC, date, datetime
from typing import get_args

import pytest

from contracts.mediation import (
    EVENTS,
    WITHHELD,
    CommitmentFulfilled,
    CommitmentMade,
    IssueKind,
    IssueRaised,
    SessionHeld,
    SessionKind,
)
from services.mediation.domain.dispute_commands import Outcome
from services.mediation.domain.opening import Purpose
from services.mediation.words import ISSUES, OUTCOMES, PURPOSES, SAID, SESSIONS, said

AT = {"place": "yinchuan", "effective_at": datetime(2024, 6, 30, tzinfo=UTC)}
PROMISE = {"issue": "q-1", "commitment": "c-1", **AT}


def test_no_event_and_no_word_is_left_out():
    assert SAID.keys() == set(EVENTS)
    assert OUTCOMES.keys() == set(get_args(Outcome))
    assert PURPOSES.keys() == set(get_args(Purpose))
    assert ISSUES.keys() == set(IssueKind)
    assert SESSIONS.keys() == set(SessionKind)


@pytest.mark.parametrize(
    ("event", "zh", "en"),
    [
        (
            IssueRaised(
                issue="q-1", kind=IssueKind.AGENDA_ITEM, title=WITHHELD, title_withheld=True, category="other", **AT
            ),
            ISSUES[IssueKind.AGENDA_ITEM].zh,
            ISSUES[IssueKind.AGENDA_ITEM].en,
        ),
        (
            SessionHeld(dispute="d-1", present=("s-1",), sealed_from=("s-2",), **AT),
            "单独调解，1 方到场",
            "Private session, 1 present",
        ),
        (
            CommitmentMade(**PROMISE, owner="org-1", promise="换路灯", due_on=date(2024, 7, 9)),
            "org-1 承诺：换路灯，2024-07-09 前",
            "org-1: 换路灯, by 2024-07-09",
        ),
        (CommitmentFulfilled(**PROMISE), "承诺按期兑现", "Promise kept in time"),
        (CommitmentFulfilled(**PROMISE, late_days=3), "承诺兑现，迟 3 天", "Promise kept, 3 days late"),
    ],
)
def test_an_event_is_said_in_both_languages(event, zh, en):
    assert said(event) == (zh, en)
