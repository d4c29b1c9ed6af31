"""Loads the demonstration's city into the logs: an operator's step like a restore, the one that has all databases."""

import sys

from services.chassis.settings import Settings
from services.runtime.composition import composed
from services.runtime.demonstrated import load_city
from services.runtime.processes.ground import ground_of


async def load_demonstration(settings: Settings, seed: int) -> None:
    """Writes what the logs lack of the two years; says how far it is on standard output.

    Raises:
        SettingMissing: something that it needs was not set.
    """

    def say(what: str) -> None:
        sys.stdout.write(f"{what}\n")
        sys.stdout.flush()

    async with composed(ground_of(settings)) as parts:
        await load_city(parts, seed, say)
