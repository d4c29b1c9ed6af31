"""Batches for each partition of one topic, in order, and what the broker says of them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError, RecordListTooLargeError

from services.chassis.eventstore.types import Recorded
from services.chassis.kafka.connection import LOOK_EVERY_MS
from services.chassis.kafka.messages import Encoded, Encoder
from services.chassis.kafka.partitions import partition_of
from services.chassis.relay.progress import Progress
from services.chassis.relay.stops import MessageTooLarge

BATCH_BYTES = 512 * 1024
PATIENCE = 10.0
"""Seconds without an answer after which a producer is given up; the next one begins where progress stands."""

Sent = tuple[int, int, "asyncio.Future[Any]"]
"""A partition, how many records, and the broker's answer."""


class NoAnswer(ConnectionError):
    """The broker did not acknowledge in time."""

    def __init__(self) -> None:
        super().__init__(f"Kafka has acknowledged nothing for {PATIENCE:.0f} s.")


class Outbox:
    """Sends the log from where progress stands.

    Args:
        producer: idempotent, with acks=all. topic: of the service. encoder: for its lineage under this lease.
        progress: what was acknowledged before.
    """

    def __init__(self, producer: AIOKafkaProducer, topic: str, encoder: Encoder, progress: Progress) -> None:
        self._producer = producer
        self._topic = topic
        self._encoder = encoder
        self.progress = progress
        self._lasts = list(progress.lasts)
        self._known = list(progress.lasts)
        self._full: list[tuple[int, Any]] = []
        self._open: dict[int, Any] = {}

    def put(self, events: Sequence[Recorded]) -> None:
        """Adds events, in order."""
        partitions, lasts, encode, add = self.progress.partitions, self._lasts, self._encoder.event, self._add
        for event in events:
            position, stream = event.row[0], event.row[1]
            partition = partition_of(stream, partitions)
            add(partition, encode(event, lasts[partition]))
            lasts[partition] = position
        self._known = [max(known, last) for known, last in zip(self._known, lasts, strict=True)]

    def put_watermarks(self, position: int, recorded_at: Any) -> int:
        """Tells each partition that is behind that it is complete up to a position; answers how many were."""
        behind = [partition for partition, known in enumerate(self._known) if known < position]
        for partition in behind:
            self._add(partition, self._encoder.watermark(partition, position, recorded_at, self._lasts[partition]))
            self._known[partition] = position
        return len(behind)

    def put_barriers(self, recorded_at: Any, previous: Sequence[int]) -> None:
        """Ends the generation before in all of its partitions, and begins the present one in all of its own.

        Args:
            previous: the last event in each partition of the generation before; 0 in a new one.
        """
        now = self.progress
        for partition in range(now.partitions):
            last = previous[partition] if partition < len(previous) else 0
            self._add(
                partition,
                self._encoder.barrier(
                    partition, now.began_after, recorded_at, last, before=now.before, partitions=now.partitions
                ),
            )

    def _add(self, partition: int, encoded: Encoded) -> None:
        builder = self._open.get(partition)
        if builder is None:
            builder = self._open[partition] = self._producer.create_batch()
        key, value, headers, timestamp = encoded
        if builder.append(timestamp=timestamp, key=key, value=value, headers=headers) is None:
            self._full.append((partition, builder))
            builder = self._open[partition] = self._producer.create_batch()
            if builder.append(timestamp=timestamp, key=key, value=value, headers=headers) is None:
                raise MessageTooLarge(self._topic, len(value))

    async def send(self, position: int) -> "Delivery":
        """Hands everything that was added to the producer.

        Raises:
            NoAnswer: the broker takes nothing.
        """
        batches = [*self._full, *self._open.items()]
        self._full, self._open = [], {}
        queues: dict[int, list[Any]] = {}
        for partition, builder in batches:
            queues.setdefault(partition, []).append(builder)
        try:
            async with asyncio.timeout(PATIENCE):
                sent = await asyncio.gather(*(self._queue(partition, queue) for partition, queue in queues.items()))
        except TimeoutError:
            raise NoAnswer from None
        return Delivery(self._topic, position, tuple(self._lasts), [each for queue in sent for each in queue])

    async def _queue(self, partition: int, builders: Sequence[Any]) -> list[Sent]:
        # one after the other: aiokafka holds one batch of a partition back while another is on its way
        sent: list[Sent] = []
        for builder in builders:
            answer = await self._producer.send_batch(builder, self._topic, partition=partition)
            # when one fails, the others are not asked any more
            answer.add_done_callback(lambda done: done.cancelled() or done.exception())
            sent.append((partition, builder.record_count(), answer))
        return sent


class Delivery:
    """What was handed over and is not acknowledged yet."""

    def __init__(self, topic: str, position: int, lasts: tuple[int, ...], sent: Sequence[Sent]) -> None:
        self._topic = topic
        self._position = position
        self._lasts = lasts
        self._sent = sent

    @property
    def records(self) -> int:
        """How many were sent."""
        return sum(count for _, count, _ in self._sent)

    async def acknowledged(self, before: Progress) -> Progress:
        """Waits for the broker; answers the progress that this makes.

        Raises:
            NoAnswer: it says nothing. MessageTooLarge: it refuses the size. KafkaError: anything else.
        """
        offsets = list(before.offsets)
        try:
            async with asyncio.timeout(PATIENCE):
                for partition, count, answer in self._sent:
                    offset = (await answer).offset
                    if offset >= 0:
                        offsets[partition] = max(offsets[partition], offset + count - 1)
        except TimeoutError:
            raise NoAnswer from None
        except (MessageSizeTooLargeError, RecordListTooLargeError):
            raise MessageTooLarge(self._topic, BATCH_BYTES) from None
        return replace(before, position=self._position, lasts=self._lasts, offsets=tuple(offsets))


def producer(client: dict[str, Any]) -> AIOKafkaProducer:
    """The producer of a relay: idempotent, acks=all, in large batches."""
    return AIOKafkaProducer(
        **client,
        acks="all",
        enable_idempotence=True,
        max_batch_size=BATCH_BYTES,
        request_timeout_ms=5000,
        metadata_max_age_ms=LOOK_EVERY_MS,
    )


async def give_up(made: AIOKafkaProducer) -> None:
    """Ends a producer and whatever it has not delivered; a request that is on its way has its time-out."""
    # aiokafka sends an idempotent batch again for ever, and its stop() waits for that: no public way gives up
    sender = made._sender.sender_task  # noqa: SLF001
    if sender is not None:
        sender.cancel()
        await asyncio.wait([sender])
    made._closed = True  # noqa: SLF001
    await made.client.close()
