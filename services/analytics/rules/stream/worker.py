"""The rules over Kafka, one worker of any number: its application is started, watched and ended here."""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path

import structlog

from services.analytics.rules.stream.anew import resting
from services.analytics.rules.stream.shift import Shift, Surroundings
from services.analytics.rules.stream.topics import UNITS, changelog, group
from services.chassis.kafka.connection import client_arguments
from services.chassis.kafka.folder import folder_of
from services.chassis.kafka.stream import stream_app
from services.chassis.settings import Settings

logger = structlog.get_logger(__name__)
LOOK_AGAIN = 1.0


class WorkerFell(Exception):
    """Faust has given up; the process ends, and what keeps it running starts it anew."""


class StreamWorker:
    """Runs the rules.

    Args:
        settings: lead to Kafka, and say how topics are called and divided. surroundings: the service's.
        folder: for the tables, of this worker alone. every: seconds between two looks at the clock.
    """

    def __init__(self, settings: Settings, surroundings: Surroundings, folder: Path, *, every: float = 1.0) -> None:
        self._settings = settings
        self._around = surroundings
        self._folder = folder
        self._every = every
        self._shift: Shift | None = None

    @property
    def trouble(self) -> str:
        """Why nothing goes on; empty where it does."""
        return self._shift.trouble if self._shift else ""

    async def run(self, stop: asyncio.Event) -> None:
        """Until the event is set; it rests while what it keeps is thrown away.

        Raises:
            WorkerFell: Faust has given up.
            KafkaError: Kafka does not answer at the beginning.
        """
        while not stop.is_set():
            if await resting(self._around.checkpoints):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_AGAIN)
            else:
                await self._work(stop)

    async def _work(self, stop: asyncio.Event) -> None:
        folder = await folder_of(changelog(self._settings, UNITS), client_arguments(self._settings), self._folder)
        app = stream_app(self._settings, group(self._settings), folder)
        self._shift = shift = Shift(app, self._settings, self._around, self._every)
        await app.start()
        rest = asyncio.create_task(self._told_to_rest())
        tasks = [rest, *(asyncio.create_task(each) for each in (shift.run(), stop.wait(), app.wait()))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not stop.is_set() and not rest.done():
                raise WorkerFell("The stream worker of the rules fell.") from app.crash_reason
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with contextlib.suppress(asyncio.CancelledError):
                await app.stop()
            self._shift = None

    async def _told_to_rest(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            try:
                if await resting(self._around.checkpoints):
                    return
            except Exception as error:  # noqa: BLE001 - whatever does not answer now is asked again
                await logger.awarning("The rules cannot see whether they are to rest; trying again.", error=str(error))

    async def read(self) -> dict[str, int]:
        """Up to where each source was taken in, as far as it is this worker's; empty where nothing is."""
        return self._shift.units.read(await self._shift.ours()) if self._shift else {}

    async def settled(self, heads: Mapping[str, int]) -> bool:
        """Whether all that the logs hold up to there was looked at, as far as it is this worker's."""
        if self._shift is None:
            return False
        ours = await self._shift.ours()
        return bool(ours) and self._shift.units.settled(ours, heads)


__all__ = ["StreamWorker", "Surroundings", "WorkerFell"]
