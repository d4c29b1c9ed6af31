"""A lock that the processes started under it inherit, so it is free when the last of them is gone."""

import asyncio
import fcntl
import os
import time
from pathlib import Path

from services.runtime.kafka.unavailable import KafkaUnavailable

POLL = 0.05  # seconds


async def take_lock(path: Path, patience: float) -> int:
    """Open and lock a file (made if need be), waiting for others up to `patience` seconds.

    Returns its descriptor, which is not inherited unless asked for. Raises KafkaUnavailable.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise KafkaUnavailable(f"Kafka cannot use {path.parent}: {error.strerror or error}.") from error
    deadline = time.monotonic() + patience
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise KafkaUnavailable(f"Kafka in {path.parent} is in use by another instance.") from None
                await asyncio.sleep(POLL)
            else:
                return descriptor
    except BaseException:
        os.close(descriptor)
        raise
