"""Kafka's classes as Java holds them in memory, kept beside its programs: a start takes a third of the time.

The wheel's Java comes without the archive that other distributions bring, so all of Java is loaded class by class
at each start. One run in a folder of its own writes the archive. Without it everything works, only slower.
"""

import asyncio
import os
import shutil
import signal
import time
from pathlib import Path

from services.runtime.guarded import Guard, Guarded, log_file
from services.runtime.kafka.answering import answers
from services.runtime.kafka.jars import Say
from services.runtime.kafka.lock import take_lock
from services.runtime.kafka.node import ENVIRONMENT, archive, jvm_command, prepared_node

PATIENCE = 300.0  # seconds; on a busy machine
WAYS_TO_STOP = ((signal.SIGTERM, 180.0), (signal.SIGKILL, 10.0))  # the archive is written at the end
POLL = 0.05  # seconds


async def warm(jars: Path, say: Say) -> None:
    """Write the archive where it is not there yet (10 s, 70 MB). Raises KafkaUnavailable."""
    target = archive(jars)
    if target.exists():
        return
    say("Preparing Kafka for quick starts (10 s, 70 MB), once")
    lock = await take_lock(jars / "warming.lock", PATIENCE)
    try:
        if not target.exists():
            await _train(jars, target, lock)
    finally:
        os.close(lock)


async def _train(jars: Path, target: Path, lock: int) -> None:
    home, growing = jars / "warming", target.with_suffix(".new")
    node = await asyncio.to_thread(prepared_node, home, jars, None, {}, lock)
    java, *arguments = jvm_command(jars, "kafka.Kafka", "server.properties")
    command = [java, f"-XX:AOTCacheOutput={growing}", *arguments]
    guarded = Guarded.start(
        Guard(command, ENVIRONMENT, WAYS_TO_STOP, folder=home), keep=(lock,), log=log_file(home / "log.txt")
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while not (await answers(node.bootstrap) or guarded.ended or time.monotonic() > deadline):  # noqa: ASYNC110
            await asyncio.sleep(POLL)
    finally:
        await guarded.stop()
    if growing.exists():  # not where Java ended early: the start that follows says why
        growing.replace(target)
    await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)
