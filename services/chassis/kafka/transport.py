"""Faust's transport over aiokafka, mended where a worker that slept or is replaced would lose what another wrote."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import IllegalStateError
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.structs import RecordMetadata
from faust.transport.drivers import aiokafka
from faust.types import TP

from services.chassis.kafka.member import coordinator_of, keep_place, leave_at_the_end


class ConsumerThread(aiokafka.AIOKafkaConsumerThread):
    """Faust's, which has a name in its group, and goes back to what it fetched and nobody takes.

    A call from before partitions were shared out waits until they are, and brings what comes first. Faust drops that
    where it does not let records flow yet, and aiokafka goes on behind it: of a changelog nothing would come again, and
    the table never come back.
    """

    async def on_start(self) -> None:
        """It starts; nothing is subscribed yet."""
        await super().on_start()
        keep_place(coordinator_of(self._consumer))

    async def on_thread_stop(self) -> None:
        """It ends in order."""
        leave_at_the_end(coordinator_of(self._consumer))
        await super().on_thread_stop()

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Goes to where the group has come; asks for all partitions at once, aiokafka for one after the other."""
        return cast("Mapping[TP, int]", await self.call_thread(self._seek_to_committed))

    async def _seek_to_committed(self) -> dict[TP, int | None]:
        consumer = self._ensure_consumer()
        assigned = consumer.assignment()
        known = await coordinator_of(consumer).fetch_committed_offsets(list(assigned))
        offsets = dict.fromkeys(assigned) | {each: held.offset for each, held in known.items() if held.offset >= 0}
        for partition, offset in offsets.items():
            if offset:
                consumer.seek(partition, offset)
        return offsets

    async def _fetch_records(
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109 - Faust's signature
        max_records: int | None = None,
    ) -> dict[TP, list[Any]]:
        asked = set(active_partitions)  # Faust changes its set meanwhile, and an empty one is all for aiokafka
        if not asked:
            return {}
        records = dict(await super()._fetch_records(consumer, asked, timeout, max_records))
        wanted = active_partitions if self.consumer.flow_active else set[TP]()
        for partition in [each for each in records if each not in wanted]:
            with contextlib.suppress(IllegalStateError):  # it is not ours any more
                consumer.seek(partition, records[partition][0].offset)
            del records[partition]
        return records


class Consumer(aiokafka.Consumer):
    """Faust's, without the crash where it looks at a partition whose position is just being asked for.

    Attributes:
        given_up: how often the partitions had been shared out when these went to others; None while they are ours.
    """

    given_up: int | None = None

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """They are shared out."""
        self.given_up = None
        await super().on_partitions_assigned(assigned, generation_id)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Warns of a partition that stands still."""
        with contextlib.suppress(AssertionError):
            super().verify_event_path(now, tp)


class Written(NamedTuple):
    """One record. partition: of the topic."""

    partition: int
    key: bytes | None
    value: bytes | None


class Producer(aiokafka.Producer):
    """Faust's, asked at the last moment before each request whether it may still write.

    What waits for its turn, or for the answer to what went before, is in this process: whoever slept would send it
    after another has taken over, and what the other wrote would be lost. Where one request is refused all is refused
    that waits behind it, also once it might be written again: it may rest on what was refused.

    Attributes:
        check: raises a KafkaError where nothing may be written any more; what should have gone fails with it.
    """

    check: Callable[[], None] = staticmethod(lambda: None)

    def __post_init__(self) -> None:
        """Nothing was refused yet."""
        super().__post_init__()
        self._refused: BaseException | None = None
        self._renewing = asyncio.Lock()

    async def send_in_order(self, topic: str, records: Iterable[Written]) -> list[RecordMetadata]:
        """Writes records, and returns once all are acknowledged.

        Raises:
            KafkaError: some are not written; of those that are in a partition none came after one that is not.
        """
        self.check()
        producer = await self._whole()
        sent = [
            await producer.send(topic, record.value, key=record.key, partition=record.partition) for record in records
        ]
        return list(await asyncio.gather(*sent))

    async def _whole(self) -> AIOKafkaProducer:
        async with self._renewing:
            producer = self._ensure_producer()
            if self._refused is not None:
                await producer.stop()  # with all that waits in it
                self._producer = producer = self._new_producer()
                await producer.start()
                self._refused = None
            return producer

    def _new_producer(self, transactional_id: str | None = None) -> AIOKafkaProducer:
        made = super()._new_producer(transactional_id)
        client: Any = made.client
        send = client.send

        async def checked(node: int, request: object, **more: Any) -> Any:
            if isinstance(request, ProduceRequest):
                await self._may_go(client, node, made)
            return await send(node, request, **more)

        client.send = checked
        return made

    async def _may_go(self, client: Any, node: int, made: AIOKafkaProducer) -> None:
        await client.ready(node)
        if self._refused is not None and made is self._producer:
            raise self._refused
        try:
            self.check()
        except BaseException as refused:
            self._refused = refused
            raise


class Transport(aiokafka.Transport):
    """Faust's, with those two."""

    Consumer = Consumer
    Producer = Producer
