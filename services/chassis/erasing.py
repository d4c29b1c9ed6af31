"""Whenever an event says that a key is to go, it is destroyed; again at each repeat, which changes nothing."""

from collections.abc import Callable
from typing import TypeVar

from contracts.common import Event
from services.chassis.eventstore.types import Recorded
from services.chassis.policies import Policy
from services.chassis.vault import Vault

Erased = TypeVar("Erased", bound=Event)


def erasing(vault: Vault, source: str, said_by: type[Erased], key: Callable[[Erased], str]) -> Policy:
    """Destroy the key of each erasure, should the process have died between the event and the key.

    Args:
        vault: of the service. source: its name. said_by: the event. key: name of the key that the event is about.
    """

    async def react(recorded: Recorded) -> None:
        if isinstance(erased := recorded.event, said_by):
            await vault.erase(key(erased))

    return Policy("erasure", (source,), frozenset({said_by}), react)
