"""Decides every step in order of time, by the deciders that the API uses, and gives each event its place in a log."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from heapq import heappop, heappush
from typing import Any
from uuid import UUID

from contracts.common import Actor, Sealed
from services.analytics.domain.figure_commands import DeclareCoverage
from services.analytics.views.kpi import KPI
from services.chassis.eventstore.bulk import BulkEvent
from services.chassis.eventstore.types import metadata, new_event
from services.runtime.demonstration.plan import Draft, Happened, Plan, SealedText, Step
from services.runtime.demonstration.watch import Look, Watch


def texts(plan: Plan) -> dict[str, list[tuple[str, str]]]:
    """What is to be sealed, by the service whose vault does it: key name and text."""
    wanted: dict[str, dict[tuple[str, str], None]] = {}
    for step in plan.steps:
        if isinstance(step.command, Draft):
            wanted.setdefault(step.service, {}).update(dict.fromkeys(step.command.texts))
    return {service: list(found) for service, found in wanted.items()}


def lookup(sealed: Mapping[tuple[str, str], Sealed]) -> SealedText:
    """The way from a key's name and a text to what was sealed."""

    def find(key: str, text: str) -> Sealed:
        return sealed[key, text]

    return find


class City:
    """The aggregates in memory while the steps are decided."""

    def __init__(self, seed: int) -> None:
        self._seed = str(seed).encode()
        self._states: dict[str, tuple[Any, int]] = {}
        self._actors: dict[Actor, bytes] = {}
        self._positions: Counter[str] = Counter()

    def decided(self, step: Step, sealed: SealedText) -> Iterator[Happened]:
        """The events of one step.

        Raises:
            Refused: the plan broke a rule of the domain.
        """
        decider = step.decider
        stream = decider.stream(step.aggregate)
        state, version = self._states.get(stream) or (decider.initial, 0)
        command = step.command.build(sealed) if isinstance(step.command, Draft) else step.command
        if isinstance(command, DeclareCoverage):
            # all that is covered was told before: who has read less of the logs has counted a part of it
            command = command.model_copy(update={"complete_at": {log: self._positions[log] for log in KPI.sources}})
        about = self._about(step.actor)
        for event in decider.decide(state, command, step.at):
            version += 1
            state = decider.evolve(state, event)
            row = new_event(self._id(step, stream, version), event, about)
            position = self._positions[step.service] = self._positions[step.service] + 1
            yield Happened(step.service, position, event, BulkEvent(stream, version, row, step.at))
        self._states[stream] = (state, version)

    def _about(self, who: Actor) -> bytes:
        about = self._actors.get(who)
        if about is None:
            about = self._actors[who] = metadata(who)
        return about

    def _id(self, step: Step, stream: str, version: int) -> UUID:
        """A UUID of version 7 that follows from the seed and the event's place alone."""
        return event_id(self._seed, step.at, f"{step.service}/{stream}/{version}")


def event_id(seed: bytes, at: datetime, place: str) -> UUID:
    """48 bits of milliseconds, then what a digest makes of the place."""
    tail = hashlib.blake2b(place.encode(), digest_size=10, key=seed).digest()
    value = int(at.timestamp() * 1000) << 80 | int.from_bytes(tail)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def happenings(plan: Plan, sealed: SealedText) -> Iterator[Happened]:
    """Every event of the plan, and of what the rules and the officers made of it, in order of time.

    Raises:
        Refused: the plan broke a rule of the domain.
    """
    city, watch, later = City(plan.seed), Watch(plan), Later()
    for step in plan.ordered():
        for due in later.until(step.at):
            yield from _because(due, city, watch, later, sealed)
        yield from _because(step, city, watch, later, sealed)
    for due in later.until(plan.end):
        yield from _because(due, city, watch, later, sealed)


class Later:
    """What is still to come because of what happened, soonest first."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Step | Look]] = []
        self._number = 0

    def push(self, things: Iterable[Step | Look]) -> None:
        """Keeps them until their moment."""
        for thing in things:
            self._number += 1
            heappush(self._heap, (thing.at, self._number, thing))

    def until(self, at: datetime) -> Iterator[Step | Look]:
        """Those whose moment has come, also such as are pushed meanwhile."""
        while self._heap and self._heap[0][0] <= at:
            yield heappop(self._heap)[2]


def _because(thing: Step | Look, city: City, watch: Watch, later: Later, sealed: SealedText) -> Iterator[Happened]:
    if isinstance(thing, Look):
        later.push(watch.looked(thing))
        return
    for happened in city.decided(thing, sealed):
        later.push(watch.saw(happened))
        yield happened
