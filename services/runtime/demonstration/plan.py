"""What the simulated city does: commands with their moments and their senders, before anything is decided."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from contracts.common import Actor, Event, Frozen, Role, Sealed
from services.chassis.decider import Decider
from services.chassis.eventstore.bulk import BulkEvent

BEIJING = timezone(timedelta(hours=8))
SealedText = Callable[[str, str], Sealed]
"""Gives what was sealed for a key's name and a text."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A command that waits for its sealed texts.

    Attributes:
        texts: key name and text of each. build: makes the command, given the way to what was sealed.
    """

    texts: tuple[tuple[str, str], ...]
    build: Callable[[SealedText], Frozen]


@dataclass(frozen=True, slots=True)
class Step:
    """One command on its way.

    Attributes:
        at: when the platform gets it. service, decider, aggregate: who decides. command: what is asked.
        actor: who asks.
    """

    at: datetime
    service: str
    decider: Decider[Any]
    aggregate: str
    command: Frozen | Draft
    actor: Actor


@dataclass(frozen=True, slots=True)
class Happened:
    """An event with where it goes.

    Attributes:
        service: whose log. position: its place there, in a log that was empty. event: the fact. row: as the log
        takes it.
    """

    service: str
    position: int
    event: Event
    row: BulkEvent

    @property
    def id(self) -> str:
        """The event's id."""
        return str(self.row.event.id)


@dataclass
class Plan:
    """All steps, in the order in which they were thought of; ``ordered`` puts them in the order of time.

    Attributes:
        seed: of every choice. end: when history ends; what would come later is dropped.
    """

    seed: int
    end: datetime
    steps: list[Step] = field(default_factory=list)

    def chance(self, topic: str) -> random.Random:
        """Choices about one topic, independent of how many are made about others."""
        return random.Random(f"{self.seed}/{topic}")  # noqa: S311 - a simulation, not a secret

    def add(
        self, at: datetime, service: str, decider: Decider[Any], aggregate: str, command: Frozen | Draft, actor: Actor
    ) -> None:
        """One more command, unless it would come after the end."""
        if at <= self.end:
            self.steps.append(Step(at, service, decider, aggregate, command, actor))

    def ordered(self) -> list[Step]:
        """By time; at one moment in the order in which they were thought of."""
        return sorted(self.steps, key=lambda step: step.at)


def moment(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """A moment of a Beijing day, in UTC."""
    return datetime.combine(day, time(hour, minute, second), BEIJING).astimezone(UTC)


def by_day(at: datetime, after: datetime) -> datetime:
    """When an officer knocks who meant to come at a moment: nobody is woken.

    Args:
        after: not before this moment; the evening before comes first where it may, so that nothing falls overdue.
    """
    local = at.astimezone(BEIJING)
    if 8 <= local.hour < 21:
        return at
    evening = local.replace(hour=19) - timedelta(days=local.hour < 8)
    return (evening if evening > after else evening.replace(hour=8) + timedelta(days=1)).astimezone(UTC)


def local_day(at: datetime) -> date:
    """The Beijing day of a moment."""
    return at.astimezone(BEIJING).date()


def days(first: date, last: date) -> list[date]:
    """Every day from one to another, inclusive."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def actor(role: Role, ident: str) -> Actor:
    """Who asks: a role and an id, never a name."""
    return Actor(role=role, id=ident)


def spread(total: int, weights: Iterable[float]) -> list[int]:
    """A whole number shared out by weight, nothing lost: largest remainders first."""
    shares = list(weights)
    exact = [total * share / sum(shares) for share in shares]
    counts = [int(part) for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: (counts[place] - exact[place], place))
    for place in by_remainder[: total - sum(counts)]:
        counts[place] += 1
    return counts
