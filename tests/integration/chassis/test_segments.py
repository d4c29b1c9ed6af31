"""A chain that is followed in segments at once is held as strictly as one that is followed in a row."""

import asyncpg
import pytest

from services.chassis.eventstore.bulk import BulkEvent, BulkWriter
from services.chassis.eventstore.segments import verify_in_segments
from services.chassis.eventstore.verify import ChainBroken, Verified
from tests.integration.chassis.conftest import NOON, an_event

EVENTS, SIZE = 40, 10


@pytest.fixture
async def filled(log):
    """A log of forty events."""
    rows = [BulkEvent(f"枫-{number}", 1, an_event(str(number)), NOON) for number in range(EVENTS)]
    await BulkWriter(log.database.pool).write(rows)
    return log


async def follow(log, after=None, processes=2):
    steps = verify_in_segments(log.store, log.database.dsn, after, processes=processes, size=SIZE)
    return [known async for known in steps]


async def harm(log, *statements):
    connection = await asyncpg.connect(log.owner)
    try:
        await connection.execute("alter table log.events disable trigger all")
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_whole_chain_is_followed_to_its_head(filled):
    steps = await follow(filled)
    assert [known.position for known in steps] == [10, 20, 30, 40]
    assert steps[-1].hash == (await filled.store.head()).hash


async def test_a_check_goes_on_where_it_stood(filled):
    steps = await follow(filled)
    assert await follow(filled, after=steps[1]) == steps[2:]


@pytest.mark.parametrize("processes", [1, 2])
async def test_what_was_checked_and_is_another_now_is_found(filled, processes):
    steps = await follow(filled)
    stale = Verified(steps[1].position, bytes(32))
    with pytest.raises(ChainBroken, match="not what it was") as caught:
        await follow(filled, after=stale, processes=processes)
    assert caught.value.position == 20


async def test_a_log_that_is_shorter_than_what_was_checked_is_broken(filled):
    steps = await follow(filled)
    await harm(filled, "delete from log.events where position > 15", "update log.head set position = 15")
    with pytest.raises(ChainBroken, match="missing"):
        await follow(filled, after=steps[1])


@pytest.mark.parametrize(
    ("damage", "position"),
    [
        ("update log.events set data = '{}' where position = 25", 25),
        ("update log.events set hash = sha256(hash) where position = 20", 20),
        ("delete from log.events where position = 20", 20),
        ("delete from log.events where position = 21", 21),
        ("delete from log.events where position between 11 and 20", 11),
        ("update log.events set stream = 'x-' || position where position in (33, 17)", 17),
        ("delete from log.events where position = 40", 40),
    ],
)
async def test_the_first_damage_is_named_wherever_a_segment_ends(filled, damage, position):
    await harm(filled, damage)
    with pytest.raises(ChainBroken) as caught:
        await follow(filled)
    assert caught.value.position == position
    assert str(position) in str(caught.value)


async def test_segments_that_follow_from_a_past_that_never_was_are_found(filled):
    """Rows 21 to 40 and the head are chained anew from another hash, put where one segment ends."""
    rows = [event.columns for event in await filled.store.read(0)]
    from services.chassis.eventstore.archive import linked
    from services.chassis.eventstore.types import Recorded

    tip = bytes(range(32))
    statements = [f"update log.events set hash = '\\x{tip.hex()}' where position = 20"]
    for row in rows[20:]:
        tip = linked(tip, Recorded("registry", *row))
        statements.append(f"update log.events set hash = '\\x{tip.hex()}' where position = {row[0]}")
    await harm(filled, *statements, f"update log.head set hash = '\\x{tip.hex()}'")
    with pytest.raises(ChainBroken) as caught:
        await follow(filled)
    assert caught.value.position == 20
