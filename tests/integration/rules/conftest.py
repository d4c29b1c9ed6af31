"""Analytics twice, a district's topics between them, and stream workers as processes that may be killed."""

import asyncio
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import psutil
import pytest

from contracts.catalogue import CATALOGUE
from services.analytics import migrations
from services.chassis.kafka.stream import SESSION
from services.chassis.settings import Settings
from services.runtime.processes import nursery
from tests.integration.rules import stream_process
from tests.integration.rules.district import NOW, RULES, District, district
from tests.integration.rules.stage import PARTITIONS, Analytics, Stage, Standing, StoodClock, embedded

nursery.FORKING.set_forkserver_preload(["services.runtime.processes.loaded", stream_process.__name__])
FELL = 1
"""What a worker ends with that ends by itself."""
MIGRATIONS = (Path(migrations.__file__).parent,)


@dataclass
class Worker:
    """A stream worker in a process of its own.

    Attributes:
        process: as it runs now. file: where it says how far it is.
        again: starts it again where it fell, once, as its supervisor does; None where it is told to fall, or did.
    """

    process: ForkServerProcess
    file: Path
    again: Callable[[], ForkServerProcess] | None

    async def settled(self, heads: Mapping[str, int], seconds: float = 120) -> None:
        """Waits until the rules have looked at all up to there."""

        async def holds() -> bool:
            return bool(self.file.exists()) and json.loads(self.file.read_text())[0] == heads

        await self._until(holds, seconds)

    async def read(self, source: str, position: int, seconds: float = 120) -> None:
        """Waits until it has taken a log in as far."""

        async def holds() -> bool:
            return bool(self.file.exists()) and json.loads(self.file.read_text())[1].get(source, 0) >= position

        await self._until(holds, seconds)

    async def _until(self, holds, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not await holds():
                if self.again is not None and self.process.exitcode == FELL:
                    self.process, self.again = self.again(), None
                assert self.process.exitcode is None, "the worker has ended"
                await asyncio.sleep(0.05)

    def struck(self) -> bool:
        """Whether its fault has put it to sleep or killed it."""
        if self.process.exitcode is not None:
            return True
        try:
            return psutil.Process(self.process.pid).status() == psutil.STATUS_STOPPED
        except psutil.NoSuchProcess:
            return True

    async def settled_or_struck(self, heads: Mapping[str, int]) -> bool:
        """Waits until it has come as far, or its fault has struck; answers which."""
        async with asyncio.timeout(120):
            while not self.struck():
                if self.file.exists() and json.loads(self.file.read_text())[0] == heads:
                    return False
                await asyncio.sleep(0.05)
        return True

    def pause(self) -> None:
        """As a machine does that is put to sleep."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def revive(self) -> None:
        """It goes on where it was, and knows of nothing."""
        os.kill(self.process.pid, signal.SIGCONT)

    async def kill(self) -> None:
        """As a machine does that loses its power."""
        self.process.kill()
        await self._ended()

    async def killed(self, seconds: float = 120) -> None:
        """Waits until its fault has killed it."""
        assert await self._ended(seconds) == -signal.SIGKILL

    async def fallen(self, seconds: float = 120) -> None:
        """Waits until it has ended by itself."""
        assert await self._ended(seconds) == FELL

    async def end(self) -> None:
        """In order."""
        self.process.terminate()
        assert await self._ended() == 0

    async def _ended(self, seconds: float = 120) -> int | None:
        await asyncio.to_thread(self.process.join, seconds)
        return self.process.exitcode


@dataclass
class Theatre:
    """Both ways to run the rules over a district of so many events.

    Attributes:
        streamed, whole: analytics that the stream workers, and embedded mode, tell.
    """

    kafka: str
    prefix: str
    folder: Path
    streamed: Analytics
    streamed_dsn: str
    whole: Analytics
    clock: StoodClock
    workers: list[Worker] = field(default_factory=list)
    size: int = 0
    seed: int = 7
    stage: Stage | None = None

    async def district(self, size: int, seed: int = 7) -> District:
        """Invents it and makes its topics."""
        self.size, self.seed = size, seed
        settings = Settings(kafka=self.kafka, topic_prefix=self.prefix, topic_partitions=PARTITIONS)
        invented = district(size, seed)
        self.stage = Stage(settings, invented, self.folder)
        await self.stage.make_topics()
        return invented

    async def publish(self, upto: Mapping[str, int], **more) -> None:
        """The logs come as far, and their topics with them."""
        assert self.stage is not None
        await self.stage.publish(upto, **more)

    async def publish_until_struck(self, worker: Worker, city: District, shares: Sequence[float]) -> None:
        """A part of the logs after the other, each taken in before the next comes: a fault at a batch is come to."""
        for share in shares:
            await self.publish(city.until(share))
            if await worker.settled_or_struck(city.until(share)):
                return
        raise AssertionError("Its fault is never come to.")

    async def remake_topics(self) -> None:
        """Somebody deleted all topics, and made them again: their messages and offsets begin anew."""
        assert self.stage is not None
        await self.stage.delete_topics()
        self.stage = Stage(self.stage.settings, self.stage.district, self.folder)
        await self.stage.make_topics()

    async def start(
        self, name: str = "worker", *, fault: tuple[str, int, str] | None = None, session: float = SESSION
    ) -> Worker:
        """Starts a worker; of the same name: with the same folder.

        Args:
            fault: at which point, at which time that it comes there, which signal it sends itself. session: seconds
                until the group takes it for dead.
        """
        told = {
            "kafka": self.kafka,
            "prefix": self.prefix,
            "partitions": self.stage.settings.topic_partitions,
            "dsn": self.streamed_dsn,
            "folder": str(self.folder),
            "name": name,
            "now": self.clock.moment.isoformat(),
            "size": self.size,
            "seed": self.seed,
            "fault": fault,
            "session": session,
            "second_versions": bool(CATALOGUE.upcasters),
        }
        (self.folder / f"{name}.json").unlink(missing_ok=True)
        environment, log = dict(os.environ), self.folder / f"{name}.log"
        begin = partial(nursery.fork, name, partial(stream_process.run, told), environment, log)
        worker = Worker(begin(), self.folder / f"{name}.json", None if fault else begin)
        self.workers.append(worker)
        return worker

    def copy_name(self, name: str, other: str) -> None:
        """Somebody copied a worker's folder, or what of it says who the worker is."""
        (self.folder / other).mkdir()
        shutil.copy(self.folder / name / "worker", self.folder / other / "worker")

    async def expected(self, invented: District) -> Standing:
        """What embedded mode says."""
        return await embedded(self.whole, invented, RULES, self.clock)


@pytest.fixture
async def theatre(databases, kafka, topic_prefix, tmp_path) -> AsyncIterator[Theatre]:
    """Nothing is published yet, and nobody works."""
    streamed, whole = await databases.fresh(*MIGRATIONS), await databases.fresh(*MIGRATIONS)
    clock = StoodClock(NOW)
    made = Theatre(
        kafka,
        topic_prefix,
        tmp_path,
        await Analytics.open(streamed.app, clock),
        streamed.app,
        await Analytics.open(whole.app, clock),
        clock,
    )
    yield made
    for worker in made.workers:
        await worker.kill()
    await made.streamed.close()
    await made.whole.close()
