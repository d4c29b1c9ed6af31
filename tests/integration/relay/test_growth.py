"""A topic gets more partitions: each stream keeps its order, and no reader misses the seam."""

from services.chassis.kafka.messages import Message
from services.chassis.kafka.partitions import partition_of
from tests.integration.relay.conftest import PARTITIONS, judged, until

STREAMS = [f"unit-{number}" for number in range(23)]
MORE = 5


async def test_a_barrier_closes_the_old_partitions_before_events_are_spread_anew(street):
    running = street.start()
    seam = await street.put(*STREAMS)
    await street.published(seam)
    await street.grow(MORE)

    async def grown() -> bool:
        return await street.database.pool.fetchval("select partitions from relay.progress") == MORE

    await until(grown)
    last = await street.put(*STREAMS)
    await street.published(last)
    await running.end()

    messages = await street.read()
    log = {event.position: event for event in await street.store.read(0)}
    for partition in range(MORE):
        taken, held = judged(messages, partition)
        assert taken == [
            position
            for position, event in log.items()
            if partition == partition_of(event.stream, PARTITIONS if position <= seam else MORE)
        ]
        assert held.last >= seam
        own = [message for place, message in messages if place == partition]
        after = [each for each in own if isinstance(each, Message) and each.position > seam]
        assert not after or after[0].previous == seam, "a reader that lacks the barrier must notice"
        barrier = next(
            index for index, each in enumerate(own) if each.position == seam and not isinstance(each, Message)
        )
        assert all(each.position <= seam for each in own[:barrier])


async def test_what_was_last_in_each_partition_follows_from_the_log_alone(street):
    running = street.start()
    last = await street.put(*STREAMS)
    await street.published(last)
    await running.end()
    from services.chassis.relay.progress import ProgressBook

    book = ProgressBook(street.database.pool)
    progress = await book.look()
    assert progress is not None
    assert await book.lasts(last, PARTITIONS, 0) == progress.lasts
    assert await book.lasts(last, PARTITIONS, last) == (last,) * PARTITIONS
