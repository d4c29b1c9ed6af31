"""From events to facts about units, with a memory of which unit a call came from."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from contracts.common import names_of
from contracts.incidents import IncidentReopened, IncidentReported, IncidentResolved, IncidentTriaged
from services.analytics.rules import memory, repeated
from services.analytics.rules.facts import FACTS, NAMES, Told
from services.chassis.eventstore.types import Recorded
from services.chassis.windows import Windows

SetAside = Callable[[Recorded, Exception], Awaitable[None]]

CALLS = names_of((IncidentReported, IncidentTriaged, IncidentResolved, IncidentReopened))
NO_UNIT = b'"source_unit":null'
"""Told of in an import by the hundred thousand, and of no unit: not worth a look into the memory."""


async def tell(windows: Windows, events: Iterable[Recorded], set_aside: SetAside) -> list[tuple[Recorded, Told]]:
    """What each event that says something tells the rules, in the order of the events.

    Args:
        windows: remember which unit a call came from. set_aside: called with an event that no rule can read.
    """
    telling = [event for event in events if event.type in NAMES and _of_a_unit(event)]
    await windows.reach([memory.call_key(event.stream) for event in telling if event.type in CALLS])

    def unit_of_call(stream: str) -> str | None:
        unit = windows.get(memory.call_key(stream))
        return unit.decode() if unit else None

    told: list[tuple[Recorded, Told]] = []
    for event in telling:
        try:
            facts = FACTS[event.model](event, event.event, unit_of_call)
        except Exception as error:  # noqa: BLE001 - poison is set aside, on record, and stops nothing else
            await set_aside(event, error)
            continue
        for unit, fact in facts:
            if isinstance(fact, repeated.Happened) and event.type in CALLS:
                windows[memory.call_key(event.stream)] = unit.encode()
        if facts:
            told.append((event, facts))
    return told


def flat(told: Sequence[tuple[Recorded, Told]]) -> Told:
    """The facts alone, in order."""
    return [each for _, facts in told for each in facts]


def _of_a_unit(event: Recorded) -> bool:
    return event.type != IncidentReported.type or NO_UNIT not in event.data
