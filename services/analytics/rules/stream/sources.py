"""The first step: records of the sources' topics become facts, on their way to the partitions of their units."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import orjson
import structlog

from services.analytics.rules.facts import NAMES, Told
from services.analytics.rules.stream.line import Line
from services.analytics.rules.stream.parcel import EVER, Parcel, Place, Reached, Sent, parcels
from services.analytics.rules.stream.topics import advice
from services.analytics.rules.telling import SetAside, tell
from services.chassis.eventstore.lineage import kept
from services.chassis.eventstore.types import Recorded
from services.chassis.kafka.messages import Record
from services.chassis.kafka.partitions import partition_of
from services.chassis.subscriptions.continuity import Held, Message, Verdict
from services.chassis.subscriptions.folding import Folded, fold, last_sequence
from services.chassis.subscriptions.growth import Grown
from services.chassis.subscriptions.kafka import Count
from services.chassis.subscriptions.layout import Layout
from services.chassis.subscriptions.log_end import LogEnd
from services.chassis.subscriptions.mending import from_log, mended, turned
from services.chassis.subscriptions.subscription import LogReader, MustRebuild
from services.chassis.telemetry import REFUSED_RECORD
from services.chassis.windows import Windows

logger = structlog.get_logger(__name__)
NAME = "rules"
MOST_MENDED = 5000
Open = Callable[[int], Windows]
"""The memory beside a partition of the sources."""
Growth = Callable[[str], Awaitable[Grown | None]]


class TopicGrown(MustRebuild):
    """The topic was divided anew, and the tables beside it were not."""

    def __init__(self, source: str, partitions: int) -> None:
        super().__init__(
            f"The topic of {source} has more partitions than before; the rules' tables are kept by partition. "
            f"{advice(partitions)}"
        )
        self.source = source

    def reason(self, _: str) -> str:
        """A rebuild alone would not do."""
        return str(self)


class StampedRecord(Record):
    """A record with its time, as Faust hands it over. timestamp: seconds since 1970."""

    timestamp: float


@dataclass
class Shelf:
    """What is held of a place.

    Attributes:
        at: when the last of it was recorded, as far as is known. began: events up to there were read from the log,
            since they lie by a former division of the topic.
    """

    held: Held = field(default_factory=Held)
    at: datetime = EVER
    began: int = 0

    def dump(self) -> bytes:
        """For the memory."""
        held = self.held
        return orjson.dumps([held.last, held.lineage, held.epoch, sorted(map(str, held.left)), self.at, self.began])

    @staticmethod
    def load(kept: bytes) -> "Shelf":
        """From the memory."""
        last, lineage, epoch, left, at, *began = orjson.loads(kept)
        held = Held(last, UUID(lineage) if lineage else None, epoch, frozenset(map(UUID, left)))
        return Shelf(held, datetime.fromisoformat(at), *began)


def shelf_key(source: str) -> bytes:
    """Where it is remembered how far a source is read in the partition of that memory."""
    return f"held:{source}".encode()


@dataclass
class Haul:
    """What one round brought. windows: of the partitions touched. facts: by unit's partition. reached: by place."""

    windows: dict[int, Windows] = field(default_factory=dict)
    facts: defaultdict[int, list[Sent]] = field(default_factory=lambda: defaultdict(list))
    reached: dict[Place, Reached] = field(default_factory=dict)


class Sources:
    """Takes records in, sends on what they tell, then remembers how far it has come.

    What was remembered was sent and acknowledged, so a repeat may be dropped; what was sent and not remembered is sent
    again, which the second step knows by its positions.

    Args:
        line: to the units. open_memory: beside a partition. logs: the owners', for what the topics lack.
        growth: with which barrier the topic of a source came to have as many partitions; asked once.
        set_aside: called with what no rule can read. count: for metrics.
    """

    def __init__(
        self,
        line: Line,
        open_memory: Open,
        logs: Mapping[str, LogReader],
        growth: Growth,
        set_aside: SetAside,
        count: Count = lambda *_: None,
    ) -> None:
        self._line = line
        self._open = open_memory
        self._logs = logs
        self._ends = {source: LogEnd(log) for source, log in logs.items()}
        self._growth = growth
        self._set_aside = set_aside
        self._count = count
        self._layout = Layout([(0, line.partitions)])
        self._began: dict[str, int] = {}
        self._moved: dict[Place, Reached] = {}

    async def take(self, waiting: Mapping[Place, Sequence[StampedRecord]]) -> None:
        """Takes records in; all of them, or an error: then they must come again.

        Raises:
            MustRebuild: a log lacks what was read of it, or a topic was divided anew.
            SourceAway, KafkaError: what is needed does not answer now.
        """
        while waiting:
            haul, waiting = await self._round(waiting)
            reached = haul.reached
            await self._line.send({unit: parcels(facts, reached) for unit, facts in haul.facts.items()})
            await asyncio.gather(*(windows.keep() for windows in haul.windows.values()))
            self._moved |= reached

    async def _round(
        self, waiting: Mapping[Place, Sequence[StampedRecord]]
    ) -> tuple[Haul, dict[Place, Sequence[StampedRecord]]]:
        """Takes of each place what needs no second look; answers that and the rest."""
        haul, rest = Haul(), {}
        for place, records in waiting.items():
            windows = haul.windows.get(place.partition)
            if windows is None:
                haul.windows[place.partition] = windows = self._open(place.partition)
            shelf = await self._shelf(windows, place)
            refused = 0
            if shelf.held.last < shelf.began:
                folded = await self._from_before(place, shelf)
            else:
                end = await self._ends[place.source].reach(last_sequence(records))
                folded = fold(shelf.held, records, NAMES, end)
                refused = await self._look_at(place, shelf, folded)
            taken = [record for record in records if record.offset < folded.offset]
            if taken:
                shelf.at = max(shelf.at, datetime.fromtimestamp(taken[-1].timestamp, UTC))
            if left := records[len(taken) + refused :]:
                rest[place] = left
            told = await tell(windows, folded.events, self._set_aside)
            self._address(place, told, haul)
            windows[shelf_key(place.source)] = shelf.dump()
            haul.reached[place] = Reached(shelf.held.last, shelf.at)
        return haul, rest

    async def _shelf(self, windows: Windows, place: Place) -> Shelf:
        """What is held of a place; of one that was never read, nothing of the history that its log has now.

        A topic keeps messages of histories that were left: who began with those would have to stop at the next one.
        What the log has kept of them is read from it.

        Raises:
            TopicGrown: what was read lies by a former division.
        """
        key = shelf_key(place.source)
        await windows.reach([key])
        began = await self._began_at(place.source)
        if held := windows.get(key):
            shelf = Shelf.load(held)
            if shelf.began < began:
                raise TopicGrown(place.source, self._line.partitions)
            return shelf
        lineages = await self._logs[place.source].lineages()
        if not lineages:
            return Shelf(Held(), began=began)
        return Shelf(Held(lineage=lineages[-1].id), began=max(began, lineages[-1].began_after))

    async def _began_at(self, source: str) -> int:
        """Up to where the topic holds the log by a former division; as far as the log still has that."""
        if source not in self._began:
            grown = await self._growth(source)
            still = kept(await self._logs[source].lineages(), grown.lineage) if grown else None
            upto = grown.position if grown else 0
            self._began[source] = upto if still is None else min(upto, still)
        return self._began[source]

    async def _from_before(self, place: Place, shelf: Shelf) -> Folded:
        """Events that lie in other partitions, or beside those of others: they are read from the log."""
        shelf.held, events = await from_log(
            self._logs[place.source],
            shelf.held,
            shelf.began,
            partition=place.partition,
            layout=self._layout,
            types=NAMES,
            size=MOST_MENDED,
        )
        return Folded(shelf.held, events)

    async def _look_at(self, place: Place, shelf: Shelf, folded: Folded) -> int:
        """Settles what stopped a run of records; they are looked at again after it.

        Returns:
            How many of them are passed over.
        """
        shelf.held = folded.held
        for what, number in folded.counts.items():
            if number:
                self._count(NAME, place.source, what, number)
        for error in folded.malformed:
            await logger.aerror("record_malformed", source=place.source, reason=str(error))
        log = self._logs[place.source]
        if folded.stopped is Verdict.FOREIGN and folded.message is not None:
            shelf.held = await turned(log, shelf.held, folded.message.lineage)
            return 0
        if folded.stopped is Verdict.BEYOND and folded.message is not None:
            return await self._settle(place, shelf, folded.message, folded.offset)
        if folded.barrier is not None and folded.barrier.position > shelf.began:
            raise TopicGrown(place.source, folded.barrier.partitions)
        if folded.message is None:
            return 0
        self._count(NAME, place.source, "hole", 1)
        shelf.held, events = await mended(
            log,
            shelf.held,
            folded.message.previous,
            reader=NAME,
            partition=place.partition,
            layout=self._layout,
            types=NAMES,
            size=MOST_MENDED,
        )
        folded.events += events
        return 0

    async def _settle(self, place: Place, shelf: Shelf, message: Message, offset: int) -> int:
        """Passes over a record that names a position which the owner's log does not have."""
        held = await self._ends[place.source].settle(
            shelf.held, message, reader=NAME, partition=place.partition, offset=offset
        )
        if held is not None:
            shelf.held = held
            return 0
        self._count(NAME, place.source, REFUSED_RECORD, 1)
        return 1

    def _address(self, place: Place, told: Sequence[tuple[Recorded, Told]], haul: Haul) -> None:
        for event, facts in told:
            for unit, fact in facts:
                to = partition_of(unit, self._line.partitions)
                haul.facts[to].append(Sent(place, event.position, unit, fact))

    async def begin(self, places: Sequence[Place]) -> None:
        """Places have become ours: how far they were read is told again, a former owner may not have come to it."""
        await asyncio.gather(*map(self._began_at, {place.source for place in places}))
        for place in places:
            windows, key = self._open(place.partition), shelf_key(place.source)
            await windows.reach([key])
            if kept := windows.get(key):
                shelf = Shelf.load(kept)
                self._moved.setdefault(place, Reached(shelf.held.last, shelf.at))

    async def report(self) -> None:
        """Tells every partition of the units how far the places are read that have moved."""
        moved = dict(self._moved)
        if not moved:
            return
        await self._line.send({unit: [Parcel((), moved)] for unit in range(self._line.partitions)})
        for place, reached in moved.items():
            if self._moved.get(place) == reached:
                del self._moved[place]
