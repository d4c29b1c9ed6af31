"""The second step: facts meet in the partition of their unit, and the rules look at them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from services.analytics.rules import memory
from services.analytics.rules.alarm import Alarm
from services.analytics.rules.engine import Engine
from services.analytics.rules.facts import SOURCES, Told
from services.analytics.rules.stream.parcel import (
    EVER,
    Parcel,
    ParcelMalformed,
    Place,
    Reached,
    Tick,
    decode,
    dump_reached,
    load_reached,
)
from services.chassis.clock import Clock
from services.chassis.windows import Windows

logger = structlog.get_logger(__name__)
REACHED = b"upto"
"""How far each place is read; written behind what is known of the units, and the changelog keeps that order."""
BEHIND = b"behind"
"""Is there while facts were gathered that no rule has looked at."""
TICKED = b"ticked"
"""The time of the last tick that was answered."""
LOOK = 500
"""Units looked at in one step."""


@dataclass
class Post:
    """A partition while it is ours.

    Attributes:
        live: the logs were read to their ends once; until then facts are gathered only, since those of one log may be
            far ahead of another's. asked: the tick that waits for its answer. read: up to where, by source.
        alarm: when to look although nothing comes.
    """

    live: bool = False
    asked: Tick | None = None
    read: Mapping[str, int] = field(default_factory=dict)
    alarm: Alarm = field(default_factory=Alarm)

    def ask(self, tick: Tick) -> None:
        """Takes a tick in; one that waits goes first, unless a log has been restored and holds less by now.

        Where events never cease each tick is ahead of what was read, and the last one never would have its answer.
        """
        if self.asked is None or any(tick.heads.get(source, 0) < head for source, head in self.asked.heads.items()):
            self.asked = tick


class Units:
    """Takes parcels in, tells what the rules find, then remembers.

    Args:
        engine: the rules; it tells the log. open_memory: of a partition. keys_from: the keys that a partition remembers
            and that begin so. clock: for what is history. partitions: of each source.
    """

    def __init__(
        self,
        engine: Engine,
        open_memory: Callable[[int], Windows],
        keys_from: Callable[[int, bytes], Iterator[bytes]],
        clock: Clock,
        partitions: int,
    ) -> None:
        self._engine = engine
        self._open = open_memory
        self._keys_from = keys_from
        self._clock = clock
        self._partitions = partitions
        self._places = [Place(source, number) for source in SOURCES for number in range(partitions)]
        self._posts: defaultdict[int, Post] = defaultdict(Post)

    def begin(self) -> None:
        """The partitions were shared out anew: what is remembered of ours may be another's."""
        self._posts.clear()

    def ringing(self, partition: int, now: datetime) -> bool:
        """Whether a tick is due there."""
        post = self._posts[partition]
        return not post.live or post.alarm.rings(now)

    def read(self, partitions: Collection[int]) -> dict[str, int]:
        """Up to where each source was taken in, in all these partitions."""
        posts = [self._posts[partition] for partition in partitions]
        return {source: min(post.read.get(source, 0) for post in posts) for source in SOURCES} if posts else {}

    def settled(self, partitions: Collection[int], heads: Mapping[str, int]) -> bool:
        """Whether the rules have looked at all that the logs hold up to there, in all these partitions."""
        posts = [self._posts[partition] for partition in partitions]
        now = self._clock.now()
        return all(
            post.live
            and not post.alarm.rings(now)
            and all(post.read.get(source, 0) >= head for source, head in heads.items())
            for post in posts
        )

    async def take(self, partition: int, values: Sequence[bytes | None]) -> None:
        """Takes the records of a partition in, in their order."""
        told: list[Parcel] = []
        for parcel in await self._parcels(partition, values):
            told.append(parcel)
            if parcel.tick is not None:
                self._posts[partition].ask(parcel.tick)
                await self._answer(partition, await self._absorb(partition, told))
                told = []
        if told:
            await self._answer(partition, await self._absorb(partition, told))

    async def _parcels(self, partition: int, values: Sequence[bytes | None]) -> list[Parcel]:
        found = []
        for value in values:
            try:
                found.append(decode(value))
            except ParcelMalformed as error:
                await logger.aerror("record_malformed", partition=partition, reason=str(error))
        return found

    async def _absorb(self, partition: int, parcels: Sequence[Parcel]) -> dict[Place, Reached]:
        """Takes facts in that were not taken in before; answers how far each place is read then."""
        windows = self._open(partition)
        await windows.reach([REACHED, BEHIND])
        reached = load_reached(windows.get(REACHED))
        told: Told = []
        for parcel in parcels:
            told += [
                (each.unit, each.fact)
                for each in parcel.facts
                if each.place not in reached or each.position > reached[each.place].position
            ]
            for place, upto in parcel.reached.items():
                if place not in reached or upto.position > reached[place].position:
                    reached[place] = upto
        post = self._posts[partition]
        if told and post.live:
            await self._engine.absorb(windows, told, self._clock.now(), self._watermark(reached))
            post.alarm.disturb()
        elif told:
            await self._engine.gather(windows, told)
            windows[BEHIND] = b"1"
        windows[REACHED] = dump_reached(reached)
        await windows.keep()
        post.read = {source: self._read(source, reached) for source in SOURCES}
        return reached

    async def _answer(self, partition: int, reached: dict[Place, Reached]) -> None:
        """Looks at what falls due, once all was read that the logs held when it was asked."""
        tick = self._posts[partition].asked
        if tick is None or any(self._read(source, reached) < head for source, head in tick.heads.items()):
            return
        windows = self._open(partition)
        await windows.reach([BEHIND, TICKED])
        before = windows.get(TICKED)
        if before is not None and tick.now < datetime.fromisoformat(before.decode()):
            self._posts[partition].asked = None
            return  # it came before; what is overdue since would be taken back
        if BEHIND in windows:
            await self._catch_up(partition, self._watermark(reached))
            del windows[BEHIND]
        windows[TICKED] = tick.now.isoformat().encode()
        wake = None
        while wake is None:
            wake = await self._engine.tick(windows, tick.now)
            await windows.keep()
        post = self._posts[partition]
        post.live, post.asked = True, None
        post.alarm.set(wake)

    async def _catch_up(self, partition: int, watermark: datetime) -> None:
        """The rules look at every unit of the partition."""
        prefix = memory.unit_key("")
        units = [key[len(prefix) :].decode() for key in self._keys_from(partition, prefix)]
        for begin in range(0, len(units), LOOK):
            windows = self._open(partition)
            await self._engine.look(windows, units[begin : begin + LOOK], self._clock.now(), watermark)
            await windows.keep()

    def _read(self, source: str, reached: dict[Place, Reached]) -> int:
        """Up to where a source is read in all its partitions."""
        nothing = Reached(0, EVER)
        return min(reached.get(Place(source, number), nothing).position for number in range(self._partitions))

    def _watermark(self, reached: dict[Place, Reached]) -> datetime:
        """Up to when all sources are read."""
        nothing = Reached(0, EVER)
        return min(reached.get(place, nothing).at for place in self._places)
