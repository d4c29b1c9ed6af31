"""A worker that slept does nothing until it has heard whether it was replaced."""

import asyncio
import time
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from aiokafka.errors import GroupCoordinatorNotAvailableError, IllegalGenerationError, NoError, UnknownMemberIdError
from aiokafka.protocol.group import HeartbeatRequest

from services.chassis.kafka.pulse import LONG, PerhapsReplaced, Pulse


@dataclass
class Clock:
    """Stands until it is moved on."""

    now: float = 100.0

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def times():
    return Clock()


class Coordinator:
    """Of the group. answers: the error that a heartbeat is told; what it makes of that by itself is not asked for."""

    group_id, member_id = "rules", "member"

    def __init__(self) -> None:
        self.generation = 3
        self.answers = NoError

    async def _send_req(self, request: HeartbeatRequest) -> SimpleNamespace:
        assert request._generation_id == 3
        return SimpleNamespace(error_code=self.answers.errno)


@pytest.fixture
def coordinator():
    return Coordinator()


@pytest.fixture
def pulse(times, coordinator):
    async def call_thread(function, *arguments):
        return await function(*arguments)

    thread = SimpleNamespace(_consumer=SimpleNamespace(_coordinator=coordinator), call_thread=call_thread)
    app = SimpleNamespace(consumer_generation_id=3, consumer=SimpleNamespace(_thread=thread))
    return Pulse(app, lambda: times.now)


def test_who_is_felt_now_and_then_goes_on(pulse, times):
    for _ in range(20):
        times.pass_by(LONG / 2)
        pulse.feel()
    pulse.check()


async def test_who_slept_does_nothing_until_the_group_was_asked(pulse, times, coordinator):
    times.pass_by(LONG * 1.1)
    with pytest.raises(PerhapsReplaced):
        pulse.check()
    pulse.feel()
    with pytest.raises(PerhapsReplaced):
        pulse.check()
    for error in (UnknownMemberIdError, IllegalGenerationError, GroupCoordinatorNotAvailableError):
        coordinator.answers = error
        await pulse.ask()
        with pytest.raises(PerhapsReplaced):
            pulse.check()
    coordinator.answers = NoError
    await pulse.ask()
    pulse.check()


async def test_who_slept_again_while_it_asked_asks_again(pulse, times, coordinator):
    async def slept(_):
        times.pass_by(LONG * 1.1)
        pulse.feel()
        return SimpleNamespace(error_code=NoError.errno)

    coordinator._send_req = slept
    times.pass_by(LONG * 1.1)
    await pulse.ask()
    with pytest.raises(PerhapsReplaced):
        pulse.check()


async def test_it_is_felt_while_the_loop_is_busy(coordinator, pulse, times):
    running = asyncio.create_task(pulse.run())
    await asyncio.sleep(0)
    times.pass_by(LONG * 0.9)
    seen = pulse._felt
    while pulse._felt == seen:
        time.sleep(0.01)  # noqa: ASYNC251 - it holds the loop up on purpose
    times.pass_by(LONG * 0.9)
    pulse.check()
    running.cancel()


def test_who_was_given_up_by_the_group_does_nothing(pulse, coordinator):
    coordinator.generation = -1
    with pytest.raises(PerhapsReplaced):
        pulse.check()
