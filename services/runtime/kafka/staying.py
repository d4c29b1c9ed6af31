"""The Kafka of a data folder, in which each process is a user of its own; one that was asked to stay outlives them."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import psutil
from aiokafka.admin import AIOKafkaAdminClient

from services.chassis.kafka.connection import client_arguments
from services.chassis.kafka.granting import grant
from services.chassis.kafka.rights import Grant
from services.chassis.settings import Settings
from services.runtime.guarded import Seen, keeping
from services.runtime.kafka.answering import answers
from services.runtime.kafka.jars import VERSION, Say
from services.runtime.kafka.server import KafkaServer, Where, kafka_in, running_kafka, start_kafka
from services.runtime.kafka.unavailable import KafkaUnavailable
from services.runtime.kafka.users import PREFIX, Users, as_user, known_users, users_of

STOP_PATIENCE = 60.0  # seconds
ANSWER_PATIENCE = 60.0  # seconds
POLL = 0.05  # seconds

Rights = Mapping[str, Iterable[Grant]]
"""What each process may do, by its name."""


@dataclass(frozen=True)
class Status:
    """How a folder's Kafka is.

    Attributes:
        running: whether its processes are there. answers: whether it answers.
        bootstrap: its address for clients. pid: its process id; 0 while it is started again. version: of Kafka.
        stays: whether `maplebridge kafka up` started it; else it belongs to an instance and ends with it.
        memory: resident bytes.
    """

    running: bool
    answers: bool = False
    bootstrap: str | None = None
    pid: int = 0
    version: str = VERSION
    stays: bool = False
    memory: int = 0


class Broker(NamedTuple):
    """A Kafka that runs. bootstrap: its address for clients. users: who comes in. seen: how it is, asked now."""

    bootstrap: str
    users: Users
    seen: Callable[[], Seen]


class RunsAlready(KafkaUnavailable):
    """Somebody runs Kafka in the folder."""

    def __init__(self, folder: Path, where: Where) -> None:
        super().__init__(f"Kafka runs already in {folder}{f', at {where.bootstrap}' if where.bootstrap else ''}.")
        self.where = where


class PortFixed(KafkaUnavailable):
    """It runs already, at another port than is asked for."""

    def __init__(self, bootstrap: str, port: int) -> None:
        super().__init__(
            f"Kafka runs already at {bootstrap}: `maplebridge kafka down` ends it, then it can go to {port}."
        )


class UsersUnknown(KafkaUnavailable):
    """An older release started it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The Kafka that runs in {folder} was started by an older release, and does not know each of this one's "
            "processes as a user: end it with `maplebridge kafka down`, and start again."
        )


async def stay(folder: Path, rights: Rights, *, port: int | None, say: Say) -> KafkaServer:
    """Start Kafka so that it outlives this process.

    Args:
        rights: what each process may do there.

    Raises:
        RunsAlready, KafkaUnavailable.
    """
    where = kafka_in(folder)
    if where is not None:
        raise RunsAlready(folder, where)
    users = users_of(folder, rights)
    server = await start_kafka(folder, port=port, users=users, stays=True, say=say)
    await _granted(server.bootstrap, users, rights)
    return server


@contextlib.asynccontextmanager
async def kafka_for(folder: Path, rights: Rights, say: Say) -> AsyncIterator[Broker]:
    """The folder's Kafka for the length of a block: the one that was asked to stay, else one of our own.

    Our own is started again where its guardian was killed.

    Args:
        rights: what each process may do there.

    Raises:
        KafkaUnavailable: one sentence. NotGranted.
    """
    where = kafka_in(folder)
    if where is None or not where.stays:
        users = users_of(folder, rights)
        async with (
            running_kafka(folder, users=users, say=say) as server,
            keeping("Kafka", server, partial(start_kafka, folder, users=users), say),
        ):
            await _granted(server.bootstrap, users, rights)
            yield Broker(server.bootstrap, users, server.guarded.seen)
        return
    say("Kafka runs already in this folder, and stays: `maplebridge kafka down` ends it")
    stands = known_users(folder)
    if stands is None or not all(map(stands.login, rights)):
        raise UsersUnknown(folder)
    deadline = time.monotonic() + ANSWER_PATIENCE
    while not await answers(where.bootstrap, stands.operator.client):
        if time.monotonic() > deadline:
            raise KafkaUnavailable(
                f"The Kafka that runs in {folder} does not answer at {where.bootstrap}: end it with `maplebridge kafka "
                "down`, and start again."
            )
        await asyncio.sleep(POLL)
    await _granted(where.bootstrap, stands, rights)
    yield Broker(where.bootstrap, stands, lambda: Seen(_process(where.guardian)[0], 1))


async def _granted(bootstrap: str, users: Users, rights: Rights) -> None:
    """Each user has these rights, whatever an older release gave it."""
    admin = AIOKafkaAdminClient(**client_arguments(as_user(Settings(), bootstrap, users.operator)))
    await admin.start()
    try:
        await grant(admin, {PREFIX + name: grants for name, grants in rights.items()})
    finally:
        await admin.close()


async def status(folder: Path) -> Status:
    """How the folder's Kafka is."""
    where = kafka_in(folder)
    if where is None:
        return Status(running=False)
    pid, memory = _process(where.guardian)
    users = known_users(folder)
    return Status(
        running=True,
        answers=bool(where.bootstrap) and await answers(where.bootstrap, users.operator.client if users else {}),
        bootstrap=where.bootstrap or None,
        pid=pid,
        stays=where.stays,
        memory=memory,
    )


async def end(folder: Path) -> bool:
    """Stop the folder's Kafka and wait until nothing of it is left; False when none ran.

    Raises KafkaUnavailable: it belongs to an instance, or does not end.
    """
    where = kafka_in(folder)
    if where is None:
        return False
    if where.guardian and not where.stays:
        raise KafkaUnavailable(
            f"Kafka in {folder} belongs to a running instance and ends with it; stop that one (guardian: process "
            f"{where.guardian})."
        )
    if _is_guardian(where.guardian):
        os.kill(where.guardian, signal.SIGTERM)
    deadline = time.monotonic() + STOP_PATIENCE
    while kafka_in(folder) is not None:
        if time.monotonic() > deadline:
            raise KafkaUnavailable(f"Kafka in {folder} does not end; see {folder / 'kafka.log'}.")
        await asyncio.sleep(POLL)
    return True


def _is_guardian(pid: int) -> bool:
    """Whether the process is still what was noted; a killed guardian's id may have gone to another program."""
    try:
        return pid > 0 and any(part.endswith("guardian.py") for part in psutil.Process(pid).cmdline())
    except psutil.NoSuchProcess:
        return False


def _process(guardian: int) -> tuple[int, int]:
    try:
        for child in psutil.Process(guardian).children() if _is_guardian(guardian) else []:
            return child.pid, child.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return 0, 0
