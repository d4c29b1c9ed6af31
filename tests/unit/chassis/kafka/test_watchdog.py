"""A worker that stands still."""

from dataclasses import dataclass

import pytest

from services.chassis.kafka.watchdog import Watchdog


@dataclass
class Clock:
    """Goes when it is told to."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def looks(clock):
    """Looks once a second, at what is given by the second; answers whether it ever stood still."""
    watchdog = Watchdog(patience=10, clock=clock)

    def look(seen, busy=lambda _: True, seconds=30):
        stood = []
        for second in range(seconds):
            clock.now += 1
            stood.append(watchdog.look(busy(second), seen(second)))
        return stood

    return look


def test_a_worker_that_is_busy_and_does_nothing_stands_still_after_a_while(looks):
    assert looks(lambda _: "same") == [False] * 10 + [True] * 20


def test_one_that_goes_on_does_not(looks):
    assert not any(looks(lambda second: second // 9))


def test_one_that_has_nothing_to_do_does_not(looks):
    assert not any(looks(lambda _: "same", busy=lambda second: second % 9 > 0))


def test_one_that_goes_on_again_has_all_its_time(looks):
    assert any(looks(lambda _: "same"))
    assert looks(lambda _: "other", seconds=11) == [False] * 10 + [True]


def test_a_time_in_which_the_process_slept_does_not_count(clock, looks):
    looks(lambda _: "same", seconds=5)
    clock.now += 600
    assert looks(lambda _: "same", seconds=11) == [False] * 10 + [True]
