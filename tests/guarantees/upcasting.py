"""Upcasting under test: the product's catalogue, and one that lifts a payload that others hold."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Protocol

import pydantic_core

from contracts.catalogue import Catalogue, Upcaster
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


class UpcastingUnderTest(Protocol):
    """Reads stored events as today's."""

    def read(self, recorded: Recorded) -> CountedInTens:
        """The event."""
        ...


class FreshPayload:
    """The real one: a payload is parsed afresh for every reading."""

    def __init__(self) -> None:
        self._catalogue = Catalogue.of([CountedInTens], [LIFT])

    def read(self, recorded: Recorded) -> CountedInTens:
        """The product's own."""
        event = self._catalogue.decode(recorded.type, recorded.data)
        assert isinstance(event, CountedInTens)
        return event


class SharedPayload:
    """Wrong: a payload is parsed once and kept, and the upcaster changes it in place."""

    def __init__(self) -> None:
        self._parsed: dict[int, dict[str, Any]] = {}

    def read(self, recorded: Recorded) -> CountedInTens:
        """Lifts what the last reading has lifted already."""
        payload = self._parsed.setdefault(recorded.position, pydantic_core.from_json(recorded.data))
        return CountedInTens.model_validate(LIFT.lift(payload))


def lifted_tally(upcasting: UpcastingUnderTest) -> ReadModel:
    """The view that adds up, reading today's contract."""

    async def apply(connection: Session, events: Sequence[Recorded]) -> None:
        totals: dict[str, int] = {}
        for recorded in events:
            event = upcasting.read(recorded)
            totals[recorded.stream] = totals.get(recorded.stream, 0) + 10 * event.tens + event.rest
        await connection.execute(ADD, list(totals), list(totals.values()))

    return replace(tally(), apply=apply)


def first_version(amount: int) -> bytes:
    """A payload as it was written years ago."""
    return pydantic_core.to_json({"effective_at": "2023-05-01T02:00:00Z", "amount": amount})
