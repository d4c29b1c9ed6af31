"""A rate is kept for each key by itself, and a pause gives back what it allows."""

from services.chassis.pace import BURST_SECONDS, KEYS, Pace


class Clock:
    """Seconds that a test moves on."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def within(pace: Pace, key: str, requests: int) -> int:
    """How many of so many requests are within the limit."""
    return sum(not pace.wait(key) for _ in range(requests))


def test_a_burst_is_taken_and_then_no_more_than_the_rate():
    clock = Clock()
    pace = Pace(10, clock)
    assert within(pace, "a", 100) == 10 * BURST_SECONDS
    clock.time += 1
    assert within(pace, "a", 100) == 10


def test_what_is_refused_does_not_count():
    clock = Clock()
    pace = Pace(1, clock)
    within(pace, "a", 1000)
    seconds = pace.wait("a")
    assert 0 < seconds <= 1
    clock.time += seconds
    assert not pace.wait("a")


def test_one_key_does_not_hold_up_another():
    pace = Pace(1, Clock())
    within(pace, "a", 1000)
    assert pace.wait("a")
    assert not pace.wait("b")


def test_a_rate_below_one_a_burst_takes_one_at_a_time():
    clock = Clock()
    pace = Pace(0.01, clock)
    assert within(pace, "a", 5) == 1
    clock.time += 100
    assert within(pace, "a", 5) == 1


def test_no_limit_is_no_limit():
    assert within(Pace(0), "a", 10_000) == 10_000


def test_no_more_keys_are_remembered_than_there_is_room_for():
    pace = Pace(1, Clock())
    for number in range(KEYS + 10):
        pace.wait(str(number))
    assert len(pace._due) == KEYS
