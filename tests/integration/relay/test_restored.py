"""A database restored from an older copy of its files looks as it always did; what was published tells."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin.records_to_delete import RecordsToDelete

from services.chassis.eventstore.lineage import Lineage
from services.chassis.kafka.messages import Message
from services.chassis.relay.session import Memory
from services.chassis.subscriptions.continuity import Held, Turn, kept_of, turn
from services.runtime.postgres import running_postgres
from tests.conftest import Databases
from tests.integration.relay.conftest import PARTITIONS, Street, a_street

STREAMS = [f"unit-{number}" for number in range(7)]


async def closed(street: Street) -> None:
    for each in street.running:
        await each.end()
    await street.store.close()
    await street.database.close()


async def emptied(street: Street) -> None:
    """Deletes all records of the topic, as a retention would."""
    places = [TopicPartition(street.topic, number) for number in range(PARTITIONS)]
    consumer = AIOKafkaConsumer(bootstrap_servers=street.kafka)
    await consumer.start()
    ends = await consumer.end_offsets(places)
    await consumer.stop()
    async with street.admin() as admin:
        await admin.delete_records({place: RecordsToDelete(before_offset=ends[place]) for place in places})


@pytest.mark.guarantee("G13")
@pytest.mark.parametrize("witness", ["topic", "memory"])
async def test_a_relay_notices_a_database_restored_from_a_copy_of_its_files(kafka, topic_prefix, tmp_path, witness):
    folder, copy, topic = tmp_path / "now", tmp_path / "copy", f"{topic_prefix}.registry.events"
    memory = Memory()
    async with running_postgres(folder) as server:
        fresh = await Databases(server.dsn()).fresh()
        street = await a_street(fresh.app, kafka, topic)
        await street.make_topic()
        street.start(memory=memory)
        await street.put(*STREAMS)
        await street.published(7)
        await closed(street)
        street.running.clear()
    copying = await asyncio.create_subprocess_exec("cp", "-a", str(folder), str(copy))  # keeps whose the files are
    assert await copying.wait() == 0

    async with running_postgres(folder) as server:
        street = await a_street(Databases(server.dsn()).address(fresh.name, "maplebridge_app"), kafka, topic)
        street.start(memory=memory)
        await street.put(*STREAMS)
        await street.published(14)
        await closed(street)
        old = (await street.read())[-1][1].lineage

    if witness == "memory":
        await emptied(street)
    async with running_postgres(copy) as server:
        street = await a_street(Databases(server.dsn()).address(fresh.name, "maplebridge_app"), kafka, topic)
        assert [each.id for each in await street.store.lineages()][-1] == old, "nothing in PostgreSQL tells"
        await street.put(*STREAMS, *STREAMS)
        street.start(memory=memory if witness == "memory" else Memory())
        await street.published(21)
        lineages = await street.store.lineages()
        log = {event.position: event.id for event in await street.store.read(0)}
        await closed(street)

    assert len(lineages) >= 2
    # from memory alone it is not known what was kept, so nothing is claimed
    assert lineages[-1].began_after == (7 if witness == "topic" else 0)
    anew = [each for _, each in await street.read() if isinstance(each, Message) and each.lineage == lineages[-1].id]
    positions = {each.position for each in anew}
    assert positions >= set(range(8, 22))
    assert all(log[each.position] == each.recorded.id for each in anew)
    assert {each.lineage_start for each in anew} == {lineages[-1].began_after}
    seen_more = Held(14, old)
    assert kept_of(seen_more, lineages) <= 7
    assert turn(seen_more, lineages[-1].id, lineages) is Turn.STOP
    assert isinstance(lineages[-1], Lineage)
