"""Batches for who writes them: read in a process of its own where the files are long, so that both cores work."""

import asyncio
import contextlib
import gc
import multiprocessing
import signal
import sqlite3
from collections.abc import AsyncGenerator, Callable, Iterator
from multiprocessing.connection import Connection

from services.runtime.imports.batches import Batch, Work, read_batches
from services.runtime.imports.refusals import FileRefused, ImportRefused

SMALL = 1_000_000  # bytes of files; below it another process takes longer to start than it saves
Message = Batch | str | None
"""A batch, the sentence of a refusal, or the end."""


async def batches(work: Work, small: int = SMALL) -> AsyncGenerator[Batch, None]:
    """All batches in order; the next is read while the caller works on one. Raises ImportRefused."""
    if sum(path.stat().st_size for path in work.files) <= small:
        async for batch in _ahead(_here(work)):
            yield batch
        return
    with _process(work) as receive:
        async for batch in _ahead(receive):
            yield batch


async def _ahead(receive: Callable[[], Message]) -> AsyncGenerator[Batch, None]:
    waiting = asyncio.ensure_future(asyncio.to_thread(receive))
    try:
        while not isinstance(message := await asyncio.shield(waiting), str):
            if message is None:
                return
            waiting = asyncio.ensure_future(asyncio.to_thread(receive))
            yield message
        raise FileRefused(message)
    finally:
        waiting.cancel()


def _here(work: Work) -> Callable[[], Message]:
    reading = read_batches(work)
    return lambda: _next(reading)


def _next(reading: Iterator[Batch]) -> Message:
    try:
        return next(reading, None)
    except ImportRefused as refused:
        return str(refused)
    except (OSError, sqlite3.Error) as error:
        return f"Reading stopped ({error}); make room on the disk or see to the file, and repeat the import."


@contextlib.contextmanager
def _process(work: Work) -> Iterator[Callable[[], Message]]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_read_and_send, args=(work, theirs), name="maplebridge-import", daemon=True)
    process.start()
    theirs.close()

    def receive() -> Message:
        try:
            message: Message = ours.recv()
        except (EOFError, OSError):  # OSError: within a message
            return "The process that reads the files ended early: repeat the import, what was imported is known then."
        return message

    try:
        yield receive
    finally:
        process.terminate()
        process.join()
        ours.close()


def _read_and_send(work: Work, connection: Connection) -> None:
    # Ctrl-C reaches the whole group; who asked for the work decides when it ends
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(100_000)  # rows make no cycles, and looking for some takes a tenth of the time
    reading = read_batches(work)
    message: Message = Batch()
    try:
        while isinstance(message, Batch):
            message = _next(reading)
            connection.send(message)
    except BrokenPipeError:
        return  # who asked is gone
