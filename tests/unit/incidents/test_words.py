"""Every event of an incident can be said, with every word that it may hold."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from contracts.incidents import (
    EVENTS,
    CaseOpened,
    Channel,
    IncidentReopened,
    OfficersArrived,
    OfficersDispatched,
    OfficersRecalled,
    Priority,
)
from services.incidents.domain.incident_commands import Outcome
from services.incidents.domain.opening import Purpose
from services.incidents.words import CHANNELS, OUTCOMES, PRIORITIES, PURPOSES, SAID, said

COMMON = {"incident": "i-1", "place": "yinchuan", "effective_at": datetime(2024, 6, 30, tzinfo=UTC)}


def test_no_event_and_no_word_is_left_out():
    assert SAID.keys() == set(EVENTS)
    assert CHANNELS.keys() == set(Channel)
    assert PRIORITIES.keys() == set(Priority)
    assert OUTCOMES.keys() == set(get_args(Outcome))
    assert PURPOSES.keys() == set(get_args(Purpose))


@pytest.mark.parametrize(
    ("event", "zh", "en"),
    [
        (OfficersDispatched(**COMMON, officers=("o-1", "o-2")), "派警：o-1、o-2", "Sent: o-1, o-2"),
        (
            OfficersArrived(**COMMON, officer="o-1", waited_seconds=134),
            "o-1 到场，用时 2 分 14 秒",
            "o-1 arrived after 2 min 14 s",
        ),
        (OfficersArrived(**COMMON, officer="o-1", waited_seconds=9), "o-1 到场，用时 9 秒", "o-1 arrived after 9 s"),
        (
            OfficersArrived(**COMMON, officer="o-1", waited_seconds=9, measured=False),
            "o-1 到场，用时 9 秒（补录）",
            "o-1 arrived after 9 s (entered afterwards)",
        ),
        (OfficersRecalled(**COMMON, officers=("o-1", "o-2")), "召回：o-1、o-2", "Recalled: o-1, o-2"),
        (IncidentReopened(**COMMON), "重新受理", "Reopened"),
        (
            CaseOpened(**COMMON, purpose="review", own_task=False, fields=("note",)),
            "查阅：核查",
            "Read to review",
        ),
    ],
)
def test_an_event_is_said_in_both_languages(event, zh, en):
    assert said(event) == (zh, en)
