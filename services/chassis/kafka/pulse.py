"""Whether this process slept so long that others may have been given what it had."""

import asyncio
import threading
import time
from collections.abc import Callable

import faust
from aiokafka.errors import KafkaError

from services.chassis.kafka.stream import SESSION, generation_of, still_member

BEAT = 0.5
LONG = SESSION / 2
"""Seconds; with the pause between two heartbeats still less than a session."""


class PerhapsReplaced(KafkaError):  # type: ignore[misc]
    """Nothing may be told or remembered until the group has said who has the partitions."""

    def __init__(
        self, message: str = "This worker did not run for a while; it waits to hear whether it was replaced."
    ) -> None:  # aiokafka copies what it hands on
        super().__init__(message)


class Pulse:
    """Felt twice a second, so that a sleep is noticed before anything is done after it.

    It is felt in a thread of its own: a loop that is busy does not sleep, and the heartbeats are sent meanwhile.

    Args:
        app: a member of the group. clock: seconds.
    """

    def __init__(self, app: faust.App, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._clock = clock
        self._felt = clock()
        self._sleeps = self._heard_after = 0

    async def run(self) -> None:
        """Until it is cancelled."""
        ended = threading.Event()
        self._felt = self._clock()
        try:
            await asyncio.to_thread(self._follow, ended)
        finally:
            ended.set()

    def _follow(self, ended: threading.Event) -> None:
        while not ended.wait(BEAT):
            self.feel()

    def feel(self) -> None:
        """Once."""
        now = self._clock()
        if now - self._felt > LONG:
            self._sleeps += 1
        self._felt = now

    @property
    def doubts(self) -> bool:
        """Whether it slept, and has not heard since that it is still a member."""
        return self._heard_after < self._sleeps

    def check(self) -> None:
        """Before something is told or remembered.

        Raises:
            PerhapsReplaced: others may have what this worker had.
        """
        slept = self._clock() - self._felt > LONG
        if slept or self.doubts or generation_of(self._app) is None:
            raise PerhapsReplaced

    async def ask(self) -> None:
        """Asks the group, by a heartbeat out of turn, whether this worker is still its member; waits where it is not.

        What was asked before a sleep does not count after it.
        """
        self.feel()
        sleeps = self._sleeps
        if await still_member(self._app):
            self._heard_after = sleeps
        else:
            await asyncio.sleep(BEAT)
