"""The reader of docs/reading-topics.md, run as it stands there: an outsider notices what we notice."""

import asyncio
import contextlib
import re
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer

PAGE = Path(__file__).parents[3] / "docs" / "reading-topics.md"


@pytest.fixture
def events():
    code, _ = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    found: dict[str, object] = {}
    exec(compile(code, str(PAGE), "exec"), found)  # noqa: S102 - the page's own code is what is tested
    return found["events"]


@contextlib.asynccontextmanager
async def reading(topic):
    consumer = AIOKafkaConsumer(
        topic.name, bootstrap_servers=topic.bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def taken(events, topic, count, last=None, left=None):
    """The positions of so many events."""
    found = []
    async with reading(topic) as consumer, asyncio.timeout(30):
        async for header, _ in events(consumer, {} if last is None else last, {}, {} if left is None else left):
            found.append(int(header["ce_sequence"]))
            if len(found) == count:
                return sorted(found)
    raise AssertionError("the consumer ended")


async def filled(bench, count=40):
    for number in range(count):
        await bench.put(f"s-{number % 7}", number)
    return (await bench.store.head()).lineage


async def restored(bench, topic, kept, fresh):
    """The log is put back, goes on as another history, and that is published."""
    await bench.restore(kept)
    topic.back_to(kept)
    await filled(bench, fresh)
    present = (await bench.store.lineages())[-1]
    await topic.send(await bench.store.read(kept), present.id, present.began_after)
    await topic.complete(present.id, present.began_after)


async def test_each_event_comes_once_whatever_a_former_owner_repeats(bench, topic, events):
    lineage, log = await filled(bench), await bench.store.read(0)
    await topic.send(log[:25], lineage)
    topic.epoch = 2
    await topic.again(log[:25], lineage)
    await topic.send(log[25:], lineage)
    assert await taken(events, topic, 40) == list(range(1, 41))


@pytest.mark.guarantee("G5")
async def test_a_loss_is_noticed(bench, topic, events):
    lineage = await filled(bench)
    await topic.send(await bench.store.read(0), lineage, losing=(40,))
    await topic.complete(lineage)
    with pytest.raises(LookupError, match="something up to 40 is missing"):
        await taken(events, topic, 40)


async def test_a_restored_log_is_noticed(bench, topic, events):
    lineage = await filled(bench)
    await topic.send(await bench.store.read(0), lineage)
    await topic.complete(lineage)
    await restored(bench, topic, 12, fresh=10)
    left = {}
    with pytest.raises(LookupError, match="restored to 12"):
        await taken(events, topic, 41, left=left)
    assert await taken(events, topic, 22, left=left) == list(range(1, 23)), "whoever begins anew has what the log has"
    await restored(bench, topic, 5, fresh=3)
    with pytest.raises(LookupError, match="restored to 5"):
        await taken(events, topic, 41, left=left)
    assert await taken(events, topic, 8, left=left) == list(range(1, 9))


async def test_after_a_snapshot_nothing_older_comes(bench, topic, events):
    lineage = await filled(bench)
    await topic.send(await bench.store.read(0), lineage)
    assert await taken(events, topic, 10, dict.fromkeys(range(3), 30)) == list(range(31, 41))
