"""What a relay sends of events of earlier versions, and what a reader outside takes in, is what it is of today's."""

import asyncio
import re
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts.analytics import ALERTS
from services.chassis.clock import SystemClock
from services.chassis.kafka.topics import KEPT
from services.chassis.relay.relay import Relay
from services.chassis.relay.republish import republish
from services.chassis.relay.session import Line, Memory
from services.chassis.subscriptions.wake import Signal
from services.chassis.telemetry import Telemetry
from tests.integration.versions.conftest import told

PAGE = Path(__file__).parents[3] / "docs" / "reading-topics.md"
SOURCE = "analytics"
ALERT_TYPES = frozenset(model.type for model in ALERTS)


@pytest.fixture
async def twice(databases, second_versions):
    """Analytics' log, told in today's versions alone, and in both."""
    both = [await told(databases, mixed=mixed, sources=(SOURCE,)) for mixed in (False, True)]
    yield both
    for each in both:
        await each.close()


@pytest.fixture
def events():
    """The reader of the page, as it stands there."""
    found: dict[str, object] = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(compile(code, str(PAGE), "exec"), found)  # noqa: S102 - the page's own code is what is tested
    return found["events"]


async def taken(events, store, topic, kafka, line, types=None):
    """What the reader has of a topic, once a relay has sent the log there."""
    client = {"bootstrap_servers": kafka}
    admin = AIOKafkaAdminClient(**client)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 2, 1, topic_configs=KEPT)])
    await admin.close()
    telemetry, stop = Telemetry(SOURCE), asyncio.Event()
    sending = Line(store, topic, client, Signal(), Memory(), telemetry.relay_sent, poll=0.2, name=line, types=types)
    running = asyncio.create_task(Relay(sending, "one", SystemClock(), telemetry).run(stop))
    wanted = {past.position for past in await store.read(0) if types is None or past.type in types}
    consumer = AIOKafkaConsumer(topic, **client, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    found = {}
    try:
        async with asyncio.timeout(60):
            async for header, value in events(consumer, {}, {}, {}):
                kept = {name: said for name, said in header.items() if not name.startswith("ce_lineage")}
                found[int(header["ce_sequence"])] = (kept, value)
                if found.keys() >= wanted:
                    break
    finally:
        await consumer.stop()
        stop.set()
        await running
    assert found.keys() == wanted
    return found


@pytest.mark.parametrize(("line", "types"), [("events", None), ("alerts", ALERT_TYPES)])
async def test_a_reader_outside_takes_in_the_same(twice, events, kafka, topic_prefix, line, types):
    sent = [
        await taken(events, each.stores[SOURCE], f"{topic_prefix}.{number}", kafka, line, types)
        for number, each in enumerate(twice)
    ]
    assert sent[0] == sent[1]
    assert {header["ce_type"].rpartition(".")[2] for header, _ in sent[1].values()} == {"v1"}
    client = {"bootstrap_servers": kafka}
    again = [
        await republish(each.stores[SOURCE], f"{topic_prefix}.{number}", client, 1, line, types)
        for number, each in enumerate(twice)
    ]
    assert again == [len(sent[0])] * 2, "as many are sent again"
