"""Given these events, when this command comes, then exactly these events follow, or a refusal does.

given = story(UNIT)
given(registered, classified).when(move_out, now=JUNE_3).then(moved_out_event)
given().when(move_out).refused(UnitUnknown, pointer="/unit")
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

import pytest

from contracts.common import Event
from contracts.refusals import Refused
from services.chassis.decider import Decider

State = TypeVar("State")
Broken = TypeVar("Broken", bound=Refused)
NOON = datetime(2024, 6, 30, 4, 0, tzinfo=UTC)
"""When nothing else is said, it is noon in Yinchuan on the last day of June 2024."""


@dataclass(frozen=True)
class Given(Generic[State]):
    """A past."""

    decider: Decider[State]
    past: tuple[Event, ...]

    @property
    def state(self) -> State:
        """What the past has made."""
        return self.decider.fold(self.decider.initial, self.past)

    def when(self, command: object, *, now: datetime = NOON) -> "When[State]":
        """A command comes; it is decided when the outcome is asked for."""
        return When(self, command, now)


@dataclass(frozen=True)
class When(Generic[State]):
    """A past and a command."""

    given: Given[State]
    command: object
    now: datetime

    def events(self) -> list[Event]:
        """What is decided; for the rare test that looks at a part of it."""
        return self.given.decider.decide(self.given.state, self.command, self.now)

    def then(self, *expected: Event) -> Given[State]:
        """Exactly these events follow, in this order, every field equal; gives the longer past to go on from."""
        decided: Sequence[Event] = self.events()
        assert [(event.type, event) for event in decided] == [(event.type, event) for event in expected]
        return Given(self.given.decider, self.given.past + tuple(decided))

    def nothing(self) -> Given[State]:
        """Nothing follows: what the command asks for is so already."""
        return self.then()

    def refused(self, rule: type[Broken], *, pointer: str | None = None) -> Broken:
        """This very rule forbids it, in a sentence; gives the refusal to look at its text."""
        with pytest.raises(Refused) as caught:
            self.events()
        assert type(caught.value) is rule, f"{type(caught.value).__name__}: {caught.value}"
        assert caught.value.sentence.endswith("."), caught.value.sentence
        if pointer is not None:
            assert caught.value.pointer == pointer
        return caught.value


def story(decider: Decider[State]) -> Callable[..., Given[State]]:
    """``given`` for one kind of aggregate."""

    def given(*past: Event) -> Given[State]:
        return Given(decider, past)

    return given
