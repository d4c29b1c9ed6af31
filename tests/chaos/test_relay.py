"""Relays as processes: paused, replaced, revived, killed; a broker that is away. Nothing changes downstream."""

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.relay.conftest import PARTITIONS, Street, a_street, judged, until

ROOT = Path(__file__).parents[2]
STREAMS = [f"unit-{number}" for number in range(11)]
KILLS = 8

# what `maplebridge relay` runs, with a short lease
RELAY = """
import asyncio, sys
from services.chassis.clock import SystemClock
from services.chassis.eventstore.store import EventStore
from services.chassis.postgres import Database
from services.chassis.relay.relay import Relay
from services.chassis.relay.session import Line, Memory
from services.chassis.subscriptions.wake import CHANNEL, Signal, listen
from services.chassis.telemetry import Telemetry

async def main(dsn, kafka, topic, owner):
    database, signal, telemetry = await Database.open("registry", dsn, connections=3), Signal(), Telemetry("registry")
    line = Line(EventStore("registry", database.pool), topic, {"bootstrap_servers": kafka}, signal, Memory(),
                telemetry.relay_sent, size=20, poll=0.05)
    listening = asyncio.create_task(listen(dsn, {CHANNEL: signal.set}))
    await Relay(line, owner, SystemClock(), telemetry, lease_seconds=1.0).run(asyncio.Event())

asyncio.run(main(*sys.argv[1:]))
"""


@contextlib.asynccontextmanager
async def relay_process(street: Street, owner: str) -> AsyncIterator["asyncio.subprocess.Process"]:
    """A relay of its own; killed in the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RELAY, street.database.dsn, street.kafka, street.topic, owner, cwd=ROOT
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def owned_by(street: Street, owner: str) -> None:
    async def holds() -> bool:
        return owner == str(await street.database.pool.fetchval("select owner from relay.lease"))

    await until(holds)


async def all_read_once(street: Street, last: int) -> None:
    """Every reader takes in each event of the log once, in order, and finds nothing missing."""
    messages = await street.read()
    taken = [position for partition in range(PARTITIONS) for position in judged(messages, partition)[0]]
    assert sorted(taken) == list(range(1, last + 1))


@pytest.fixture
async def street(database, kafka, topic_prefix) -> AsyncIterator[Street]:
    made = await a_street(database.app, kafka, f"{topic_prefix}.registry.events")
    await made.make_topic()
    yield made
    await made.store.close()
    await made.database.close()


@pytest.mark.guarantee("G5")
async def test_a_relay_that_is_paused_replaced_and_revived_changes_nothing_downstream(street):
    async with relay_process(street, "first") as first:
        await street.put(*STREAMS)
        await street.published(11)
        appending = asyncio.create_task(street.put(*STREAMS * 20))
        await street.published(40)  # in the middle of its work
        first.send_signal(signal.SIGSTOP)
        async with relay_process(street, "second"):
            await owned_by(street, "second")
            last = await appending
            await street.published(last)
            epoch = await street.database.pool.fetchval("select epoch from relay.lease")
            first.send_signal(signal.SIGCONT)
            last = await street.put(*STREAMS * 10)
            await street.published(last)
            assert await street.database.pool.fetchval("select owner from relay.lease") == "second"
            assert await street.database.pool.fetchval("select epoch from relay.lease") == epoch
            await all_read_once(street, last)
        await owned_by(street, "first")  # revived, it is there when it is needed
        last = await street.put(*STREAMS)
        await street.published(last)
    await all_read_once(street, last)


@pytest.mark.guarantee("G4")
async def test_a_relay_that_is_killed_again_and_again_loses_and_doubles_nothing(street):
    chance = random.Random(5)  # noqa: S311 - which moments, not which secrets
    appending = asyncio.create_task(street.put(*STREAMS * 60))
    for number in range(KILLS):
        async with relay_process(street, f"relay-{number}"):
            await owned_by(street, f"relay-{number}")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(chance.random()):
                    await street.published(len(STREAMS) * 60)
    last = await appending
    async with relay_process(street, "last"):
        await street.published(last)
    await all_read_once(street, last)


@pytest.mark.guarantee("G4")
async def test_commands_go_on_while_kafka_is_away_and_what_waited_follows_in_order(database, private_kafka):
    street = await a_street(database.app, private_kafka.bootstrap, "away.registry.events")
    await street.make_topic()
    running = street.start()
    try:
        await street.put(*STREAMS)
        await street.published(11)
        os.kill(private_kafka.pid, signal.SIGSTOP)
        try:
            last = await street.put(*STREAMS * 30)
            await running.says("does not answer")

            async def lags() -> bool:
                text = running.telemetry.render().decode()
                return f'maplebridge_relay_lag_positions{{line="events"}} {last - 11}.0' in text

            await until(lags)
        finally:
            os.kill(private_kafka.pid, signal.SIGCONT)
        await street.published(last)
        await all_read_once(street, last)
    finally:
        await running.end()
        await street.store.close()
        await street.database.close()
