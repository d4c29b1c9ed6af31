"""Earlier versions under test: the product's door, one that lifts what others hold, and one that passes them over."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Protocol

import pydantic_core

from contracts.catalogue import CATALOGUE, Upcaster
from contracts.common import Event
from services.chassis.eventstore.types import Recorded
from services.chassis.postgres import Session
from services.chassis.projections.model import ReadModel
from tests.guarantees.counting import ADD, COUNTED, tally


class CountedInTens(Event):
    """An amount, in tens since this version."""

    type: ClassVar[str] = "test.counted.v2"
    tens: int
    rest: int


def in_tens(payload: dict[str, Any]) -> dict[str, Any]:
    """The first version's amount as tens and rest; careless about whose mapping it changes."""
    payload["tens"], payload["rest"] = divmod(payload.pop("amount") if "amount" in payload else payload["tens"], 10)
    return payload


LIFT = Upcaster(COUNTED, CountedInTens.type, in_tens)


@contextlib.contextmanager
def second_version() -> Iterator[None]:
    """Amounts are counted in tens since this release."""
    CATALOGUE.models[CountedInTens.type], CATALOGUE.upcasters[COUNTED] = CountedInTens, LIFT
    try:
        yield
    finally:
        del CATALOGUE.models[CountedInTens.type], CATALOGUE.upcasters[COUNTED]


class UpcastingUnderTest(Protocol):
    """Reads stored events as today's."""

    def read(self, recorded: Recorded) -> CountedInTens | None:
        """The event; None where it is passed over."""
        ...


class LiftedAtTheDoor:
    """The real one: what leaves the log is today's, lifted for each reading from a payload of its own."""

    def read(self, recorded: Recorded) -> CountedInTens:
        """The product's own."""
        event = recorded.event
        assert isinstance(event, CountedInTens)
        return event


class SharedPayload:
    """Wrong: a payload is parsed once and kept, and the upcaster changes it in place."""

    def __init__(self) -> None:
        self._parsed: dict[int, dict[str, Any]] = {}

    def read(self, recorded: Recorded) -> CountedInTens:
        """Lifts what the last reading has lifted already."""
        stored = recorded.row.stored if recorded.stored_type == COUNTED else recorded.row
        payload = self._parsed.setdefault(recorded.position, pydantic_core.from_json(stored[5]))
        return CountedInTens.model_validate(LIFT.lift(payload) if recorded.stored_type == COUNTED else payload)


class ComparesStoredNames(LiftedAtTheDoor):
    """Wrong: the stored name is compared with today's, so what an earlier version told is passed over, each time."""

    def read(self, recorded: Recorded) -> CountedInTens | None:
        """Nothing of an earlier version."""
        return super().read(recorded) if recorded.stored_type == CountedInTens.type else None


def lifted_tally(upcasting: UpcastingUnderTest) -> ReadModel:
    """The view that adds up, reading today's contract."""

    async def apply(connection: Session, events: Sequence[Recorded]) -> None:
        totals: dict[str, int] = {}
        for recorded in events:
            if (event := upcasting.read(recorded)) is not None:
                totals[recorded.stream] = totals.get(recorded.stream, 0) + 10 * event.tens + event.rest
        await connection.execute(ADD, list(totals), list(totals.values()))

    return replace(tally(), types=frozenset({CountedInTens}), apply=apply)


def first_version(amount: int) -> bytes:
    """A payload as it was written years ago."""
    return pydantic_core.to_json({"effective_at": "2023-05-01T02:00:00Z", "amount": amount})


def todays_version(amount: int) -> bytes:
    """A payload as it is written today."""
    return pydantic_core.to_json(
        CountedInTens(effective_at="2023-05-01T02:00:00Z", tens=amount // 10, rest=amount % 10)
    )
