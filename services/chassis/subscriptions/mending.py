"""What a reader of a topic asks the owner's log: what the topic has lost, and which history counts."""

from collections.abc import Set as AbstractSet
from uuid import UUID

import structlog

from services.chassis.eventstore.types import Recorded
from services.chassis.subscriptions.continuity import Held, Turn, kept_of, turn
from services.chassis.subscriptions.layout import Layout
from services.chassis.subscriptions.subscription import LineageReplaced, LogReader, SourceAway

logger = structlog.get_logger(__name__)


async def turned(log: LogReader, held: Held, lineage: UUID) -> Held:
    """What is held after a message of another history, by what the log says of its own.

    Raises:
        LineageReplaced: the log was restored, and lacks something that was read.
    """
    lineages = await log.lineages()
    match turn(held, lineage, lineages):
        case Turn.STOP:
            raise LineageReplaced(log.source, held.last, kept_of(held, lineages))
        case Turn.FOLLOW:
            await logger.awarning("lineage_changed", source=log.source, lineage=str(lineage))
            return held.follow(lineage)
        case Turn.DROP:
            return held.leave(lineage)


async def mended(
    log: LogReader,
    held: Held,
    upto: int,
    *,
    reader: str,
    partition: int,
    layout: Layout,
    types: AbstractSet[str] | None,
    size: int,
) -> tuple[Held, list[Recorded]]:
    """Takes what a partition has lost from the log, as much as one batch holds; it says so loudly.

    Args:
        held: of the partition. upto: the position before the message that came. reader: for people. partition: which.
        layout: how the topic is divided. types: of the events that are wanted; None: all. size: most events to read.

    Raises:
        SourceAway: the log does not hold it yet.
    """
    await logger.aerror(
        "topic_gap_read_from_log",
        reader=reader,
        source=log.source,
        partition=partition,
        after=held.last,
        upto=upto,
    )
    return await from_log(log, held, upto, partition=partition, layout=layout, types=types, size=size)


async def from_log(
    log: LogReader,
    held: Held,
    upto: int,
    *,
    partition: int,
    layout: Layout,
    types: AbstractSet[str] | None,
    size: int,
) -> tuple[Held, list[Recorded]]:
    """Takes what belongs to a partition from the log, as much as one batch holds.

    Raises:
        SourceAway: the log does not hold it yet.
    """
    read = await log.read(held.last, min(size, upto - held.last))
    if not read:
        raise SourceAway(f"The log of {log.source} does not hold {upto:,} yet.")
    events = [
        event
        for event in read
        if layout.partition(event.stream, event.position) == partition and (types is None or event.type in types)
    ]
    return held.mended(read[-1].position), events
