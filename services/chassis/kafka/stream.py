"""A stream worker: Faust's application from our settings, and its events by the batch."""

import asyncio
from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import Any, cast

import faust
from aiokafka.errors import KafkaError, NoError, RebalanceInProgressError, for_code
from aiokafka.protocol.group import HeartbeatRequest
from faust.auth import Credentials
from faust.streams import Stream
from faust.types import TP, AppT, ChannelT, EventT, StreamT

from contracts.topics import LARGEST_MESSAGE
from services.chassis.kafka.connection import LOOK_EVERY_MS, client_arguments
from services.chassis.kafka.tables import Tables
from services.chassis.kafka.transport import Consumer, Producer, Transport
from services.chassis.settings import Settings

SESSION = 6.0
"""Seconds after which a silent worker's partitions are given to others; Faust's default of 60 delays every recovery."""
COMMIT_EVERY = 1.0
MOMENT = 0.02
WAITS = 4
"""How often a batch that is not full waits for a moment."""


def stream_app(settings: Settings, name: str, folder: Path, member: str | None = None) -> faust.App:
    """The application of a worker; it makes no topics, serves no pages and leaves logging alone.

    Args:
        name: of it and of its consumer group. folder: for its tables. member: who it is in the group, from life to
            life, and nobody else; None: another one each time.

    Raises:
        SettingMissing, SettingMalformed: the settings do not lead to Kafka.
    """
    arguments = client_arguments(settings)
    app = faust.App(
        name,
        loop=asyncio.get_running_loop(),
        broker=[f"kafka://{address.strip()}" for address in arguments["bootstrap_servers"].split(",")],
        broker_credentials=_credentials(arguments),
        broker_session_timeout=SESSION,
        broker_heartbeat_interval=SESSION / 3,
        broker_rebalance_timeout=SESSION * 2,
        broker_request_timeout=SESSION * 5,
        broker_commit_interval=COMMIT_EVERY,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=member,
        consumer_metadata_max_age_ms=LOOK_EVERY_MS,
        producer_metadata_max_age_ms=LOOK_EVERY_MS,
        producer_acks=-1,
        producer_max_request_size=LARGEST_MESSAGE,
        producer_max_batch_size=LARGEST_MESSAGE // 2,  # Faust's 16 KiB make a write of many keys wait for many requests
        processing_guarantee="at_least_once",
        key_serializer="raw",
        value_serializer="raw",
        store="rocksdb://",
        TableManager=Tables,
        datadir=folder,
        table_standby_replicas=0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        autodiscover=False,
        web_enabled=False,
    )
    app.transport = Transport(app.conf.broker_consumer, app)
    return app


def _credentials(arguments: dict[str, Any]) -> Credentials | None:
    context = arguments.get("ssl_context")
    if "sasl_mechanism" in arguments:
        return faust.SASLCredentials(
            username=arguments["sasl_plain_username"],
            password=arguments["sasl_plain_password"],
            mechanism=arguments["sasl_mechanism"],
            ssl_context=context,
        )
    return faust.SSLCredentials(context=context) if context is not None else None


def producer_of(app: AppT) -> Producer:
    """What the application writes with."""
    return cast("Producer", app.producer)


async def batches(app: faust.App, stream: StreamT[bytes], most: int) -> AsyncIterator[list[EventT[bytes]]]:
    """Events by the batch: what waits, up to so many; acknowledged when the next batch is asked for.

    Faust's ``take_events`` acknowledges a batch also where it was left half done, by an error or by the end of the
    worker; its events would be lost. Of an abandoned batch here, none is acknowledged.
    """
    quiet = cast("Stream[bytes]", stream).noack()
    queue = cast("ChannelT[bytes]", quiet.channel).queue
    async for event in quiet.events():
        taken, waits = [event], WAITS
        while len(taken) < most:
            if queue.empty() and waits:
                # Faust hands records over in small pieces: a moment later there are more
                await asyncio.sleep(MOMENT)
                waits -= 1
            if queue.empty():
                break
            # waiting for it would be for ever, where Faust empties the queue and then waits for what was taken out
            taken.append(queue.get_nowait())
        yield taken
        generation = _at_work(app)
        for each in taken:
            if each.message.generation_id == generation:
                each.ack()
            else:
                app.consumer.unacked.discard(each.message)  # Faust would wait for it for ever


def recovered(app: faust.App) -> int:
    """Up to where the tables have come back, summed up: it changes while they do."""
    return sum(offset or 0 for offset in cast("Any", app.tables).recovery.active_offsets.values())


async def begin_again(app: faust.App, topics: Collection[str]) -> list[TP]:
    """Reads those topics from their beginning that were made anew below what was read; answers which partitions.

    Faust drops records below the last offset that it handed out: it would wait until the new topic is as long.
    """
    consumer = cast("Any", app.consumer)
    read, anew = consumer._read_offset, []  # noqa: SLF001 - nothing else tells
    for partition in consumer.assignment():
        ends = consumer.highwater(partition) if partition.topic in topics else None
        if ends is not None and ends < (read.get(partition) or 0):
            for kept in (consumer._acked, consumer._acked_index, consumer._gap, consumer._committed_offset):  # noqa: SLF001
                kept.pop(partition, None)
            await consumer.seek_wait({partition: 0})
            anew.append(partition)
    return anew


def still_ours(app: faust.App, events: list[EventT[bytes]]) -> list[EventT[bytes]]:
    """Those that came since the partitions were last shared out; the others come again, to whoever has them now."""
    generation = _at_work(app)
    return [event for event in events if event.message.generation_id == generation]


def give_up(app: faust.App) -> None:
    """Partitions go to others: of what came until now nothing is still ours, nor is it acknowledged.

    Faust hands events over and takes acknowledgements until the group has shared the partitions out; by then another
    may have read the changelogs to their ends.
    """
    cast("Consumer", app.consumer).given_up = app.consumer_generation_id


async def still_member(app: faust.App) -> bool:
    """Whether the group, asked now, takes this worker for a member since the partitions were last shared out."""
    thread = cast("Any", app.consumer)._thread  # noqa: SLF001 - the next heartbeat may be two seconds away
    generation = generation_of(app)
    return generation is not None and bool(
        await thread.call_thread(_heartbeat, thread._consumer._coordinator, generation)  # noqa: SLF001
    )


async def _heartbeat(coordinator: Any, generation: int) -> bool:
    """One out of turn, from which nothing follows: aiokafka's own would make it join again while it joins."""
    request = HeartbeatRequest(coordinator.group_id, generation, coordinator.member_id)
    try:
        answer = await coordinator._send_req(request)  # noqa: SLF001
    except KafkaError:
        return False
    known = for_code(answer.error_code) in (NoError, RebalanceInProgressError)
    return known and bool(coordinator.generation == generation)


def generation_of(app: faust.App) -> int | None:
    """How often the partitions were shared out, this worker with them; None where the group has given it up."""
    generation = app.consumer_generation_id
    coordinator = cast("Any", app.consumer)._thread._consumer._coordinator  # noqa: SLF001 - Faust learns it too late
    return generation if coordinator.generation == generation else None


def _at_work(app: faust.App) -> int | None:
    generation = generation_of(app)
    return None if generation == cast("Consumer", app.consumer).given_up else generation
