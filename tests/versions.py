"""An invented version of each event before today's, every field of which had another name."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence

import orjson
from pydantic import create_model

from contracts.catalogue import CATALOGUE, Payload, Upcaster
from contracts.common import Event
from services.chassis.eventstore.types import EVENT_COLUMNS, Recorded

OLD = "_of_old"
TYPE, DATA = EVENT_COLUMNS.index("type"), EVENT_COLUMNS.index("data")


def earlier(type_name: str) -> str:
    """The name of the version before."""
    return f"{type_name.rpartition('.v')[0]}.v0"


def as_of_old(data: bytes) -> bytes:
    """A payload as the version before had it."""
    return orjson.dumps({f"{name}{OLD}": value for name, value in orjson.loads(data).items()})


def _lift(payload: Payload) -> Payload:
    return {name.removesuffix(OLD): value for name, value in payload.items()}


def invented(type_name: str) -> type[Event]:
    """A contract for events of a test that have no fields, or that nobody parses."""
    model = create_model("Invented", __base__=Event)
    model.type = type_name
    return model


@contextlib.contextmanager
def bumped(types: Iterable[str] = tuple(CATALOGUE.models)) -> Iterator[None]:
    """Today's version of these events is their second, and there are upcasters from the first."""
    invented = {old.old: old for old in (Upcaster(earlier(name), name, _lift) for name in types)}
    CATALOGUE.upcasters.update(invented)
    try:
        yield
    finally:
        for name in invented:
            del CATALOGUE.upcasters[name]


def row_of_old(event: Recorded) -> tuple[object, ...]:
    """The columns of an event, had it been stored before there was today's version."""
    columns = list(event.columns)
    columns[TYPE], columns[DATA] = earlier(event.type), as_of_old(event.data)
    return tuple(columns)


def some_of_old(log: Sequence[Recorded]) -> list[Recorded]:
    """A log whose events were stored in one version and the other in turn, as a reader of it has them."""
    rows = [row_of_old(event) if event.position % 2 else event.columns for event in log]
    return Recorded.of(log[0].source, rows) if log else []
