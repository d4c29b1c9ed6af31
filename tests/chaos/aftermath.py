"""What must hold of an instance over Kafka whatever was done to it, once it has come to rest."""

import asyncio
from collections.abc import Mapping
from typing import Any

from contracts.topics import events_topic
from services.chassis.eventstore.verify import verify
from services.chassis.kafka.messages import decode
from services.chassis.postgres import engine
from services.chassis.projections.rebuild import Rebuild
from services.runtime.cli.common import parts_of
from services.runtime.composition import READS_ALL, Part
from services.runtime.folder import DataFolder
from tests.chaos.flow import Flow, thirds
from tests.chaos.traffic import Traffic
from tests.integration.relay.conftest import judged
from tests.topic_records import topic_records

APPLIED = "select key, stream, first, last from log.commands where key like $1"
INCIDENTS = "select incident, count(*) from casebook.incidents where incident like $1 group by incident"
RAISED = "select count(*) from log.events where type like 'analytics.alert-%'"


async def each_command_is_in_its_log_once(flow: Flow, sent: Traffic) -> None:
    """Every command that was acknowledged, at the position and in the stream that its client was told."""
    assert sent.commands
    assert sent.answered == sent.commands
    for service in {command.service for command in sent.commands}:
        rows = await flow.ask(service, APPLIED, f"{sent.name}-%")
        found = {row["key"]: (row["stream"], row["first"], row["last"]) for row in rows}
        told = {
            each.key: (each.stream, each.position, each.position) for each in sent.commands if each.service == service
        }
        assert found == told
        assert len({position for _, position, _ in found.values()}) == len(found)


async def each_unit_is_told_of_once(flow: Flow, sent: Traffic) -> None:
    """An alert for each unit with three reports, and none for any other."""
    units = {command.unit for command in thirds(sent.commands)}
    alerts = {unit: count for unit, count in flow.alerts.items() if unit.startswith(f"loud-{sent.name}-")}
    assert alerts == dict.fromkeys(units, 1)


async def each_event_is_on_its_topic(kafka: Mapping[str, Any], heads: Mapping[str, int]) -> None:
    """At least once; whoever reads it takes in each once, each stream in order, and finds no hole.

    Args:
        kafka: arguments of aiokafka's clients. heads: the last position of each service's log.
    """
    for service, head in heads.items():
        messages = [(each.partition, decode(each)) for each in await topic_records(kafka, events_topic(service))]
        taken = [judged(messages, partition)[0] for partition in {place for place, _ in messages}]
        assert sorted(position for positions in taken for position in positions) == list(range(1, head + 1))


async def an_embedded_replay_comes_to_the_same(folder: DataFolder, heads: Mapping[str, int], sent: Traffic) -> None:
    """Chains hold; each read model made anew from the logs has the same rows; embedded rules raise no other alert."""
    async with parts_of(folder.path) as parts:
        for name, part in parts.items():
            assert [known.position async for known in verify(part.context.store)][-1] >= heads[name]
            await _read_models_are_equal(part)
        rows = await parts["incidents"].context.database.pool.fetch(INCIDENTS, f"{sent.name}-%")
        reports = [each.key for each in sent.commands if each.service == "incidents"]
        assert {row["incident"]: row["count"] for row in rows} == dict.fromkeys(reports, 1)
        await _rules_find_nothing_else(parts[READS_ALL], heads)


async def _read_models_are_equal(part: Part) -> None:
    owner = engine(part.host.owner_dsn, connections=2)
    try:
        for model in part.service.read_models:
            rebuild = Rebuild(model, owner, part.context.database.dsn, part.context.readers)
            comparison = await rebuild.run(switch=False)
            assert comparison.equal, comparison
            assert sum(comparison.position.values())
    finally:
        await owner.dispose()


async def _rules_find_nothing_else(part: Part, heads: Mapping[str, int]) -> None:
    (rules,) = part.service.followers
    pool, checkpoints = part.context.database.pool, part.context.checkpoints
    before = await pool.fetchval(RAISED)
    assert before
    stop = asyncio.Event()
    running = asyncio.ensure_future(rules.run(stop))
    try:
        async with asyncio.timeout(120):
            while not _reached(await checkpoints.position(rules.name), heads):
                if running.done():
                    running.result()
                await asyncio.sleep(0.1)
    finally:
        stop.set()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert await pool.fetchval(RAISED) == before


def _reached(read: Mapping[str, int], heads: Mapping[str, int]) -> bool:
    return all(read.get(source, 0) >= head for source, head in heads.items() if source != READS_ALL)
