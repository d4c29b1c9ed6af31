"""Erasing what was written about a case: on record with its ground, in a stream beside the case's own."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.common import ErasureGround, Event, Frozen, Identifier, Place
from contracts.mediation import TextErased
from services.mediation.domain.opening import Kind


class EraseText(Frozen):
    """Destroy the key of a case's texts.

    Attributes:
        kind, case, place: of which kind, which, where. ground: why it may and must be.
    """

    kind: Kind
    case: Identifier
    place: Place
    ground: ErasureGround


def erase_text(erased: bool, command: EraseText, now: datetime) -> list[Event]:
    """What was written can be read no more. Repeating it changes nothing."""
    if erased:
        return []
    return [TextErased(**dict(command), effective_at=now)]


def evolve(_: bool, event: Event) -> bool:
    """Whether it was erased."""
    return isinstance(event, TextErased)


DECISIONS: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {EraseText: erase_text}
