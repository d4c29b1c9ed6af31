"""A reading needs a purpose, is on record with it, and a task gives one only to whom it belongs."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from contracts.incidents import CaseOpened
from services.incidents.deciders import OPENING
from services.incidents.domain.opening import TASK_PURPOSE, Asked, OpenCase, Purpose, Written
from services.incidents.domain.refusals import NotYourTask

NOW = datetime(2024, 6, 30, 4, 0, tzinfo=UTC)
READ = {"incident": "i-1", "place": "yinchuan", "fields": ("description", "note")}


def test_a_reading_says_what_was_shown_and_why():
    [event] = OPENING.decide(None, OpenCase(**READ, purpose="review", own_task=False), NOW)
    assert event == CaseOpened(**READ, purpose="review", own_task=False, effective_at=NOW)
    assert OPENING.evolve(None, event) is None


def test_an_open_task_gives_its_own_purpose():
    [event] = OPENING.decide(None, OpenCase(**READ, purpose="task", own_task=True), NOW)
    assert event == CaseOpened(**READ, purpose=TASK_PURPOSE, own_task=True, effective_at=NOW)


def test_a_task_of_somebody_else_gives_none():
    with pytest.raises(NotYourTask):
        OPENING.decide(None, OpenCase(**READ, purpose="task", own_task=False), NOW)


@pytest.mark.parametrize("purpose", get_args(Purpose))
def test_every_purpose_stands_in_the_contract(purpose):
    assert purpose in get_args(Asked)
    [event] = OPENING.decide(None, OpenCase(**READ, purpose=purpose, own_task=False), NOW)
    assert event.purpose == purpose


@pytest.mark.parametrize("field", get_args(Written))
def test_every_field_that_is_written_can_be_on_record(field):
    [event] = OPENING.decide(None, OpenCase(**READ | {"fields": (field,)}, purpose="review", own_task=False), NOW)
    assert event.fields == (field,)
