"""An event loop in a thread of its own, for tests that are not async themselves: properties, and the peer's suite."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, Self, TypeVar

Result = TypeVar("Result")


class OwnLoop:
    """Runs coroutines to their end for callers without a loop; use as a context manager."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, Result], seconds: float = 60) -> Result:
        """The coroutine's result; a ``TimeoutError`` when it takes longer than anything here should."""
        return self.begin(asyncio.wait_for(work, seconds)).result()

    def begin(self, work: Coroutine[Any, Any, Result]) -> "Future[Result]":
        """The same without waiting; to cancel the future cancels the work."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)
