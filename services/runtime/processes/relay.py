"""The relay of a log as a process: publishes it on its topics."""

import asyncio
import os
import socket

from services.chassis.eventstore.store import EventStore
from services.chassis.http.health import Check, NotReady, database_answers
from services.chassis.kafka.connection import client_arguments
from services.chassis.postgres import Database
from services.chassis.relay.relay import Relay
from services.chassis.relay.republish import republish
from services.chassis.relay.session import Line, Memory
from services.chassis.settings import Settings
from services.chassis.subscriptions.wake import CHANNEL, Signal, listen
from services.chassis.telemetry import Telemetry
from services.runtime import principals
from services.runtime.databases import known_log
from services.runtime.processes.ground import DATABASE_WAIT, clock_of
from services.runtime.processes.probes import probes
from services.runtime.topics import Outgoing, as_planned, check_topics, named, outgoing
from services.runtime.web import serve_http

CONNECTIONS = 4


async def publish(settings: Settings, name: str) -> None:
    """Keeps the topics of a log up with it; until a signal.

    Raises:
        LogUnknown: there is no such log. SettingMissing: something that it needs was not set.
        KafkaRefused, TopicMissing, TopicDiffers: it cannot begin.
    """
    known_log(name)
    topics = outgoing(settings, name)
    await check_topics(settings, as_planned(settings, topics), principals.relay(settings, name))
    telemetry, signal = Telemetry(name, settings), Signal()
    database = await Database.open(name, settings.database(name), connections=CONNECTIONS, wait=DATABASE_WAIT)
    store = EventStore(name, database.pool)
    relays = [_relay(settings, each, store, signal, telemetry) for each in topics]

    async def ping() -> object:
        return await database.pool.fetchval("select 1")

    async def work(stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as running:
            for relay in relays:
                running.create_task(relay.run(stop))

    listening = asyncio.create_task(listen(database.dsn, {CHANNEL: signal.set}))
    try:
        await serve_http(probes([database_answers(ping), *map(goes_on, relays)], telemetry), settings, work)
    finally:
        listening.cancel()
        await store.close()
        await database.close()


async def publish_again(settings: Settings, name: str, first: int) -> int:
    """Sends what of a log is on the topic of that name again from a position on; answers how many events that are.

    Raises:
        LogUnknown: there is no such log or topic. PositionUnknown: the log has none such. TopicMissing: make the
        topic first. SettingMissing.
    """
    wanted = named(settings, name)
    database = await Database.open(wanted.log, settings.database(wanted.log), connections=CONNECTIONS)
    store = EventStore(wanted.log, database.pool)
    try:
        return await republish(store, wanted.topic, client_arguments(settings), first, wanted.line, wanted.types)
    finally:
        await store.close()
        await database.close()


def _relay(settings: Settings, topic: Outgoing, store: EventStore, signal: Signal, telemetry: Telemetry) -> Relay:
    line = Line(
        store,
        topic.topic,
        client_arguments(settings),
        signal,
        Memory(),
        telemetry.relay_sent,
        name=topic.line,
        types=topic.types,
    )
    return Relay(line, f"{socket.gethostname()}:{os.getpid()}", clock_of(settings), telemetry)


def goes_on(relay: Relay) -> Check:
    """It publishes, or another relay does."""

    async def run() -> None:
        if relay.state.stopped or relay.state.away:
            raise NotReady(relay.state.reason)

    return Check(f"relay of {relay.line}", run)
