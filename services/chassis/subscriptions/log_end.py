"""The end of an owner's log, as far as readers of its topic know it: no true record lies beyond it."""

import asyncio

import structlog

from services.chassis.subscriptions.continuity import Held, Message
from services.chassis.subscriptions.mending import turned
from services.chassis.subscriptions.subscription import LogReader

logger = structlog.get_logger(__name__)


class LogEnd:
    """Known end of one log; the owner is asked only about positions beyond what is known.

    A relay publishes what is committed, so a record that names a position which the log does not have was not made by
    a relay. Taken in, it would make repeats of all true events up to that position. What is shared by all readers of a
    process is asked once for all of them.

    Args:
        log: of the owner.
    """

    def __init__(self, log: LogReader) -> None:
        self._log = log
        self._position = 0
        self._asking = asyncio.Lock()

    async def reach(self, position: int) -> int:
        """Return the known end, asking the owner first where ``position`` lies beyond it.

        Raises:
            SourceAway: the owner does not answer.
        """
        if position > self._position:
            async with self._asking:
                if position > self._position:
                    self._position = (await self._log.head()).position
        return self._position

    async def settle(self, held: Held, message: Message, *, reader: str, partition: int, offset: int) -> Held | None:
        """Ask the owner about a message beyond the known end.

        Args:
            held: of the partition. message: what the record names. reader, partition, offset: for the log line.

        Returns:
            What is held when the message is looked at again; None where the log does not have its position.

        Raises:
            LineageReplaced: the log was restored and lacks something that was read. SourceAway: no answer.
        """
        head = await self._log.head()
        self._position = head.position
        if message.lineage != head.lineage:
            return await turned(self._log, held, head.lineage)
        if message.sequence <= head.position:
            return held
        await logger.aerror(
            "record_beyond_the_log_refused",
            reader=reader,
            source=self._log.source,
            partition=partition,
            offset=offset,
            position=message.sequence,
            end=head.position,
        )
        return None
