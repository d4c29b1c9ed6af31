"""Analytics twice, a district's topics between them, and stream workers as processes that may be killed."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from services.analytics import migrations
from services.chassis.kafka.stream import SESSION
from services.chassis.settings import Settings
from tests.integration.rules.district import NOW, RULES, District, district
from tests.integration.rules.stage import PARTITIONS, Analytics, Stage, Standing, StoodClock, embedded

ROOT = Path(__file__).parents[3]
MIGRATIONS = (Path(migrations.__file__).parent,)


@dataclass
class Worker:
    """A stream worker in a process of its own."""

    process: asyncio.subprocess.Process
    file: Path

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
                assert self.process.returncode is None, "the worker has ended"
                await asyncio.sleep(0.05)

    def struck(self) -> bool:
        """Whether its fault has put it to sleep or killed it."""
        options = os.WEXITED | os.WSTOPPED | os.WNOHANG | os.WNOWAIT
        try:
            return self.process.returncode is not None or os.waitid(os.P_PID, self.process.pid, options) is not None
        except ChildProcessError:  # it has ended, and the thread that waits for it was there first
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
        self.process.send_signal(signal.SIGSTOP)

    def revive(self) -> None:
        """It goes on where it was, and knows of nothing."""
        self.process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        """As a machine does that loses its power."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def killed(self, seconds: float = 120) -> None:
        """Waits until its fault has killed it."""
        async with asyncio.timeout(seconds):
            assert await self.process.wait() == -signal.SIGKILL

    async def fallen(self, seconds: float = 120) -> None:
        """Waits until it has ended by itself."""
        async with asyncio.timeout(seconds):
            assert await self.process.wait() == 1

    async def end(self) -> None:
        """In order."""
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        async with asyncio.timeout(30):
            assert await self.process.wait() == 0


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
        }
        (self.folder / f"{name}.json").unlink(missing_ok=True)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.integration.rules.stream_process",
            json.dumps(told),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        worker = Worker(process, self.folder / f"{name}.json")
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
