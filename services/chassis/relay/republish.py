"""Publishes a part of a log again, where its topic was deleted or has lost data."""

from collections.abc import Mapping
from typing import Any

from contracts.catalogue import CATALOGUE
from services.chassis.eventstore.store import EventStore
from services.chassis.relay.lease import EVENTS, Lease
from services.chassis.relay.progress import ProgressBook
from services.chassis.relay.topic import partitions_of

OWNER = "republish"
SECONDS = 10.0
COUNT = "select count(*) from log.events where position > $1 and ($2::text[] is null or type = any($2))"


class PositionUnknown(Exception):
    """The log has no such position."""

    def __init__(self, source: str, position: int, head: int) -> None:
        super().__init__(
            f"The log of {source} has positions from 1 to {head:,}, and not {position:,}: name one of them."
        )


async def republish(
    store: EventStore,
    topic: str,
    client: Mapping[str, Any],
    first: int,
    line: str = EVENTS,
    types: frozenset[str] | None = None,
) -> int:
    """Sets progress back, so that the relay sends the log again from a position on; answers how many events that are.

    A relay that runs at that moment is fenced off by a new epoch and begins anew. Readers drop what they have.

    Args:
        store: the log. topic, client: where it is published, and the arguments of aiokafka's clients.
        first: the position. line, types: which of the log's topics it is, and what of the log goes there.

    Raises:
        PositionUnknown: the log has none such. TopicMissing: make the topic first. KafkaConnectionError: Kafka is away.
    """
    head = (await store.head()).position
    if not 1 <= first <= max(head, 1):
        raise PositionUnknown(store.source, first, head)
    partitions = await partitions_of(topic, client)
    lease, book = Lease(store.pool, OWNER, SECONDS, line), ProgressBook(store.pool, line, types)
    epoch = await lease.take(by_force=True)
    if epoch is None:
        raise LookupError("relay.lease has no row: run the migrations.")
    try:
        progress = await book.load(partitions)
        await book.move(epoch, await book.back(progress, min(first - 1, progress.position), partitions), back=True)
    finally:
        await lease.release(epoch)
    after = min(first - 1, progress.position)
    count: int = await store.pool.fetchval(COUNT, after, None if types is None else sorted(CATALOGUE.names(types)))
    return count
