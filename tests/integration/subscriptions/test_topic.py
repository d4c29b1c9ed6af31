"""A topic as a subscription on a real broker: repeats, losses, rebalances, restores, growth."""

import pytest

from contracts.topics import BARRIER
from services.chassis.eventstore.types import Recorded
from services.chassis.kafka.messages import Encoder
from services.chassis.subscriptions.kafka import TopicSubscription


def at(event: Recorded, position: int) -> Recorded:
    """The same event, as if it stood at another position."""
    return Recorded(event.source, position, *event.columns[1:])


async def lineage_of(bench):
    return (await bench.store.head()).lineage


async def filled(bench, count=60):
    for number in range(count):
        await bench.put(f"s-{number % 7}", number)


async def test_every_event_is_taken_in_once_and_in_order(bench, topic, by_topic):
    await filled(bench)
    lineage = await lineage_of(bench)
    await topic.send(await bench.store.read(0), lineage)
    await topic.complete(lineage)
    async with bench.running(by_topic):
        await bench.caught_up()
        await bench.put("s-1", 100, 101)
        await topic.send(await bench.store.read(60), lineage)
        await topic.complete(lineage)
        await bench.caught_up()
    assert await bench.rows() == await bench.expected()
    assert bench.counts["accepted"] == 62
    assert "hole" not in bench.counts


async def test_what_a_former_owner_sends_late_changes_nothing(bench, topic, by_topic):
    await filled(bench)
    lineage, events = await lineage_of(bench), await bench.store.read(0)
    await topic.send(events[:40], lineage)
    topic.epoch = 2
    await topic.again(events[:30], lineage)
    await topic.send(events[40:], lineage)
    await topic.again(events[:50], lineage)
    await topic.complete(lineage)
    async with bench.running(by_topic):
        await bench.caught_up()
    assert await bench.rows() == await bench.expected()
    assert bench.counts["duplicate"] >= 80


async def test_a_message_lost_on_the_way_is_noticed_and_mended_from_the_log(bench, topic, by_topic):
    await filled(bench)
    lineage = await lineage_of(bench)
    await topic.send(await bench.store.read(0), lineage, losing=(20, 21, 22, 60))
    await topic.complete(lineage)
    async with bench.running(by_topic):
        await bench.caught_up()
    assert await bench.rows() == await bench.expected()
    assert bench.counts["hole"] >= 1


@pytest.mark.parametrize("jump", [1, 1_000_000])
async def test_a_record_beyond_the_end_of_the_log_is_refused_and_mutes_nothing(bench, topic, by_topic, jump):
    await filled(bench)
    lineage, events = await lineage_of(bench), await bench.store.read(0)
    await topic.send(events, lineage)
    encoder, end = Encoder("registry", lineage, 0, topic.epoch), events[-1].position
    for partition in range(topic.partitions):
        last = topic.lasts.get(partition, 0)
        await topic.put(partition, encoder.event(at(events[0], end + jump), last))
        await topic.put(partition, encoder.watermark(partition, end + jump + 1, events[-1].recorded_at, last))
    await topic.complete(lineage)
    async with bench.running(by_topic):
        await bench.caught_up()
        await bench.put("s-1", 100, 101)
        await topic.send(await bench.store.read(end), lineage)
        await topic.complete(lineage)
        await bench.shown()
    assert await bench.rows() == await bench.expected()
    assert bench.counts["refused"] == 2 * topic.partitions
    assert "hole" not in bench.counts


async def test_records_deleted_from_the_topic_are_noticed_and_mended(bench, topic, by_topic):
    await filled(bench)
    lineage = await lineage_of(bench)
    await topic.send(await bench.store.read(0), lineage)
    await topic.emptied()
    await bench.put("s-3", 1000)
    await topic.send(await bench.store.read(60), lineage)
    await topic.complete(lineage)
    async with bench.running(by_topic):
        await bench.caught_up()
    assert await bench.rows() == await bench.expected()
    assert bench.counts["hole"] >= 1


async def test_it_goes_on_from_its_own_marks_after_a_restart(bench, topic, by_topic):
    lineage = await lineage_of(bench)
    for round_ in range(3):
        await filled(bench, 20)
        await topic.send(await bench.store.read(round_ * 20), lineage)
        await topic.complete(lineage)
        async with bench.running(by_topic):
            await bench.caught_up()
    assert await bench.rows() == await bench.expected()
    assert bench.counts["accepted"] == 60
    assert "hole" not in bench.counts


async def test_two_replicas_share_the_partitions_and_take_each_event_in_once(bench, topic, by_topic):
    lineage = await lineage_of(bench)
    other = TopicSubscription(topic.name, {"bootstrap_servers": topic.bootstrap}, bench.store, topic.name)
    async with bench.running(by_topic):
        for round_ in range(3):
            await filled(bench, 20)
            await topic.send(await bench.store.read(round_ * 20), lineage)
            await topic.complete(lineage)
            if round_ == 1:
                async with bench.running(other):
                    await filled(bench, 0)
                    await bench.caught_up()
            else:
                await bench.caught_up()
    assert await bench.rows() == await bench.expected()


async def test_a_read_model_hands_over_from_the_log_to_the_topic(bench, topic, by_topic, by_log):
    await filled(bench)
    lineage, events = await lineage_of(bench), await bench.store.read(0)
    await topic.send(events[:35], lineage)
    async with bench.running(by_log):
        await bench.caught_up()
    await topic.send(events[35:], lineage)
    await bench.put("s-2", 7)
    await topic.send(await bench.store.read(60), lineage)
    await topic.complete(lineage)
    async with bench.running(by_topic):
        await bench.caught_up()
    assert await bench.rows() == await bench.expected()
    assert bench.counts["accepted"] == 1
    assert "hole" not in bench.counts


async def test_a_rebuild_reads_the_log_and_the_topic_goes_on(bench, topic, by_topic):
    await filled(bench)
    lineage = await lineage_of(bench)
    await topic.send(await bench.store.read(0), lineage)
    async with bench.running(by_topic):
        # no watermark yet: the partitions stand at different positions
        await bench.shown()
        comparison = await bench.rebuild.run()
        assert comparison.equal
        assert comparison.tables[0].rows == 7
        await bench.put("s-2", 7)
        await topic.send(await bench.store.read(60), lineage)
        await topic.complete(lineage)
        await bench.caught_up()
    assert await bench.rows() == await bench.expected()
    assert "hole" not in bench.counts


async def test_a_token_that_names_its_stream_waits_for_that_partition_alone(bench, topic, by_topic):
    await bench.put("s-1", 1)
    await bench.put("s-2", 2)
    lineage = await lineage_of(bench)
    async with bench.running(by_topic):
        await topic.send(await bench.store.read(0), lineage)
        # the other partitions are quiet and have no watermark: they stand at 0
        reached = await bench.checkpoints.reached("numbers", {"registry": 2}, 20, {"registry": "s-2"})
        assert reached.positions == {"registry": 0}
        assert (await bench.rows())["s-2"] == "2 "


async def barrier(topic, producer_epoch, lineage, position, before, partitions):
    """What the relay writes into every partition, old and new, when a topic has grown."""
    encoder = Encoder(topic.source, lineage, 0, producer_epoch)
    for partition in range(partitions):
        previous = topic.lasts.get(partition, 0)
        encoded = encoder.watermark(partition, position, topic.last.recorded_at, previous)
        headers = [(name, BARRIER.encode() if name == "ce_type" else value) for name, value in encoded.headers]
        headers += [("ce_partitionsbefore", b"%d" % before), ("ce_partitions", b"%d" % partitions)]
        await topic.put(partition, encoded._replace(headers=headers))
    await topic.producer.flush()


async def test_a_topic_that_grows_keeps_each_stream_in_order(bench, topic, by_topic):
    lineage = await lineage_of(bench)
    other = TopicSubscription(topic.name, {"bootstrap_servers": topic.bootstrap}, bench.store, topic.name)
    await filled(bench, 70)
    await topic.send(await bench.store.read(0), lineage)
    await topic.grow(7)
    await barrier(topic, 1, lineage, 70, 3, 7)
    topic.partitions, topic.lasts = 7, dict.fromkeys(range(7), 70)
    await filled(bench, 70)
    await topic.send(await bench.store.read(70), lineage)
    await topic.complete(lineage)
    async with bench.running(by_topic), bench.running(other):
        await bench.caught_up()
        assert await bench.rows() == await bench.expected()
        layout = await bench.checkpoints.marks("numbers").layout("registry")
        assert layout.grown == [(0, 3), (70, 7)]
        assert (await bench.rebuild.run()).equal
        await bench.put("s-5", 9)
        await topic.send(await bench.store.read(140), lineage)
        await topic.complete(lineage)
        await bench.caught_up()
    assert await bench.rows() == await bench.expected()
    assert "hole" not in bench.counts


async def test_what_is_lost_before_a_topic_grew_is_mended_by_how_it_was_divided_then(bench, topic, by_topic):
    """Fails where the present division decides which of the log's events a partition has lost."""
    lineage = await lineage_of(bench)
    await filled(bench, 70)
    await topic.send(await bench.store.read(0), lineage)
    await topic.emptied()
    await topic.grow(7)
    await barrier(topic, 1, lineage, 70, 3, 7)
    topic.partitions, topic.lasts = 7, dict.fromkeys(range(7), 70)
    await filled(bench, 70)
    await topic.send(await bench.store.read(70), lineage)
    await topic.complete(lineage)
    async with bench.running(by_topic):
        await bench.caught_up()
    assert await bench.rows() == await bench.expected()
    assert bench.counts["hole"] == 3


async def test_where_the_barrier_is_lost_as_well_a_reader_stops(bench, topic, by_topic):
    """Fails where a reader mends by the division that it knew."""
    lineage = await lineage_of(bench)
    await filled(bench, 35)
    await topic.send(await bench.store.read(0), lineage)
    await topic.complete(lineage)
    async with bench.running(by_topic):
        await bench.caught_up()
    await filled(bench, 35)
    await topic.grow(7)
    await barrier(topic, 1, lineage, 70, 3, 7)
    topic.partitions, topic.lasts = 7, dict.fromkeys(range(7), 70)
    await filled(bench, 70)
    await topic.send(await bench.store.read(70), lineage)
    await topic.emptied()
    await topic.complete(lineage)
    async with bench.running(by_topic):
        assert "where it was given more partitions is not known" in await bench.stopped()
        await bench.rebuild.replace()
        await bench.put("s-5", 9)
        await topic.send(await bench.store.read(140), lineage)
        await topic.complete(lineage)
        await bench.caught_up()
    assert await bench.rows() == await bench.expected()


async def test_a_record_that_is_no_message_of_ours_is_passed_over(bench, topic, by_topic):
    await filled(bench, 20)
    lineage = await lineage_of(bench)
    await topic.producer.send_and_wait(topic.name, value=b"junk", partition=0)
    await topic.send(await bench.store.read(0), lineage)
    await topic.producer.send_and_wait(topic.name, value=b"{}", headers=[("ce_type", b"x")], partition=1)
    await topic.complete(lineage)
    async with bench.running(by_topic):
        await bench.caught_up()
    assert await bench.rows() == await bench.expected()
    assert bench.counts["malformed"] == 2


async def test_the_way_back_to_the_log_is_a_rebuild(bench, topic, by_topic, by_log):
    await filled(bench)
    lineage = await lineage_of(bench)
    await topic.send(await bench.store.read(0), lineage)
    async with bench.running(by_topic):
        await bench.shown()
    assert await bench.rebuild.by_partition()
    async with bench.running(by_log):
        assert "was read by topic so far" in await bench.stopped()
        await bench.rebuild.replace()
        await bench.put("s-1", 5)
        await bench.caught_up()
        assert await bench.rows() == await bench.expected()
    assert not await bench.rebuild.by_partition()


async def test_a_new_read_model_reads_the_log_before_the_topic_which_holds_less(bench, topic, by_topic):
    await filled(bench)
    lineage = await lineage_of(bench)
    await topic.send(await bench.store.read(0), lineage)
    await topic.emptied()
    await bench.rebuild.catch_up()
    assert await bench.rows() == await bench.expected()
    await bench.put("s-1", 5)
    await topic.send(await bench.store.read(60), lineage)
    async with bench.running(by_topic):
        await bench.shown()
    assert "hole" not in bench.counts
