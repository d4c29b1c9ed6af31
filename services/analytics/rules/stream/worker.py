"""The rules over Kafka, one worker of any number: its application is started, watched and ended here."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import faust
import structlog

from services.analytics.rules.stream.anew import resting
from services.analytics.rules.stream.shift import Shift, Surroundings, WorkerFell
from services.analytics.rules.stream.topics import UNITS, PartitionsDiffer, changelog, divided, group
from services.chassis.kafka.connection import client_arguments
from services.chassis.kafka.folder import folder_of
from services.chassis.kafka.identity import identity
from services.chassis.kafka.stream import stream_app
from services.chassis.settings import Settings

logger = structlog.get_logger(__name__)
LOOK_AGAIN = 1.0
PARTING = 5.0
"""Seconds for an application that fell to end in."""


class StreamWorker:
    """Runs the rules.

    Args:
        settings: lead to Kafka, and say how topics are called. surroundings: the service's.
        folder: for the tables, of this worker alone. every: seconds between two looks at the clock.
    """

    def __init__(self, settings: Settings, surroundings: Surroundings, folder: Path, *, every: float = 1.0) -> None:
        self._settings = settings
        self._around = surroundings
        self._folder = folder
        self._every = every
        self._shift: Shift | None = None
        self._differing = ""

    @property
    def trouble(self) -> str:
        """Why nothing goes on; empty where it does."""
        return self._differing or (self._shift.trouble if self._shift else "")

    async def run(self, stop: asyncio.Event) -> None:
        """Until the event is set; it rests while what it keeps is thrown away, and while its topics differ.

        Raises:
            WorkerFell: Faust has given up, or stands still. FolderTaken: another worker has its folder.
            KafkaRefused, KafkaError: Kafka does not answer at the beginning.
        """
        with identity(self._folder) as member:
            while not stop.is_set():
                settings = None if await resting(self._around.checkpoints) else await self._settings_now()
                if settings is None:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), LOOK_AGAIN)
                else:
                    await self._work(settings, stop, member)

    async def _settings_now(self) -> Settings | None:
        """With as many partitions as the topics have; None while these differ."""
        try:
            settings = await divided(self._settings)
        except PartitionsDiffer as differing:
            if self._differing != str(differing):
                await logger.aerror("rules_wait_for_partitions", reason=str(differing))
            self._differing = str(differing)
            return None
        self._differing = ""
        return settings

    async def _work(self, settings: Settings, stop: asyncio.Event, member: str) -> None:
        folder = await folder_of(changelog(settings, UNITS), client_arguments(settings), self._folder)
        app = stream_app(settings, group(settings), folder, member)
        self._shift = shift = Shift(app, settings, self._around, self._every)
        watching, starting = asyncio.create_task(shift.watch()), asyncio.create_task(app.start())
        rest = asyncio.create_task(self._told_to_rest())
        tasks: list[asyncio.Task[Any]] = [watching, rest]
        in_order = False
        try:
            await asyncio.wait((watching, starting), return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                tasks += [asyncio.create_task(each) for each in (shift.run(), stop.wait(), app.wait())]
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            in_order = stop.is_set() or rest.done()
            if not in_order:
                why = watching.exception() if watching.done() else app.crash_reason
                raise WorkerFell("The stream worker of the rules fell.") from why
        finally:
            await _end(app, tasks, None if in_order else PARTING)
            self._shift = None

    async def _told_to_rest(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            try:
                if await resting(self._around.checkpoints):
                    return
            except Exception as error:  # noqa: BLE001 - whatever does not answer now is asked again
                await logger.awarning("rules_pause_unknown", error=str(error))

    async def read(self) -> dict[str, int]:
        """Up to where each source was taken in, as far as it is this worker's; empty where nothing is."""
        return self._shift.units.read(await self._shift.ours()) if self._shift else {}

    async def settled(self, heads: Mapping[str, int]) -> bool:
        """Whether all that the logs hold up to there was looked at, as far as it is this worker's."""
        if self._shift is None:
            return False
        ours = await self._shift.ours()
        return bool(ours) and self._shift.units.settled(ours, heads)


async def _end(app: faust.App, tasks: Sequence[asyncio.Task[Any]], patience: float | None) -> None:
    """Of the tasks, then of the application; what fell may never end in order, and nobody goes on with it."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    ending = asyncio.create_task(app.stop())
    await asyncio.wait([ending], timeout=patience)
    if patience is None and not ending.cancelled():
        ending.result()


__all__ = ["StreamWorker", "Surroundings", "WorkerFell"]
