"""A topic as a subscription: the group shares out its partitions, the reader's own marks say where to go on."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from services.chassis.eventstore.types import Recorded
from services.chassis.kafka.connection import LOOK_EVERY_MS
from services.chassis.kafka.messages import Record
from services.chassis.kafka.rights import REFUSED, Grant, named
from services.chassis.postgres import AWAY
from services.chassis.subscriptions.continuity import Held, Message, Verdict
from services.chassis.subscriptions.folding import Folded, fold, last_sequence
from services.chassis.subscriptions.layout import Barrier
from services.chassis.subscriptions.log_end import LogEnd
from services.chassis.subscriptions.mending import mended, turned
from services.chassis.subscriptions.subscription import (
    BarrierMissing,
    Batch,
    LineageReplaced,
    LogReader,
    Mark,
    Marks,
    Move,
    SourceAway,
    SourceRefused,
)
from services.chassis.telemetry import REFUSED_RECORD

logger = structlog.get_logger(__name__)
QUIET = 5.0
"""Seconds after which a batch comes that moves nothing."""
SESSION = 6.0
"""Seconds after which the group gives a silent member's partitions to others."""
READ = ("Read", "Describe")
"""What a reader does with its topic, and with its group."""
LOOK_AGAIN = 0.2
AGAIN_AFTER = 1.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Count = Callable[[str, str, str, int], None]
"""Called with the reader, the source, what records were (accepted, duplicate, hole, refused, malformed), how many."""


@dataclass
class Place:
    """One partition while it is ours.

    Attributes:
        mark: as the reader's database has it. held: what of the topic is taken in. offset: of the next record.
        hinted: it was found by the mark's offset, and nothing has shown yet that it is the right one.
        waiting: the barrier up to which all old partitions must be read first.
    """

    mark: Mark
    held: Held
    offset: int | None
    hinted: bool
    waiting: Barrier | None = None


def group_of(begin: str, reader: str, source: str) -> str:
    """The consumer group of one reader of one source."""
    return f"{begin}.{reader}.{source}"


class TopicSubscription:
    """Events of one source by its topic.

    Args:
        topic: of the source. client: arguments of the aiokafka client. log: the owner's, for what the topic lacks.
        group: begins the name of the consumer group; one for each database that readers keep their marks in.
        count: for metrics. size: most records of a batch.
    """

    whole = False

    def __init__(
        self,
        topic: str,
        client: Mapping[str, Any],
        log: LogReader,
        group: str,
        *,
        count: Count = lambda *_: None,
        size: int = 5000,
    ) -> None:
        self.source = log.source
        self._topic = topic
        self._client = client
        self._log = log
        self._end = LogEnd(log)
        self._group = group
        self._count = count
        self._size = size

    @contextlib.asynccontextmanager
    async def reading(self, marks: Marks, types: AbstractSet[str] | None = None) -> AsyncIterator["TopicReading"]:
        """Joins the reader's group.

        Raises:
            SourceAway: Kafka does not answer. SourceRefused: it does not let this reader read.
        """
        group = group_of(self._group, marks.name, self.source)
        consumer = AIOKafkaConsumer(
            **self._client,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=int(SESSION * 1000),
            heartbeat_interval_ms=int(SESSION * 300),
            max_partition_fetch_bytes=4 * 1024 * 1024,
            metadata_max_age_ms=LOOK_EVERY_MS,
        )
        reading = TopicReading(consumer, self._topic, self._log, self._end, marks, types, self._count, self._size)
        consumer.subscribe([self._topic], listener=reading)
        try:
            try:
                await consumer.start()
            except REFUSED:
                raise
            except KafkaError as error:
                raise SourceAway(f"Kafka does not answer ({type(error).__name__}: {error}).") from error
            yield reading
        except REFUSED as error:
            wanted = [Grant("topic", self._topic, READ), Grant("group", group, READ)]
            raise SourceRefused(str(await named(self._client, wanted, error))) from error
        finally:
            await consumer.stop()


class TopicReading(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """A topic while one reader reads the partitions that it was given."""

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        topic: str,
        log: LogReader,
        end: LogEnd,
        marks: Marks,
        types: AbstractSet[str] | None,
        count: Count,
        size: int,
    ) -> None:
        self._consumer = consumer
        self._topic = topic
        self._log = log
        self._end = end
        self._marks = marks
        self._types = types
        self._count = count
        self._size = size
        self._places: dict[int, Place] = {}

    def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:  # noqa: ARG002
        """Forgets where it was: another may have moved the marks before they come back."""
        self._places = {}

    def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:  # noqa: ARG002
        """They are placed before anything of them is read."""
        self._places = {}

    async def again(self) -> None:
        """Goes on from where the marks stand now."""
        self._places = {}

    async def batch(self) -> Batch:
        """What continues the marks of the partitions that are ours.

        Raises:
            LineageReplaced: the log was restored, and lacks something that was read.
            BarrierMissing: the topic has lost messages, and what says to which partition they belong.
            KafkaError: of those that say that this reader may not read.
        """
        quiet_at = time.monotonic() + QUIET
        while time.monotonic() < quiet_at:
            try:
                batch = await self._next()
            except IllegalStateError:
                self._places = {}  # taken away in between
                continue
            except REFUSED:
                raise
            except (KafkaError, *AWAY) as error:
                self._places = {}
                await logger.awarning(
                    "source_unreachable",
                    reader=self._marks.name,
                    source=self._log.source,
                    error=f"{type(error).__name__}: {error}",
                )
                await asyncio.sleep(AGAIN_AFTER)
                continue
            if batch.moves:
                return batch
        if self._consumer.partitions_for_topic(self._topic) is None:
            await logger.aerror("topic_missing", topic=self._topic, action="run `maplebridge topics apply`")
        stays = tuple(Move(partition, place.mark, place.mark) for partition, place in sorted(self._places.items()))
        return Batch(self._log.source, stays, ())

    async def _next(self) -> Batch:
        await self._place()
        places = self._places
        ready = [self._partition(number) for number, place in places.items() if place.waiting is None]
        if not ready:
            # that the group does not let it in is said only to who asks for records
            self._consumer._coordinator.check_errors()  # noqa: SLF001
            await asyncio.sleep(LOOK_AGAIN)
            return Batch(self._log.source, (), ())
        await asyncio.sleep(0)  # a reader that is far behind never waits, and heartbeats need their turn
        timeout = 0.5 if len(ready) == len(places) else LOOK_AGAIN
        found = await self._consumer.getmany(*ready, timeout_ms=int(timeout * 1000), max_records=self._size)
        moves, events = [], []
        for partition, records in sorted(found.items()):
            place = self._places.get(partition.partition)
            if place is None or self._places is not places:
                continue
            events += await self._taken(partition.partition, place, records)
            to = Mark(place.held.last, place.held.lineage, place.offset)
            if (to.position, to.lineage) != (place.mark.position, place.mark.lineage):
                moves.append(Move(partition.partition, place.mark, to))
                place.mark = to
        return Batch(self._log.source, tuple(moves), events)

    async def _taken(self, number: int, place: Place, records: Sequence[Record]) -> list[Recorded]:
        end = await self._end.reach(last_sequence(records))
        folded = fold(place.held, records, self._types, end)
        place.held, place.offset = folded.held, folded.offset
        await self._tell(folded)
        if folded.counts.get("accepted") or folded.counts.get("duplicate"):
            place.hinted = False
        if folded.barrier is not None:
            await self._wait_at(number, place, folded.barrier, reached=folded.stopped is None)
        if folded.stopped is None or folded.message is None:
            return folded.events
        # what follows is read again once this is settled
        self._consumer.seek(self._partition(number), folded.offset)
        if folded.stopped is Verdict.FOREIGN:
            await self._turn(place, folded)
        elif folded.stopped is Verdict.BEYOND:
            await self._settle(number, place, folded.message)
        elif place.hinted:
            place.hinted = False
            await self._search(number, place.mark)
        else:
            folded.events += await self._mended(number, place, folded.message.previous)
        return folded.events

    async def _tell(self, folded: Folded) -> None:
        for what, count in folded.counts.items():
            if count:
                self._count(self._marks.name, self._log.source, what, count)
        for error in folded.malformed:
            await logger.aerror("record_malformed", source=self._log.source, reason=str(error))

    async def _turn(self, place: Place, folded: Folded) -> None:
        """Decides about a message of another history by what the log says of its own."""
        if folded.message is None:
            return
        try:
            place.held = await turned(self._log, place.held, folded.message.lineage)
        except LineageReplaced:
            self._count(self._marks.name, self._log.source, "stopped", 1)
            raise

    async def _settle(self, number: int, place: Place, message: Message) -> None:
        """Passes over a record that names a position which the owner's log does not have."""
        offset = place.offset or 0
        held = await self._end.settle(place.held, message, reader=self._marks.name, partition=number, offset=offset)
        if held is not None:
            place.held = held
            return
        self._count(self._marks.name, self._log.source, REFUSED_RECORD, 1)
        place.offset = offset + 1
        self._consumer.seek(self._partition(number), place.offset)

    async def _mended(self, number: int, place: Place, upto: int) -> list[Recorded]:
        """Takes what the topic has lost from the log, as much as one batch holds."""
        self._count(self._marks.name, self._log.source, "hole", 1)
        layout = await self._marks.layout(self._log.source)
        if layout.partitions < len(self._consumer.partitions_for_topic(self._topic) or ()):
            # which events are this partition's is not known: the barrier that says it is lost as well, or yet to come
            raise BarrierMissing(self._log.source)
        place.held, events = await mended(
            self._log,
            place.held,
            upto,
            reader=self._marks.name,
            partition=number,
            layout=layout,
            types=self._types,
            size=self._size,
        )
        return events

    async def _place(self) -> None:
        """Finds where each partition goes on that has become ours, and looks whether those that wait may go on."""
        fresh = [each for each in self._consumer.assignment() if each.partition not in self._places]
        if not fresh and not any(place.waiting for place in self._places.values()):
            return
        places, source = self._places, self._log.source
        await self._marks.begin(source, sorted(self._consumer.partitions_for_topic(self._topic) or ()))
        held, layout = await self._marks.held(source), await self._marks.layout(source)
        for partition in fresh:
            mark = held[partition.partition]
            place = Place(mark, Held(mark.position, mark.lineage), mark.offset, hinted=False)
            place.waiting = layout.barrier(mark.position)
            end = (await self._consumer.end_offsets([partition]))[partition]
            if mark.offset is not None and mark.offset <= end:
                self._consumer.seek(partition, mark.offset)
                place.hinted = True
            else:
                await self._search(partition.partition, mark)
            places[partition.partition] = place
        for place in places.values():
            barrier = place.waiting
            if barrier and all(held[old].position >= barrier.position for old in range(barrier.before)):
                place.waiting = None

    async def _search(self, number: int, mark: Mark) -> None:
        """Goes to a record at or before the first that is new: what is new was recorded no earlier than the mark."""
        partition = self._partition(number)
        end = (await self._consumer.end_offsets([partition]))[partition]
        read = await self._log.read(mark.position - 1, 1) if mark.position else []
        if not read:
            await self._consumer.seek_to_beginning(partition)
            return
        since = (read[0].recorded_at - EPOCH) // timedelta(milliseconds=1)
        found = (await self._consumer.offsets_for_times({partition: since}))[partition]
        self._consumer.seek(partition, end if found is None else found.offset)

    async def _wait_at(self, number: int, place: Place, barrier: Barrier, *, reached: bool) -> None:
        """A stream may come from any of the old partitions: all of them are read to their end first."""
        await self._marks.divided(self._log.source, barrier.position, barrier.before, barrier.partitions)
        if not reached:
            return  # a hole lies before it, and can be mended now that the division is known
        place.waiting = barrier
        self._consumer.seek(self._partition(number), place.offset)

    def _partition(self, number: int) -> TopicPartition:
        return TopicPartition(self._topic, number)
