"""A city's data platform: a snapshot at a position, then the topic, with plain aiokafka; no gap, no double."""

import asyncio
import contextlib
import re
from datetime import date
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts.asyncapi import self_contained
from contracts.catalogue import CATALOGUE
from contracts.common import Role
from contracts.topics import WATERMARK
from services.chassis.clock import SystemClock
from services.chassis.kafka.topics import KEPT
from services.chassis.relay.relay import Relay
from services.chassis.relay.session import Line, Memory
from services.chassis.telemetry import Telemetry
from tests.described import Described
from tests.integration.city.conftest import CALLER, TIANDU, WANDA

PAGE = Path(__file__).parents[3] / "docs" / "reading-topics.md"
MAY = date(2024, 5, 10)
COVERED = (date(2024, 1, 1), date(2024, 6, 30))
PARTITIONS = 3


@pytest.fixture
def snippets():
    """The code of the page, as it stands there."""
    found: dict[str, object] = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(compile(code, str(PAGE), "exec"), found)  # noqa: S102 - the page's own code is what is tested
    return found


@pytest.fixture
async def topic(city, kafka, topic_prefix):
    """The city's topic, and a relay that keeps it up with the log."""
    name, client = f"{topic_prefix}.city.events", {"bootstrap_servers": kafka}
    admin = AIOKafkaAdminClient(**client)
    await admin.start()
    # as planned: what was recorded in 2024 would be too old for the broker's own retention
    await admin.create_topics([NewTopic(name, PARTITIONS, 1, topic_configs=KEPT)])
    await admin.close()
    telemetry, stop = Telemetry("city"), asyncio.Event()
    line = Line(city.context.store, name, client, city.signal, Memory(), telemetry.relay_sent, poll=0.2)
    running = asyncio.create_task(Relay(line, "one", SystemClock(), telemetry).run(stop))
    yield name
    stop.set()
    await running


@contextlib.asynccontextmanager
async def reading(topic, kafka):
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest", enable_auto_commit=False)
    # by number: a topic that is a moment old may not show all of them yet
    consumer.assign([TopicPartition(topic, each) for each in range(PARTITIONS)])
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


def asking(city):
    """The `get` of the page."""
    caller = city.caller(Role.DATA_PLATFORM)

    async def get(path, params):
        return await caller.get(path, limit=3, **params)

    return get


async def quarrelsome_spring(city):
    """Months with noise in one estate, help in another."""
    for month in (1, 2, 3, 4):
        city.calls_from(WANDA, date(2024, month, 9), 10 + month)
        city.calls_from(TIANDU, date(2024, month, 9), 20 + month, category="help/ill-person")
    await city.covered(*COVERED)
    await city.told()


def applied(picture, header, value):
    """A platform's own table: the last of each stream."""
    if header["ce_type"] == "city.figures-published.v1":
        picture[header["ce_subject"]] = orjson.loads(value)["cells"]


async def test_the_snapshot_and_the_topic_behind_it_come_to_what_the_log_says(city, topic, kafka, snippets):
    await quarrelsome_spring(city)
    between = (await city.context.store.head()).position
    for month in (1, 3):
        city.calls_from(WANDA, date(2024, month, 20), 6)
    await city.told()
    city.calls_from(TIANDU, MAY, 30, category="help/ill-person")
    await city.told()
    log = await city.log()
    head = log[-1].position
    wanted = {each.stream: orjson.loads(each.data)["cells"] for each in log if each.stream.startswith("figures-")}
    assert head > between + 2

    for at in (0, 1, between - 1, between, between + 1, head - 1):
        picture, last, lineage, left = await snippets["snapshot"](asking(city), range(PARTITIONS), at)
        assert set(last.values()) == {at}
        came = []
        async with reading(topic, kafka) as consumer, asyncio.timeout(60):
            async for header, value in snippets["events"](consumer, last, lineage, left):
                came.append(int(header["ce_sequence"]))
                applied(picture, header, value)
                if len(came) == head - at:
                    break
        assert sorted(came) == list(range(at + 1, head + 1)), "neither a gap nor a double"
        assert picture == wanted, at
    picture, *_ = await snippets["snapshot"](asking(city), range(PARTITIONS), head)
    assert picture == wanted


async def test_who_begins_further_on_than_the_snapshot_misses_something_and_one_who_begins_earlier_doubles(
    city, topic, kafka, snippets
):
    await quarrelsome_spring(city)
    head = (await city.context.store.head()).position
    _, last, lineage, left = await snippets["snapshot"](asking(city), range(PARTITIONS), 3)
    for wrong, expected in ((5, range(6, head + 1)), (1, range(2, head + 1))):
        came = []
        async with reading(topic, kafka) as consumer, asyncio.timeout(60):
            async for header, _ in snippets["events"](consumer, dict.fromkeys(last, wrong), dict(lineage), left):
                came.append(int(header["ce_sequence"]))
                if len(came) == len(expected):
                    break
        assert sorted(came) == list(expected) != list(range(4, head + 1))


async def test_a_snapshot_of_a_history_that_is_gone_is_noticed_on_the_topic(city, topic, kafka, snippets):
    await quarrelsome_spring(city)
    head = (await city.context.store.head()).position
    _, last, lineage, left = await snippets["snapshot"](asking(city), range(PARTITIONS), head)
    await city.context.store.begin_lineage(2)
    city.calls_from(TIANDU, MAY, 30, category="help/ill-person")
    await city.told()

    async def read(last, lineage, left):
        async with reading(topic, kafka) as consumer, asyncio.timeout(60):
            async for header, _ in snippets["events"](consumer, last, lineage, left):
                return int(header["ce_sequence"])
        return None

    with pytest.raises(LookupError, match="restored to 2: begin anew"):
        await read(last, lineage, left)
    _, last, lineage, left = await snippets["snapshot"](asking(city), range(PARTITIONS), head)
    assert await read(last, lineage, left) == head + 1, "with a snapshot of the new history it goes on"


async def test_every_message_on_the_topic_fits_its_schema_and_names_nobody(city, topic, kafka):
    await quarrelsome_spring(city)
    described = Described(self_contained(CATALOGUE))
    head, seen, marked = (await city.context.store.head()).position, set(), set()
    async with reading(topic, kafka) as consumer, asyncio.timeout(60):
        async for record in consumer:
            told = described.check(record, "maplebridge.city.events")
            assert told["ce_source"] == "city"
            assert CALLER not in f"{told} {record.value!r} {record.key!r}"
            (marked if told["ce_type"] == WATERMARK else seen).add(int(told["ce_sequence"]))
            if seen == set(range(1, head + 1)) and marked:
                break
