"""The rules of a session."""

from datetime import timedelta

import pytest

from contracts.common import Sealed
from contracts.mediation import (
    AttendanceRecorded,
    ItemPlacedOnAgenda,
    SessionAnnounced,
    SessionClosed,
    SessionKind,
)
from services.mediation.deciders import SESSION
from services.mediation.domain.refusals import (
    HappenedBeforeItsCause,
    OrganisationNamedTwice,
    SessionExists,
    SessionHasNotBegun,
    SessionIsClosed,
    SessionUnknown,
)
from services.mediation.domain.session_commands import (
    AnnounceSession,
    CloseSession,
    PlaceItem,
    RecordAttendance,
)
from tests.unit.given import NOON, story

given = story(SESSION)
PLACE = "yinchuan/helan/xigang/tianehu"
HOUR = timedelta(hours=1)


def announce(**changes):
    told = {
        "session": "m-1",
        "kind": SessionKind.TEAHOUSE,
        "place": PLACE,
        "starts_at": NOON + HOUR,
        "venue": "Lakeside pavilion",
    }
    return AnnounceSession(**{**told, **changes})


def was_announced(**changes):
    return SessionAnnounced(**vars(announce(**changes)), effective_at=NOON)


def was_placed(issue="q-1", at=NOON):
    return ItemPlacedOnAgenda(session="m-1", place=PLACE, issue=issue, effective_at=at)


def who_came(*organisations, residents=0, at=NOON + HOUR):
    return AttendanceRecorded(
        session="m-1", place=PLACE, organisations=organisations, residents=residents, effective_at=at
    )


def was_closed(at=NOON + 2 * HOUR, minutes=None):
    return SessionClosed(session="m-1", place=PLACE, kind=SessionKind.TEAHOUSE, minutes=minutes, effective_at=at)


def test_a_meeting_is_called_once():
    called = given().when(announce()).then(was_announced())
    called.when(announce(), now=NOON + HOUR).nothing()
    called.when(announce(venue="Gate house")).refused(SessionExists, pointer="/session")


def test_a_meeting_of_the_past_may_be_entered():
    past = NOON - timedelta(days=30)
    given().when(announce(starts_at=past)).then(was_announced(starts_at=past))


def test_an_item_stands_on_the_agenda_once():
    placed = given(was_announced()).when(PlaceItem(issue="q-1")).then(was_placed())
    placed.when(PlaceItem(issue="q-1")).nothing()
    assert placed.when(PlaceItem(issue="q-2")).then(was_placed("q-2")).state.agenda == ("q-1", "q-2")


def test_who_came_is_written_down_and_corrected():
    began = given(was_announced())
    three = RecordAttendance(organisations=("org-lights", "org-fire"), residents=3)
    written = began.when(three, now=NOON + HOUR).then(who_came("org-lights", "org-fire", residents=3))
    written.when(three, now=NOON + 2 * HOUR).nothing()
    corrected = RecordAttendance(organisations=("org-fire",), residents=4)
    written.when(corrected, now=NOON + 2 * HOUR).then(who_came("org-fire", residents=4, at=NOON + 2 * HOUR))


def test_an_organisation_comes_once():
    twice = RecordAttendance(organisations=("org-fire", "org-fire"))
    given(was_announced()).when(twice, now=NOON + HOUR).refused(OrganisationNamedTwice, pointer="/organisations/1")


@pytest.mark.parametrize("command", [RecordAttendance(organisations=()), CloseSession()])
def test_nobody_comes_and_nothing_ends_before_the_beginning(command):
    given(was_announced()).when(command).refused(SessionHasNotBegun)
    early = command.model_copy(update={"effective_at": NOON})
    given(was_announced()).when(early, now=NOON + HOUR).refused(HappenedBeforeItsCause)


def test_a_meeting_ends_once():
    minutes = Sealed(key="case:m-1", text="bWludXRlcw==")
    ended = given(was_announced()).when(CloseSession(minutes=minutes), now=NOON + 2 * HOUR)
    ended.then(was_closed(minutes=minutes)).when(CloseSession(), now=NOON + 3 * HOUR).nothing()


@pytest.mark.parametrize("command", [PlaceItem(issue="q-1"), RecordAttendance(organisations=("org-fire",))])
def test_nothing_more_happens_at_a_meeting_that_ended(command):
    given(was_announced(), was_closed()).when(command, now=NOON + 3 * HOUR).refused(SessionIsClosed)


@pytest.mark.parametrize(
    "command", [PlaceItem(issue="q-1"), RecordAttendance(organisations=("org-fire",)), CloseSession()]
)
def test_nothing_happens_at_a_meeting_that_nobody_called(command):
    given().when(command).refused(SessionUnknown, pointer="/session")
