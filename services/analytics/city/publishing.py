"""Tells the city's log what may leave: each period once it is over and covered, and what has changed since."""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from contracts.analytics import Span
from contracts.city import Measure
from contracts.common import Actor, Role
from services.analytics.city.counting import By, Counts, Due, counts, due, tellers
from services.analytics.city.policy import Policy
from services.analytics.deciders import CITY_FIGURES, CITY_POLICY
from services.analytics.domain.city_commands import AdoptPolicy, Counted, PublishFigures
from services.analytics.figures.counting import coverages
from services.analytics.statistics.coverage import Declared
from services.analytics.views.kpi import KPI
from services.chassis.access import covers
from services.chassis.handler import CommandContext, CommandHandler
from services.chassis.http.lag import head_of
from services.chassis.service import ServiceContext, Worker

ACTOR = Actor(role=Role.SYSTEM, id="city-figures")
THE_CITY = "city"
LOOK_EVERY = 5.0
COUNT_EVERY = 60.0
"""Seconds between two counts where only events have come; a new day or a new coverage is looked at anyway."""


@dataclass
class Publisher:
    """Derives and tells.

    Args:
        context: of analytics. handler: of the city's log. policy: what may leave.
    """

    context: ServiceContext
    handler: CommandHandler
    policy: Policy
    _heads: Mapping[str, int] = field(default_factory=dict)
    _counted: tuple[object, ...] = ()
    _counted_at: float = float("-inf")
    _known: dict[tuple[str, int], set[By]] = field(default_factory=dict)
    _said: dict[str, int] = field(default_factory=dict)

    async def look(self) -> int:
        """Tells what there is to tell, where everything that was there at the last look has been read since.

        What was not read whole is not counted: a part of a period would be told as all of it. Answers how many events
        that made.
        """
        reached = await self.context.checkpoints.position(KPI.name)
        before, self._heads = self._heads, await self._now()
        if not before or any(reached.get(source, 0) < position for source, position in before.items()):
            return 0
        now = self.context.clock.now()
        today = now.astimezone(ZoneInfo(self.policy.zone)).date()
        declared = await coverages(self.context.database.engine, None, reached, now)
        occasion = (today, {source: tuple(said) for source, said in declared.items()})
        moved = (*occasion, dict(reached))
        waited = time.monotonic() - self._counted_at >= COUNT_EVERY
        if moved == self._counted or (occasion == self._counted[:2] and not waited):
            return 0
        told = await self.publish(today, declared)
        self._counted, self._counted_at = moved, time.monotonic()
        return told

    async def publish(self, today: date, declared: Mapping[str, list[Declared]]) -> int:
        """Tells all that is covered and over; answers how many events that made."""
        adopt = AdoptPolicy(**self.policy.model_dump(exclude={"centres"}), today=today)
        told = len((await self.handler.handle(CITY_POLICY, THE_CITY, adopt, CommandContext(ACTOR))).events)
        in_force, _ = await self.handler.state(CITY_POLICY, THE_CITY)
        until = today - timedelta(days=self.policy.settle_days + 1)
        for measure in self.policy.measures:
            periods = [
                one for name, said in declared.items() for one in due(measure, name, said, in_force.since, until)
            ]
            tell = await self._tellers(measure, {(one.source, one.city) for one in periods})
            counted = await counts(self.context.database.engine, measure) if tell else {}
            for one in periods:
                if (one.source, one.city) in tell:
                    told += await self._tell(measure, one, counted)
        return told

    async def _tellers(self, measure: Measure, wanted: set[By]) -> set[By]:
        """Of these, who tells areas; who has told one once is not asked again."""
        known = self._known.setdefault((measure.kind, measure.area.depth), set())
        if not wanted <= known:
            known |= await tellers(self.context.database.engine, measure)
        return wanted & known

    async def _tell(self, measure: Measure, one: Due, counted: Counts) -> int:
        command = PublishFigures(
            city=one.city,
            measure=Measure(**measure.model_dump()),
            source=one.source,
            span=Span(first=one.period.days.first, last=one.period.days.last),
            zone=self.policy.zone,
            crs=self.policy.crs,
            minimum=self.policy.minimum,
            fewest_places=self.policy.fewest_places,
            within=one.within,
            counted=tuple(
                Counted(
                    area=count.area, count=count.number, places=count.places, centre=self.policy.centres.get(count.area)
                )
                for count in counted.get((one.source, one.city, one.period.days.first), [])
                if any(covers(area, count.area) for area in one.within)
            ),
        )
        name = f"{one.city}.{measure.id}.{one.source}.{one.period.name}"
        if self._said.get(name) == hash(command):
            return 0
        handled = await self.handler.handle(CITY_FIGURES, name, command, CommandContext(ACTOR))
        self._said[name] = hash(command)
        return len(handled.events)

    async def _now(self) -> dict[str, int]:
        """How far each log has come; none where one of them does not answer."""
        heads = {}
        for source in KPI.sources:
            head = await head_of(self.context, source)
            if head is None:
                return {}
            heads[source] = head
        return heads


def publishing(publisher: Publisher, every: float = LOOK_EVERY) -> Worker:
    """Looks every few seconds; the clock may be one that runs faster than the machine's."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await publisher.look()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every)

    return Worker("city", run)
