"""What every subscription keeps to, the log itself and a topic alike."""

import asyncio

import pytest

from services.chassis.projections.checkpoints import CheckpointMoved
from services.chassis.projections.runner import ProjectionRunner
from services.chassis.subscriptions.subscription import LineageReplaced


class SubscriptionSuite:
    """Written once; each kind brings how it is opened and how what stands in the log gets to it."""

    @pytest.fixture
    def subscription(self):
        raise NotImplementedError

    @pytest.fixture
    def publish(self):
        """Awaited after appends: brings the log's events to the subscription."""
        raise NotImplementedError

    async def test_it_yields_everything_once_and_each_stream_in_order(self, bench, subscription, publish):
        async with bench.running(subscription):
            for number in range(60):
                await bench.put(f"s-{number % 7}", number)
                if number % 20 == 19:
                    await publish()
                    await bench.caught_up()
        assert await bench.rows() == await bench.expected()

    async def test_it_goes_on_from_the_marks(self, bench, subscription, publish):
        for number in range(3):
            await bench.put("s-1", number)
            await bench.put("s-2", number)
            await publish()
            async with bench.running(subscription):
                await bench.caught_up()
        assert await bench.rows() == await bench.expected()

    async def test_each_batch_names_where_the_marks_must_stand(self, bench, subscription, publish):
        await bench.put("s-1", 1, 2)
        await publish()
        marks = bench.checkpoints.marks("numbers")
        async with subscription.reading(marks) as reading:
            batch = await reading.batch()
            while not batch.events:
                batch = await reading.batch()
            held = await marks.held("registry")
            assert all(held[move.partition].position == move.held.position for move in batch.moves)
            assert all(move.to.position >= move.held.position for move in batch.moves)

    async def test_it_reads_its_marks_again_where_they_were_moved(self, bench, subscription, publish):
        await bench.put("s-1", 1, 2)
        await publish()
        runner = ProjectionRunner(bench.model, bench.reader.dsn, {}, bench.checkpoints)
        connection = await bench.connected()
        async with subscription.reading(bench.checkpoints.marks("numbers")) as reading:
            batch = await _with_events(reading)
            await runner.take(connection, batch)
            with pytest.raises(CheckpointMoved):
                await runner.take(connection, batch)
            await reading.again()
            await bench.put("s-1", 3)
            await publish()
            batch = await _with_events(reading)
            await runner.take(connection, batch)
        assert await bench.rows() == {"s-1": "1 2 3 "}

    async def test_a_rebuild_takes_over_while_events_go_on(self, bench, subscription, publish):
        for number in range(30):
            await bench.put(f"s-{number % 4}", number)
        await publish()
        async with bench.running(subscription):
            await bench.caught_up()
            writing = asyncio.create_task(self._write_on(bench, publish))
            comparison = await bench.rebuild.run()
            await writing
            assert comparison.equal
            await bench.caught_up()
        assert await bench.rows() == await bench.expected()

    async def _write_on(self, bench, publish):
        for number in range(20):
            await bench.put("s-9", number)
            await publish()

    async def test_a_reader_follows_a_log_that_kept_all_it_has_read(self, bench, subscription, publish):
        await bench.put("s-1", 1)
        await publish()
        async with bench.running(subscription):
            await bench.caught_up()
            await bench.store.begin_lineage()
            await bench.put("s-1", 2)
            await publish()
            await bench.caught_up()
            held = await bench.checkpoints.marks("numbers").held("registry")
        assert (await bench.store.head()).lineage in {mark.lineage for mark in held.values()}
        assert await bench.rows() == {"s-1": "1 2 "}
        assert await bench.checkpoints.stopped() == []

    @pytest.mark.guarantee("G13")
    async def test_a_restored_log_stops_its_readers_until_they_are_rebuilt(self, bench, subscription, publish):
        for number in range(20):
            await bench.put(f"s-{number % 3}", number)
        await publish()
        async with bench.running(subscription):
            await bench.caught_up()
            await bench.restore(12)
            for number in range(100, 120):
                await bench.put(f"s-{number % 3}", number)
            await publish()
            assert "maplebridge projections rebuild" in await bench.stopped()
            assert await bench.rows() != await bench.expected()
            await bench.rebuild.run()
            await bench.put("s-1", 200)
            await publish()
            await bench.caught_up()
            assert await bench.rows() == await bench.expected()
        assert await bench.checkpoints.stopped() == []

    async def test_a_restored_log_is_noticed_where_the_reader_was_away(self, bench, subscription, publish):
        await bench.put("s-1", 1, 2, 3)
        await publish()
        async with bench.running(subscription):
            await bench.caught_up()
        await bench.restore(1)
        await bench.put("s-1", 7, 8, 9, 10)
        await publish()
        async with subscription.reading(bench.checkpoints.marks("numbers")) as reading:
            with pytest.raises(LineageReplaced, match="of 3 positions that were read here it kept 1"):
                await _with_events(reading)


async def _with_events(reading):
    async with asyncio.timeout(30):
        while not (batch := await reading.batch()).events:
            pass
    return batch


class TestLog(SubscriptionSuite):
    @pytest.fixture
    def subscription(self, by_log):
        return by_log

    @pytest.fixture
    def publish(self):
        async def publish():
            """The log is its own publication."""

        return publish


class TestTopic(SubscriptionSuite):
    @pytest.fixture
    def subscription(self, by_topic):
        return by_topic

    @pytest.fixture
    def publish(self, bench, topic):
        lock = asyncio.Lock()

        async def publish():
            async with lock:
                lineages = await bench.store.lineages()
                present = lineages[-1]
                topic.back_to(min(topic.position, present.began_after) if topic.lineage != present.id else None)
                topic.lineage = present.id
                await topic.send(await bench.store.read(topic.position), present.id, present.began_after)
                await topic.complete(present.id, present.began_after)

        return publish
