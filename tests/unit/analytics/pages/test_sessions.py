"""Who is signed in is known by a cookie and kept in memory, as long as the token lasts."""

from datetime import timedelta

import pytest

from contracts.common import Role
from services.analytics.pages import sessions
from services.analytics.pages.sessions import Sessions
from services.chassis.access import Issuer, Principal, new_issuer_key

NOON = 1_800_000_000


class Clock:
    """Seconds that a test moves on."""

    time = float(NOON)

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def token(clock) -> str:
    principal = Principal(Role.PATROL, "patrol-1", ("yinchuan/jinfeng",))
    return Issuer(new_issuer_key(), now=clock).issue(principal, timedelta(hours=1))


def test_a_viewer_is_signed_in_as_the_token_says(clock, token):
    known = Sessions(clock)
    known.begin("a", token)
    assert known.of("a").token == token
    assert known.of("a").role == "patrol"
    assert known.of("b") is None


def test_a_session_ends_with_its_token_and_with_the_sign_out(clock, token):
    known = Sessions(clock)
    known.begin("a", token)
    known.begin("b", token)
    known.end("b")
    assert known.of("b") is None
    clock.time += 3600
    assert known.of("a") is None


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "a.e30.c", "a.W10.c", "a.eyJyb2xlIjogMX0.c", "a.\u679d.c"])
def test_what_is_no_token_signs_nobody_in(clock, text):
    with pytest.raises(ValueError, match="not an access token"):
        Sessions(clock).begin("a", text)


def test_no_more_are_signed_in_than_there_is_room_for(clock, token, monkeypatch):
    monkeypatch.setattr(sessions, "MOST", 2)
    known = Sessions(clock)
    for session in "abc":
        known.begin(session, token)
    assert [known.of(session) is not None for session in "abc"] == [False, True, True]
