"""Java's own producer puts a stream where we put it."""

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.chassis.kafka.partitions import partition_of
from services.runtime.kafka.jars import kafka_jars
from services.runtime.kafka.node import jvm_command
from tests.integration.relay.conftest import PARTITIONS

STREAMS = [f"unit-{number}" for number in range(40)] + ["枫桥", "a", "ab", "abc", "abcd", "ünit-é", "building/7"]


async def test_the_default_partitioner_of_the_java_client_agrees(street):
    command = jvm_command(
        kafka_jars(lambda _: None),
        "org.apache.kafka.tools.ConsoleProducer",
        *("--bootstrap-server", street.kafka, "--topic", street.topic),
        *("--property", "parse.key=true", "--property", "key.separator=|"),
    )
    java = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await java.communicate("".join(f"{stream}|x\n" for stream in STREAMS).encode())
    assert java.returncode == 0, said.decode()

    consumer = AIOKafkaConsumer(bootstrap_servers=street.kafka, auto_offset_reset="earliest")
    await consumer.start()
    places: dict[str, int] = {}
    try:
        consumer.assign([TopicPartition(street.topic, number) for number in range(PARTITIONS)])
        async with asyncio.timeout(30):
            while len(places) < len(STREAMS):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    places |= {record.key.decode(): record.partition for record in records}
    finally:
        await consumer.stop()
    assert places == {stream: partition_of(stream, PARTITIONS) for stream in STREAMS}
