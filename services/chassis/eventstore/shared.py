"""One query for all who ask the same in the same moment, as readers do that one signal has woken."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")
Question = TypeVar("Question", bound=Hashable)


class Shared(Generic[Question, Answer]):
    """Asks once for everybody who asks before the query has left.

    Whoever comes later asks anew: an answer is never older than its question, or a reader could go to sleep on one that
    lacks the very event that it was woken for.

    Args:
        ask: the query. Its answers are handed to several callers, who must not change them.
    """

    def __init__(self, ask: Callable[[Question], Awaitable[Answer]]) -> None:
        self._ask = ask
        self._waiting: dict[Question, asyncio.Task[Answer]] = {}

    async def ask(self, question: Question) -> Answer:
        """The answer; raises what the query raises."""
        task = self._waiting.get(question)
        if task is None:
            task = self._waiting[question] = asyncio.create_task(self._asked(question))
            # where all have given up, its failure is no news: asyncio would log it with a stack trace
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        # one who gives up takes nobody else's answer away
        return await asyncio.shield(task)

    async def _asked(self, question: Question) -> Answer:
        try:
            await asyncio.sleep(0)  # who was woken together has asked by then
        finally:
            del self._waiting[question]
        return await self._ask(question)
