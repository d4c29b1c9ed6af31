"""Decides the city of a seed in memory, with seals that are the same each time."""

import base64
import hashlib
from dataclasses import dataclass, field

from contracts.common import Sealed
from services.runtime.demonstration.plan import Happened, Plan
from services.runtime.demonstration.run import happenings, texts
from services.runtime.demonstration.scenario import planned


def sealed(key: str, text: str) -> Sealed:
    """What a vault would give, but the same each time: nobody can read it, and nothing depends on a random key."""
    noise = hashlib.blake2b(f"{key}\n{text}".encode(), digest_size=48).digest()
    return Sealed(key=key, text=base64.b64encode(noise).decode())


@dataclass
class Decided:
    """A plan, its events in order, and what was sealed in them."""

    plan: Plan
    happened: list[Happened]
    secrets: set[str] = field(default_factory=set)

    def events(self, *types: str) -> list[object]:
        """The events of these types, in order."""
        return [one.event for one in self.happened if one.event.type in types]


def decided(seed: int) -> Decided:
    """The city of a seed."""
    plan = planned(seed)
    secrets = {text for wanted in texts(plan).values() for _, text in wanted}
    return Decided(plan, list(happenings(plan, sealed)), secrets)
