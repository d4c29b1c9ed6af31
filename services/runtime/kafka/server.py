"""Start and stop Kafka in a folder.

FOLDER/kafka/       the node (see node.py)
FOLDER/kafka.lock   held by guardian and Kafka; says where they are
FOLDER/kafka.log    what Kafka says (warnings and worse)
FOLDER/kafka.users  passwords, where it knows users (see users.py)
"""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from services.runtime.guarded import Guard, Guarded, log_file
from services.runtime.kafka.answering import answers
from services.runtime.kafka.jars import Say, java, kafka_jars
from services.runtime.kafka.lock import take_lock
from services.runtime.kafka.node import ENVIRONMENT, Node, jvm_command, prepared_node, reason
from services.runtime.kafka.unavailable import KafkaUnavailable
from services.runtime.kafka.users import Users
from services.runtime.kafka.warming import warm

LOCK_PATIENCE = 40.0  # seconds; a predecessor that was killed is still shutting down
START_PATIENCE = 300.0  # seconds; after a kill a long log is read through
WAYS_TO_STOP = ((signal.SIGTERM, 30.0), (signal.SIGKILL, 10.0))
POLL = 0.05  # seconds


@dataclass(frozen=True)
class Where:
    """Who runs in a folder: the guardian's process id, the address for clients, whether it was asked to stay."""

    guardian: int
    bootstrap: str
    stays: bool


@dataclass
class KafkaServer:
    """A running Kafka. Not tied to an event loop: one may start it and another stop it.

    Attributes:
        users: who may come in; None: anybody.
    """

    folder: Path
    node: Node
    guarded: Guarded
    users: Users | None = None

    @property
    def bootstrap(self) -> str:
        """The address for clients, ``host:port``."""
        return self.node.bootstrap

    @property
    def pid(self) -> int:
        """Kafka's process id, the newest one; 0 before the first start."""
        return self.guarded.pid

    async def ready(self) -> None:
        """Wait until Kafka answers; also after it was killed. Raises KafkaUnavailable."""
        deadline = time.monotonic() + START_PATIENCE
        login = self.users.operator.client if self.users else {}
        while not await answers(self.bootstrap, login):
            if self.guarded.ended:
                raise KafkaUnavailable(f"Kafka does not start: {last_words(self.folder)}.")
            if time.monotonic() > deadline:
                raise KafkaUnavailable(
                    f"Kafka is not ready after {START_PATIENCE:.0f} s; see {self.folder / 'kafka.log'}."
                )
            await asyncio.sleep(POLL)
        self.guarded.worked()

    async def stop(self) -> None:
        """Shut Kafka down in order and wait until it is gone. May be called twice."""
        await self.guarded.stop()


@contextlib.asynccontextmanager
async def running_kafka(folder: Path, **options: Any) -> AsyncIterator[KafkaServer]:
    """Kafka for the length of a block; the options are those of `start_kafka`."""
    server = await start_kafka(folder, **options)
    try:
        yield server
    finally:
        await server.stop()


async def start_kafka(
    folder: Path,
    *,
    port: int | None = None,
    more: Mapping[str, str] | None = None,
    users: Users | None = None,
    stays: bool = False,
    say: Say = lambda _: None,
) -> KafkaServer:
    """Start Kafka in a folder (made if need be) and return when it answers.

    Waits for a predecessor that was killed and is still on its way out.

    Args:
        folder: where its data is.
        port: for clients; default: the one it had before, else a free one.
        more: properties of Kafka's that add to ours or override them; see `server_properties`.
        users: who may come in, by passwords; None: anybody.
        stays: whether it outlives this process; else it ends with it, also by kill -9.
        say: hears each step in words.

    Raises:
        KafkaUnavailable: one sentence.
    """
    java()
    jars = await asyncio.to_thread(kafka_jars, say)
    await warm(jars, say)
    lock = await take_lock(folder / "kafka.lock", LOCK_PATIENCE)
    say("Starting Kafka")
    options = {**(users.properties() if users else {}), **(more or {})}
    launching = asyncio.ensure_future(asyncio.to_thread(_launch, folder, jars, lock, port, options, stays=stays))
    try:
        server = await asyncio.shield(launching)
    except asyncio.CancelledError:
        await (await launching).stop()
        raise
    finally:
        os.close(lock)  # the guardian and Kafka hold it from here on
    server.users = users
    try:
        say("Waiting until Kafka answers")
        await server.ready()
    except BaseException:
        await server.stop()
        raise
    if stays:
        server.guarded.stays()
    return server


def kafka_in(folder: Path) -> Where | None:
    """Who runs Kafka in a folder (or is about to), None when nobody does."""
    try:
        with (folder / "kafka.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return _noted(folder)
    return None


def _noted(folder: Path) -> Where:
    try:
        return Where(**json.loads((folder / "kafka.lock").read_text()))
    except ValueError:
        return Where(0, "", stays=False)  # it is being made


def _launch(
    folder: Path, jars: Path, lock: int, port: int | None, more: Mapping[str, str], *, stays: bool
) -> KafkaServer:
    home = folder / "kafka"
    os.ftruncate(lock, 0)
    try:
        node = prepared_node(home, jars, port, more, lock)
        log = log_file(folder / "kafka.log")
    except OSError as error:
        raise KafkaUnavailable(f"Kafka cannot use {folder}: {error.strerror or error}.") from error
    command = jvm_command(jars, "kafka.Kafka", "server.properties")
    guarded = Guarded.start(Guard(command, ENVIRONMENT, WAYS_TO_STOP, folder=home), keep=(lock,), log=log)
    os.pwrite(lock, json.dumps(asdict(Where(guarded.guardian, node.bootstrap, stays))).encode(), 0)
    return KafkaServer(folder, node, guarded)


def last_words(folder: Path) -> str:
    """Why Kafka ended, out of the end of its log file, which is named."""
    path = folder / "kafka.log"
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - 20_000))
            said = log.read().decode(errors="replace")
    except OSError:
        said = ""
    return f"{reason(said)} ({path})"
