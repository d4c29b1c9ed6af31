"""Which record a correction means: found in the log, since only the log keeps the error."""

from datetime import datetime

from contracts.registry import UnitClassified, UnitRecordCorrected
from services.chassis.eventstore.store import EventStore
from services.registry.deciders import UNIT
from services.registry.domain.refusals import NothingToCorrect


async def wrong_since(store: EventStore, unit: str, corrects: str) -> datetime:
    """When the wrong record took effect.

    Raises:
        NothingToCorrect: the event is no classification of this unit.
    """
    for recorded in await store.load(UNIT.stream(unit)):
        if str(recorded.id) == corrects and recorded.model in {UnitClassified, UnitRecordCorrected}:
            return recorded.effective_at
    raise NothingToCorrect(unit)
