"""What travels to the partitions of the units: facts, how far sources are read, and the question what falls due."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

import orjson
from pydantic import TypeAdapter

from services.analytics.rules import overdue, repeated
from services.analytics.rules.facts import Fact

MOST = 300
"""Facts in a parcel; the identifiers in one come to 2 kB at the most, and Kafka takes a megabyte."""
EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before anything was recorded; far enough from the first day that there is, for windows to be taken from it."""
KINDS: tuple[type[Fact], ...] = (
    *(
        repeated.Happened,
        repeated.Judged,
        repeated.Recategorised,
        repeated.BegunAnew,
        repeated.Redated,
        repeated.Stands,
    ),
    *(overdue.Due, overdue.Verified, overdue.Left, overdue.Erased),
)
ADAPTERS: dict[str, TypeAdapter[Fact]] = {kind.__name__: TypeAdapter(kind) for kind in KINDS}


class ParcelMalformed(ValueError):
    """A record of the topic between two steps is none of ours."""


class Place(NamedTuple):
    """A partition of a source's topic."""

    source: str
    partition: int


class Reached(NamedTuple):
    """How far a place is read. position: all up to it is sent on. at: when that was recorded."""

    position: int
    at: datetime


class Sent(NamedTuple):
    """A fact on its way. place, position: where the event lies that tells it. unit: about which."""

    place: Place
    position: int
    unit: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class Tick:
    """Asks what falls due. now: by the clock. heads: where each log ended after that moment had come."""

    now: datetime
    heads: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One record.

    Attributes:
        facts: in the order of their logs. reached: what is true once they are taken in. tick: then to be answered.
    """

    facts: tuple[Sent, ...] = ()
    reached: Mapping[Place, Reached] = field(default_factory=dict)
    tick: Tick | None = None


def encode(parcel: Parcel) -> bytes:
    """As JSON."""
    return orjson.dumps(
        {
            "facts": [
                (*each.place, each.position, each.unit, type(each.fact).__name__, _body(each.fact))
                for each in parcel.facts
            ],
            "reached": _reached(parcel.reached),
            "tick": None if parcel.tick is None else [parcel.tick.now, dict(parcel.tick.heads)],
        }
    )


def decode(value: bytes | None) -> Parcel:
    """The parcel of a record.

    Raises:
        ParcelMalformed: it is none.
    """
    try:
        told = orjson.loads(value or b"")
        facts = tuple(
            Sent(Place(source, partition), position, unit, ADAPTERS[kind].validate_python(body))
            for source, partition, position, unit, kind, body in told["facts"]
        )
        tick = told["tick"] and Tick(datetime.fromisoformat(told["tick"][0]), told["tick"][1])
        return Parcel(facts, parse_reached(told["reached"]), tick)
    except (ValueError, KeyError, TypeError) as error:
        raise ParcelMalformed(f"A record is no parcel of the rules ({type(error).__name__}).") from error


def parcels(facts: list[Sent], reached: Mapping[Place, Reached]) -> Iterator[Parcel]:
    """Parcels of a bounded size; the last one says how far its places are read."""
    whole = len(facts) - len(facts) % MOST
    for begin in range(0, whole, MOST):
        yield Parcel(tuple(facts[begin : begin + MOST]))
    yield Parcel(tuple(facts[whole:]), reached)


def dump_reached(reached: Mapping[Place, Reached]) -> bytes:
    """For the memory of a partition."""
    return orjson.dumps(_reached(reached))


def load_reached(kept: bytes | None) -> dict[Place, Reached]:
    """What ``dump_reached`` wrote; nothing where nothing is kept."""
    return parse_reached(orjson.loads(kept)) if kept else {}


def parse_reached(rows: list[tuple[str, int, int, str]]) -> dict[Place, Reached]:
    """From JSON."""
    return {
        Place(source, number): Reached(position, datetime.fromisoformat(at)) for source, number, position, at in rows
    }


def _reached(reached: Mapping[Place, Reached]) -> list[tuple[str, int, int, datetime]]:
    return [(*place, *up) for place, up in sorted(reached.items())]


def _body(fact: Fact) -> orjson.Fragment:
    return orjson.Fragment(ADAPTERS[type(fact).__name__].dump_json(fact))
