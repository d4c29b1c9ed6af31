"""A connection that is gone is an error of Kafka's in uvloop too, which the processes over Kafka run in."""

import asyncio

import pytest
import uvloop
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from services.chassis.kafka.connection import client_arguments
from services.chassis.settings import Settings


@pytest.mark.parametrize("run", [uvloop.run, asyncio.run], ids=["uvloop", "asyncio"])
async def test_what_is_sent_on_a_connection_that_broke_says_so(kafka, run):
    await asyncio.to_thread(run, sent_too_late(kafka))


async def sent_too_late(kafka):
    arguments = client_arguments(Settings(kafka=kafka))
    host, _, port = arguments.pop("bootstrap_servers").rpartition(":")
    connection = await create_conn(host, int(port), **arguments)
    assert (await connection.send(MetadataRequest([]))).brokers
    connection._writer.transport.abort()
    await asyncio.sleep(0)  # the loop closes it; who reads has not heard of it yet
    for _ in range(2):
        with pytest.raises(KafkaConnectionError):
            await connection.send(MetadataRequest([]))
