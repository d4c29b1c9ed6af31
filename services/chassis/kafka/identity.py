"""Who a worker is, from life to life: its folder says so, and is one process's at a time."""

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4, uuid5

LENGTH = len(str(UUID(int=0)))


class FolderTaken(Exception):
    """Two processes would be the same worker."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"Another stream worker keeps its tables in {folder}: give each a folder of its own.")


@contextlib.contextmanager
def identity(folder: Path) -> Iterator[str]:
    """The name of the worker whose folder this is, which nobody else has until the end of the block.

    A copy of the folder on another machine is another worker's.

    Raises:
        FolderTaken: another process has it, be it asleep.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / "worker", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderTaken(folder) from None
        yield str(uuid5(_number(descriptor), socket.gethostname()))
    finally:
        os.close(descriptor)


def _number(descriptor: int) -> UUID:
    with contextlib.suppress(ValueError):  # of a first life that ended at once
        return UUID(os.pread(descriptor, LENGTH, 0).decode())
    number = uuid4()
    os.pwrite(descriptor, str(number).encode(), 0)
    return number
