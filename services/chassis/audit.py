"""Parses every stored event through today's contracts."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from contracts.catalogue import TypeUnknown
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Recorded
from services.chassis.projections.deadletters import reason


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An event that today's contracts cannot read.

    Attributes:
        position, stream, version, type: which. reason: why, without any value of it.
    """

    position: int
    stream: str
    version: int
    type: str
    reason: str


@dataclass(frozen=True, slots=True)
class Audited:
    """How far an audit has come. position: up to there. unreadable: what it found since the last."""

    position: int
    unreadable: tuple[Unreadable, ...]


async def audit(store: EventStore, *, after: int = 0, batch: int = 2000) -> AsyncGenerator[Audited, None]:
    """Reads the log to its end, payloads and actors, yielding after each batch; nothing stops it."""
    while events := await store.read(after, batch):
        after = events[-1].position
        yield Audited(after, tuple(found for event in events if (found := _unreadable(event)) is not None))


def _unreadable(event: Recorded) -> Unreadable | None:
    try:
        event.event  # noqa: B018 - it is parsed when it is touched
        event.actor  # noqa: B018
    except TypeUnknown as error:
        why = str(error)
    except Exception as error:  # noqa: BLE001 - an upcaster may raise anything
        why = reason(error)
    else:
        return None
    return Unreadable(event.position, event.stream, event.version, event.stored_type, why)
