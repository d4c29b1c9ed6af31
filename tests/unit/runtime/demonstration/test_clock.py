"""The demonstration's clock begins where the scenario ends, runs as fast as it is told, and never backwards."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.runtime.demonstration.clock import ClockMissing, DemonstrationClock, FollowedClock

START = datetime(2025, 1, 14, 12, 40, 50, tzinfo=UTC)


class Machine:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def machine():
    return Machine()


def a_clock(tmp_path, machine, speed=1.0):
    return DemonstrationClock(tmp_path / "folder" / "clock.json", START, speed, machine)


def test_it_begins_where_the_scenario_ends(tmp_path, machine):
    assert a_clock(tmp_path, machine).now() == START


def test_it_goes_as_fast_as_it_is_told(tmp_path, machine):
    clock = a_clock(tmp_path, machine, speed=60)
    machine.seconds += 10
    assert clock.now() == START + timedelta(minutes=10)
    clock.speed = 1
    machine.seconds += 10
    assert clock.now() == START + timedelta(minutes=10, seconds=10)


def test_at_speed_nought_it_stands_still(tmp_path, machine):
    clock = a_clock(tmp_path, machine, speed=0)
    machine.seconds += 1000
    assert clock.now() == clock.now() == START


def test_after_an_orderly_end_it_goes_on_from_the_very_moment(tmp_path, machine):
    clock = a_clock(tmp_path, machine)
    machine.seconds += 7
    clock.close()
    machine.seconds += 99_999
    assert a_clock(tmp_path, machine).now() == START + timedelta(seconds=7)


def test_after_a_kill_it_never_answers_with_an_earlier_moment(tmp_path, machine):
    clock = a_clock(tmp_path, machine, speed=30)
    answered = []
    for _ in range(50):
        machine.seconds += 3.3
        answered.append(clock.now())
    again = a_clock(tmp_path, machine, speed=30)
    assert again.now() >= max(answered)
    assert again.now() - max(answered) <= timedelta(seconds=20 * 30)


def test_a_speed_that_is_none_is_refused(tmp_path, machine):
    with pytest.raises(ValueError, match="choose one from 0"):
        a_clock(tmp_path, machine, speed=-1)
    clock = a_clock(tmp_path, machine)
    with pytest.raises(ValueError, match="no speed"):
        clock.speed = 4000
    assert clock.speed == 1


def test_a_file_that_holds_no_moment_is_named(tmp_path, machine):
    path = tmp_path / "folder" / "clock.json"
    path.parent.mkdir()
    path.write_text("{")
    with pytest.raises(ValueError, match=r"clock\.json does not hold a moment: remove it"):
        a_clock(tmp_path, machine)


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("pass"), st.floats(0, 500)),
            st.tuples(st.just("speed"), st.floats(0, 100)),
            st.tuples(st.just("kill"), st.just(0.0)),
            st.tuples(st.just("close"), st.just(0.0)),
        ),
        max_size=30,
    )
)
def test_whatever_happens_it_never_runs_backwards(tmp_path_factory, steps):
    folder, machine = tmp_path_factory.mktemp("clock"), Machine()
    clock = a_clock(folder, machine)
    last = clock.now()
    for what, much in steps:
        if what == "pass":
            machine.seconds += much
        elif what == "speed":
            clock.speed = much
        else:
            if what == "close":
                clock.close()
            clock = a_clock(folder, machine, clock.speed)
        moment = clock.now()
        assert moment >= last
        last = moment


def test_who_reads_its_file_sees_the_same_time(tmp_path, machine):
    clock = a_clock(tmp_path, machine, speed=60)
    clock.now()
    follower = FollowedClock(tmp_path / "folder" / "clock.json", machine)
    machine.seconds += 5
    assert follower.now() == clock.now() == START + timedelta(minutes=5)
    clock.speed = 2
    machine.seconds += 5
    assert follower.now() == clock.now() == START + timedelta(minutes=5, seconds=10)
    assert follower.speed == 2


def test_who_reads_its_file_waits_for_a_clock_that_has_stopped(tmp_path, machine):
    clock = a_clock(tmp_path, machine, speed=10)
    clock.now()
    follower = FollowedClock(tmp_path / "folder" / "clock.json", machine)
    for _ in range(10):
        machine.seconds += 5
        clock.keep_ahead()
        assert follower.now() == START + (machine.seconds - 100) * timedelta(seconds=10)
    machine.seconds += 500
    stopped = follower.now()
    again = a_clock(tmp_path, machine, speed=10)
    assert again.now() >= stopped
    assert follower.now() == stopped, "it was looked at a moment ago"
    machine.seconds += 1
    assert follower.now() == again.now() > stopped


def test_a_clock_that_nobody_has_cannot_be_read(tmp_path, machine):
    with pytest.raises(ClockMissing, match="maplebridge demo"):
        FollowedClock(tmp_path / "clock.json", machine)
