"""Erasing what was written about an incident: on record with its ground, in a stream beside the incident's own."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.common import ErasureGround, Event, Frozen, Identifier, Place
from contracts.incidents import TextErased


class EraseText(Frozen):
    """Destroy the key of an incident's texts.

    Attributes:
        incident, place: which, where. ground: why it may and must be.
    """

    incident: Identifier
    place: Place
    ground: ErasureGround


def erase_text(erased: bool, command: EraseText, now: datetime) -> list[Event]:
    """What was written can be read no more. Repeating it changes nothing."""
    if erased:
        return []
    return [TextErased(incident=command.incident, place=command.place, ground=command.ground, effective_at=now)]


def evolve(_: bool, event: Event) -> bool:
    """Whether it was erased."""
    return isinstance(event, TextErased)


DECISIONS: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {EraseText: erase_text}
